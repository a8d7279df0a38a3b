"""What all resources of the API declare alike."""

from __future__ import annotations

from typing import Any

from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag

from pixelift.api.schemas.common import Failure

SECURITY: list[dict[str, list[str]]] = [{"key": []}, {"header": []}, {"session": []}]
FAILURES = {
    400: "The request cannot be read.",
    401: "No credential, or a bad one.",
    404: "Missing, or not yours.",
    429: "A limit is reached; Retry-After says when to come back.",
    500: "Ours. Nothing half-done is left.",
    503: "Starting, or the database is away; Retry-After says when to come back.",
}


def blueprint(name: str, title: str, description: str) -> APIBlueprint:
    return APIBlueprint(
        f"api_{name}",
        f"pixelift.api.{name}",
        url_prefix="/api/v1",
        abp_tags=[Tag(name=title, description=description)],
        abp_security=SECURITY,
        abp_responses={str(status): failure(words) for status, words in FAILURES.items()},
    )


def failure(description: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{Failure.__name__}"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
