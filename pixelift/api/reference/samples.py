"""Answers as they may look, made from the examples in the schemas."""

from __future__ import annotations

import json
from typing import Any

from pixelift.api.reference.shapes import name_of

Json = dict[str, Any]


def envelope(document: Json, name: str) -> str:
    return text(document, {"$ref": f"#/components/schemas/{name}"})


def text(document: Json, schema: Json) -> str:
    return json.dumps(sample(document, schema), indent=2, ensure_ascii=False)


def sample(document: Json, schema: Json) -> Any:
    """Return a value that the schema allows."""
    for name in ("examples", "enum"):
        if name in schema:
            return schema[name][0]
    if "const" in schema:
        return schema["const"]
    if name := name_of(schema):
        return sample(document, document["components"]["schemas"][name])
    if options := schema.get("anyOf"):
        return sample(document, options[0])
    if schema.get("type") == "array":
        return [sample(document, schema["items"])]
    return {name: sample(document, each) for name, each in schema.get("properties", {}).items()}
