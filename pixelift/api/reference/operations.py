"""Operations of the OpenAPI document, as the reference shows them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pixelift.api import documents
from pixelift.api.reference import examples, samples, shapes
from pixelift.api.reference.examples import Call
from pixelift.api.reference.shapes import Field

Json = dict[str, Any]
EVENTS, PICTURES, FORM, JSON = "text/event-stream", "image/*", "multipart/form-data", "application/json"


@dataclass(frozen=True)
class Answer:
    status: str
    words: str
    shape: str
    codes: list[str]


@dataclass(frozen=True)
class Operation:
    id: str
    verb: str
    path: str
    title: str
    text: str
    parameters: list[Field]
    body: list[Field]
    body_sample: str
    answers: list[Answer]
    answer_sample: str
    examples: dict[str, str]


def grouped(document: Json, base: str) -> dict[str, list[Operation]]:
    """Return the operations by the title of their group, in the document's order."""
    groups = defaultdict(list)
    for path, method, operation in documents.operations(document):
        groups[operation["tags"][0]].append(_read(document, base, path, method, operation))
    return groups


def _read(document: Json, base: str, path: str, method: str, operation: Json) -> Operation:
    body = operation.get("requestBody", {}).get("content", {})
    good = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    return Operation(
        id=operation["operationId"],
        verb=method.upper(),
        path=path,
        title=operation["summary"],
        text=operation["description"],
        parameters=[_parameter(each) for each in operation.get("parameters", ())],
        body=_body(body),
        body_sample=_body_sample(document, body),
        answers=[_answer(status, answer) for status, answer in operation["responses"].items()],
        answer_sample=_answer_sample(document, good),
        examples=examples.of(_call(document, base + path, method, operation, good)),
    )


def _parameter(parameter: Json) -> Field:
    name, place = parameter["name"], parameter["in"]
    tag = {"path": "in the path", "header": "header", "query": "query"}[place]
    return shapes.field(name, parameter["schema"], required=parameter["required"], tag=tag)


def _body(body: Json) -> list[Field]:
    """Return the fields of all ways to send it; one that a single way has is one of several.

    Where JSON and form differ, JSON says more: a form has texts in place of lists and objects.
    """
    ways = [media["schema"] for media in body.values()]
    found = {name: each for schema in reversed(ways) for name, each in schema["properties"].items()}
    shared = set.intersection(*(set(schema["properties"]) for schema in ways)) if ways else set()
    either = " or ".join(name for name in found if name not in shared)
    return [
        shapes.field(name, each, required=_is_required(name, ways), tag="" if name in shared else either)
        for name, each in sorted(found.items(), key=lambda item: item[0] in shared)
    ]


def _is_required(name: str, ways: list[Json]) -> bool:
    return all(name in schema.get("required", ()) for schema in ways)


def _body_sample(document: Json, body: Json) -> str:
    return samples.text(document, _only_examples(body[JSON]["schema"])) if JSON in body else ""


def _answer(status: str, answer: Json) -> Answer:
    schema = answer.get("content", {}).get(JSON, {}).get("schema", {})
    codes = [each for part in schema.get("allOf", ())[1:] for each in _codes(part)]
    name = shapes.name_of(schema)
    return Answer(status, answer["description"], name.removeprefix("Success_").removesuffix("_"), codes)


def _codes(schema: Json) -> list[str]:
    codes: list[str] = schema["properties"]["error"]["properties"]["code"]["enum"]
    return codes


def _answer_sample(document: Json, answer: Json) -> str:
    content = answer.get("content", {})
    if EVENTS in content:
        event = samples.sample(document, content[EVENTS]["schema"])
        return "\n".join(f"{name}: {event[name]}" for name in ("id", "event", "data"))
    schema = content.get(JSON, {}).get("schema", {})
    return samples.text(document, schema) if "$ref" in schema else ""


def _call(document: Json, url: str, method: str, operation: Json, good: Json) -> Call:
    content = good.get("content", {})
    query = {
        each["name"]: each["schema"]["examples"][0]
        for each in operation.get("parameters", ())
        if each["in"] == "query" and "examples" in each["schema"]
    }
    form = operation.get("requestBody", {}).get("content", {}).get(FORM)
    return Call(
        verb=method.upper(),
        url=f"{url}?{urlencode(query)}" if query else url,
        is_public=not operation.get("security"),
        form=samples.sample(document, _only_examples(form["schema"])) if form else {},
        answer="stream" if EVENTS in content else "picture" if PICTURES in content else "json",
    )


def _only_examples(schema: Json) -> Json:
    return {"properties": {name: each for name, each in schema["properties"].items() if "examples" in each}}
