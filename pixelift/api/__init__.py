"""The JSON skin: parse, one domain call, render."""

from __future__ import annotations

from flask_openapi.openapi import OpenAPI

from pixelift.api import documents, headers, health, jobs, models, previews, reference, upscale

PREFIXES = ("/api/", "/health")


def install(app: OpenAPI) -> None:
    for resource in (upscale, previews, jobs, models, health):
        app.register_api(resource.api)
    documents.install(app)
    reference.install(app)
    app.after_request(headers.name_methods)


def serves(path: str) -> bool:
    return path.startswith(PREFIXES)
