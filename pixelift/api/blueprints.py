"""What all resources of the API declare alike."""

from __future__ import annotations

from http import HTTPStatus
from itertools import groupby
from operator import attrgetter
from typing import Any

from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag

from pixelift import errors
from pixelift.api.schemas.common import Failure
from pixelift.errors import PixeliftError

Security = list[dict[str, list[str]]]
PUBLIC: Security = []
SECURITY: Security = [{"key": []}, {"header": []}, {"session": []}]
EVERYWHERE = (
    errors.InvalidRequest,
    errors.Unauthorized,
    errors.RateLimitExceeded,
    errors.InternalError,
    errors.ServiceUnavailable,
)


def blueprint(
    name: str,
    title: str,
    description: str,
    *,
    prefix: str = "/api/v1",
    security: Security = SECURITY,
    always: tuple[type[PixeliftError], ...] = EVERYWHERE,
) -> APIBlueprint:
    """Return where a resource declares its routes; each may answer with the errors of `always`."""
    return APIBlueprint(
        f"api_{name}",
        f"pixelift.api.{name}",
        url_prefix=prefix,
        abp_tags=[Tag(name=title, description=description)],
        abp_security=security,
        abp_responses=refusals(*always),
        operation_id_callback=_operation_id,
    )


def refusals(*kinds: type[PixeliftError]) -> dict[str | int, Any]:
    """Document the answers that these errors give, by status. Their codes are a part of the promise."""
    ordered = sorted(kinds, key=attrgetter("status"))
    return {str(status): _refusal(list(group)) for status, group in groupby(ordered, key=attrgetter("status"))}


def _refusal(kinds: list[type[PixeliftError]]) -> dict[str, Any]:
    codes = {"properties": {"error": {"properties": {"code": {"enum": [kind.code for kind in kinds]}}}}}
    schema = {"allOf": [{"$ref": f"#/components/schemas/{Failure.__name__}"}, codes]}
    description = HTTPStatus(kinds[0].status).phrase
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _operation_id(*, bp_name: str, name: str, **_given: str) -> str:
    return f"{bp_name.removeprefix('api_')}_{name}"
