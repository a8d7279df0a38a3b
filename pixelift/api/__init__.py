"""The JSON skin: parse, one domain call, render."""

from __future__ import annotations

from flask_openapi.openapi import OpenAPI

from pixelift.api import documents, jobs, models, upscale
from pixelift.api.health import health

PREFIXES = ("/api/", "/health")


def install(app: OpenAPI) -> None:
    for resource in (upscale, jobs, models):
        app.register_api(resource.api)
    app.register_blueprint(health)
    documents.install(app)


def serves(path: str) -> bool:
    return path.startswith(PREFIXES)
