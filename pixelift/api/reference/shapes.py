"""Schemas as rows that people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
MANY = 2**53
REF = "#/components/schemas/"
TYPES = {"date-time": "time, RFC 3339", "uuid": "uuid", "binary": "upload"}


@dataclass(frozen=True)
class Field:
    """`words` say the type and its limits; `shape` names the object that stands there, described elsewhere."""

    name: str
    words: str
    note: str
    tag: str = ""
    shape: str = ""


def named(document: Json) -> dict[str, list[Field]]:
    """Return the objects of the document with their fields; envelopes have their own chapter."""
    schemas = document["components"]["schemas"]
    return {name: fields(schema) for name, schema in schemas.items() if not name.startswith("Success_")}


def fields(schema: Json) -> list[Field]:
    required = schema.get("required", ())
    return [field(name, each, required=name in required) for name, each in schema["properties"].items()]


def field(name: str, schema: Json, *, required: bool, tag: str = "") -> Field:
    tag = tag or ("" if required else "optional")
    return Field(name, _words(schema), schema.get("description", ""), tag, _shape(schema))


def name_of(schema: Json) -> str:
    return str(schema.get("$ref", "")).removeprefix(REF)


def _words(schema: Json) -> str:
    default = None if "$ref" in schema else schema.get("default")  # the shape's fields have theirs
    word = str(default).lower() if isinstance(default, bool) else default
    return _type(schema) + ("" if default is None else f", default {word}")


def _type(schema: Json) -> str:
    if options := schema.get("anyOf") or schema.get("allOf"):
        return " or ".join(dict.fromkeys(_type(option) for option in options))
    if "enum" in schema:
        return " · ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"]).lower()
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    kind = TYPES.get(schema.get("format", "")) or schema.get("type", "any")
    return name_of(schema) or f"{kind}{_limits(schema)}"


def _limits(schema: Json) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None:
        return f", {low:,.9g} or more" if high is None or high > MANY else f", {low:,.9g} to {high:,.9g}"
    bounds = {"minLength": "at least", "maxLength": "at most"}
    return "".join(f", {words} {schema[name]:,} characters" for name, words in bounds.items() if name in schema)


def _shape(schema: Json) -> str:
    inner = [schema.get("items", {}), *schema.get("anyOf", ()), *schema.get("allOf", ())]
    return name_of(schema) or next((name for each in inner if (name := name_of(each))), "")
