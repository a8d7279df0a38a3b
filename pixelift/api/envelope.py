"""The one shape of every JSON answer."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from flask import Response, g, jsonify, request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pixelift.api import limiting
from pixelift.errors import Detail, PixeliftError, ValidationFailed

_REQUEST_ID = re.compile(r"[A-Za-z0-9_\-]{8,64}")
DOCS = "/api/v1/docs"
NUMBER, WHOLE = "must be a number", "must be a whole number"
WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not a field that is known here",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "json_invalid": "must be JSON",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entry",
    "string_too_long": "must have at most {max_length} characters",
    "model_type": "must be an object",
    "list_type": "must be a list",
    "is_instance_of": "must be an id",
    "finite_number": NUMBER,
    "float_parsing": NUMBER,
    "float_type": NUMBER,
    "int_parsing": WHOLE,
    "int_type": WHOLE,
    "int_parsing_size": WHOLE,
    "int_from_float": WHOLE,
    "string_type": "must be a text",
    "string_unicode": "must be a text",
    "string_pattern_mismatch": "has signs that no name has",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
}


def success(data: BaseModel | dict[str, Any], status: int = 200) -> Response:
    body = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
    response = jsonify(success=True, data=body, meta=_meta())
    response.status_code = status
    return response


def failure(error: PixeliftError) -> Response:
    body: dict[str, Any] = {"code": error.code, "message": error.message, "docs": f"{DOCS}#{error.code}"}
    if error.details:
        body["details"] = [asdict(detail) for detail in error.details]
    response = jsonify(success=False, error=body, meta=_meta())
    response.status_code = error.status
    return response


def request_id() -> str:
    """Keep the client's own id when it is harmless, else make one."""
    if "request_id" not in g:
        sent = request.headers.get("X-Request-Id", "")
        g.request_id = sent if _REQUEST_ID.fullmatch(sent) else f"req_{uuid4().hex[:24]}"
    made: str = g.request_id
    return made


def validation_failed(error: ValidationError) -> ValidationFailed:
    """Turn pydantic's findings into ours, field by field."""
    details = tuple(
        Detail(".".join(map(str, fault["loc"])) or "body", _words(fault), fault["type"].upper())
        for fault in error.errors(include_url=False, include_input=False)
    )
    first = details[0]
    return ValidationFailed(f"{first.field} {first.detail}.", details=details)


def _words(fault: ErrorDetails) -> str:
    """Say in plain words what pydantic says in its own."""
    words = WORDS.get(fault["type"])
    told = {name: _written(value) for name, value in fault.get("ctx", {}).items()}
    return words.format(**told) if words else fault["msg"][:1].lower() + fault["msg"][1:]


def _written(value: object) -> object:
    """1.0 → 1, 512000000 → 512,000,000."""
    return f"{value:,.10g}" if isinstance(value, int | float) else value


def _meta() -> dict[str, Any]:
    meta: dict[str, Any] = {"requestId": request_id(), "timestamp": rfc3339(datetime.now(UTC))}
    if limit := limiting.current():
        meta["rateLimit"] = {
            "limit": limit.limit,
            "remaining": limit.remaining,
            "reset": rfc3339(datetime.fromtimestamp(limit.reset_s, UTC)),
        }
    return meta


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
