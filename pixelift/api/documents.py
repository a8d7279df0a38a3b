"""The OpenAPI document, generated from the code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from flask import Response, current_app, jsonify
from flask_openapi.openapi import OpenAPI
from pydantic import ValidationError

import pixelift
from pixelift import errors
from pixelift.api import envelope, headers
from pixelift.api.blueprints import PUBLIC, blueprint, refusals
from pixelift.api.schemas.common import Failure

Json = dict[str, Any]
SECURITY_SCHEMES: Json = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key, pk_live_…"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key in its own header."},
    "session": {"type": "apiKey", "in": "cookie", "name": "pixelift", "description": "A signed-in browser."},
}
DESCRIPTION = "Send a picture, get a job, follow it, download the result. Every answer has the same envelope."
api = blueprint("documents", "Reference", "What stands here, for programs.", security=PUBLIC)


def build(import_name: str) -> OpenAPI:
    """Return a Flask application that documents itself in OpenAPI 3.1."""
    app = OpenAPI(
        import_name,
        info={
            "title": "Pixelift",
            "version": pixelift.__version__,
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        security_schemes=SECURITY_SCHEMES,
        servers=[{"url": "/"}],
        validation_error_model=Failure,
        validation_error_callback=_refuse,
        doc_ui=False,
    )
    app.openapi_version = "3.1.1"
    return app


def install(app: OpenAPI) -> None:
    """Serve the document; every other resource is registered by now."""
    app.register_api(api)
    document: Json = app.api_doc
    _complete(document)
    app.extensions["pixelift.openapi"] = document


def current() -> Json:
    document: Json = current_app.extensions["pixelift.openapi"]
    return document


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield each operation with its path and its method."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


@api.get(
    "/openapi.json",
    summary="Read the OpenAPI document",
    responses={
        200: {"description": "The document.", "content": {"application/json": {"schema": {"type": "object"}}}},
    },
)
def show() -> Response:
    """This reference, for programs: OpenAPI 3.1, generated from the code that answers you."""
    return jsonify(current())


def _complete(document: Json) -> None:
    """Say what the library cannot know: our answer to a wrong field, and the headers of every answer."""
    document["components"]["headers"] = headers.COMPONENTS
    for path, _method, operation in operations(document):
        operation["description"] = operation["description"].replace("<br/>", "\n")
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _without_null(parameter["schema"])
        if form := operation.get("requestBody", {}).get("content", {}).get("multipart/form-data"):
            fields = form["schema"]["properties"]
            fields.update({name: _without_null(field) for name, field in fields.items()})
        _replace_foreign_refusal(operation)
        for status, response in operation["responses"].items():
            response["headers"] = response.get("headers", {}) | headers.of(path, status)
        operation["responses"] = dict(sorted(operation["responses"].items()))


def _replace_foreign_refusal(operation: Json) -> None:
    """The library documents a list of Failure for 422 wherever nothing else stands, even where nothing can be wrong."""
    status = str(errors.ValidationFailed.status)
    if operation["responses"][status]["content"]["application/json"]["schema"].get("type") == "array":
        del operation["responses"][status]
        if any(parameter["in"] != "path" for parameter in operation.get("parameters", ())):
            operation["responses"] |= refusals(errors.ValidationFailed)


def _without_null(schema: Json) -> Json:
    """Return the schema for a place that cannot carry null: an address, a header, a form."""
    options: list[Json] = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) != 1:
        return schema
    return {name: value for name, value in schema.items() if name != "anyOf"} | options[0]


def _refuse(error: ValidationError) -> NoReturn:
    raise envelope.validation_failed(error)
