"""The OpenAPI document, generated from the code."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import Response, jsonify
from flask_openapi.openapi import OpenAPI
from pydantic import ValidationError

import pixelift
from pixelift.api import envelope
from pixelift.api.schemas.common import Failure

SECURITY_SCHEMES: dict[str, Any] = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key, pk_live_…"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key in its own header."},
    "session": {"type": "apiKey", "in": "cookie", "name": "pixelift", "description": "A signed-in browser."},
}
DESCRIPTION = "Send a picture, get a job, follow it, download the result. Every answer has the same envelope."


def build(import_name: str) -> OpenAPI:
    """Return a Flask application that documents itself in OpenAPI 3.1."""
    app = OpenAPI(
        import_name,
        info={"title": "Pixelift", "version": pixelift.__version__, "description": DESCRIPTION},
        security_schemes=SECURITY_SCHEMES,
        servers=[{"url": "/"}],
        validation_error_model=Failure,
        validation_error_callback=_refuse,
        doc_ui=False,
    )
    app.openapi_version = "3.1.1"
    return app


def install(app: OpenAPI) -> None:
    @app.get("/api/v1/openapi.json", doc_ui=False)
    def openapi() -> Response:
        return jsonify(_document(app))


def _document(app: OpenAPI) -> dict[str, object]:
    """Return the document; 422 answers are ours, not the library's list."""
    document: dict[str, object] = app.api_doc
    return document


def _refuse(error: ValidationError) -> NoReturn:
    raise envelope.validation_failed(error)
