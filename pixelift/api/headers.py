"""Headers that answers carry, and how the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from werkzeug.exceptions import MethodNotAllowed

NUMBER = {"type": "integer", "minimum": 0}
COMPONENTS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "Names this request in our logs. Yours is kept if it has 8 to 64 letters, digits, - or _.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$", "examples": ["req_5f0c2a9be13d4478a6c1e2f0"]},
    },
    "X-RateLimit-Limit": {"description": "Requests in the tightest window.", "schema": NUMBER},
    "X-RateLimit-Remaining": {"description": "Requests left in that window.", "schema": NUMBER},
    "X-RateLimit-Reset": {"description": "When that window starts anew, in Unix seconds.", "schema": NUMBER},
    "RateLimit-Policy": {
        "description": "All windows: q requests in w seconds (draft-ietf-httpapi-ratelimit-headers).",
        "schema": {"type": "string", "examples": ['"reads-by-caller-per-minute";q=600;w=60']},
    },
    "RateLimit": {
        "description": "How each window stands: r requests left, t seconds to go.",
        "schema": {"type": "string", "examples": ['"reads-by-caller-per-minute";r=599;t=60']},
    },
    "Retry-After": {"description": "Seconds to wait before you try again.", "required": True, "schema": NUMBER},
    "Content-Disposition": {
        "description": "The name to save the file under.",
        "schema": {"type": "string", "examples": ["attachment; filename=photo-4x.jpg"]},
    },
    "ETag": {
        "description": "Send it back as If-None-Match to be answered 304 instead of the same bytes.",
        "schema": {"type": "string", "examples": ['"9f86d081884c7d65"']},
    },
    "Content-Range": {
        "description": "Which bytes these are, and of how many.",
        "schema": {"type": "string", "examples": ["bytes 0-1023/245760"]},
    },
}
COUNTED = "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit-Policy", "RateLimit"
WAIT = "429", "503"


def of(path: str, status: str) -> dict[str, dict[str, str]]:
    """Return what every answer of this status carries at this path."""
    if not path.startswith("/api/"):
        return refer("X-Request-Id")
    return refer("X-Request-Id", *COUNTED, *(["Retry-After"] if status in WAIT else []))


def name_methods(response: Response) -> Response:
    """Say what is allowed when a method is not, as RFC 9110 demands."""
    wrong = request.routing_exception
    if isinstance(wrong, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(wrong.valid_methods or ()))
    return response


def refer(*names: str) -> dict[str, dict[str, str]]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
