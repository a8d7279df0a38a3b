"""Order one picture."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from pixelift import errors, images, jobs, services
from pixelift.api import bodies, envelope, limiting, presentation
from pixelift.api.blueprints import blueprint, refusals
from pixelift.api.schemas.common import Success
from pixelift.api.schemas.job import Accepted
from pixelift.api.schemas.upscale import UpscaleByUrl, UpscaleOptions
from pixelift.credentials import Caller, current
from pixelift.engine import formats
from pixelift.engine.options import Options
from pixelift.uploads import Received

api = blueprint("upscale", "Upscale", "Send a picture, get a job.")

FILE = {"type": "string", "format": "binary", "description": f"The picture: {formats.LISTED}."}


def with_file(form: dict[str, Any]) -> dict[str, Any]:
    """Describe a form that has these fields besides the picture."""
    return {
        "schema": {
            **form,
            "properties": {"file": FILE, **form["properties"]},
            "required": ["file", *form.get("required", ())],
        },
        "encoding": {"file": {"contentType": ", ".join(formats.CONTENT_TYPES.values())}},
    }


REQUEST_BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": UpscaleByUrl.model_json_schema()},
        "multipart/form-data": with_file(UpscaleOptions.model_json_schema()),
    },
}
REFUSALS = (
    errors.InvalidRequest,
    errors.Forbidden,
    errors.FileTooLarge,
    errors.ImageTooLarge,
    errors.UnsupportedFormat,
    errors.ValidationFailed,
    errors.InvalidImage,
    errors.ForbiddenUrl,
    errors.FetchFailed,
    errors.ModelNotInstalled,
    errors.StorageFull,
)


@api.post(
    "/upscale",
    summary="Upscale a picture",
    request_body=REQUEST_BODY,
    responses={202: Success[Accepted], **refusals(*REFUSALS)},
)
@limiting.submission
def create() -> Response:
    """One job, from an uploaded file (multipart) or from an address (JSON)."""
    caller = current()
    options, received = _by_url(caller) if request.is_json else _by_file(caller)
    with services.current().database.session() as session:
        source = images.record(session, caller.user, received)
        row = jobs.submit(session, caller.user, source, options, shelf=services.current().shelf, key=caller.key)
        return envelope.success(presentation.accepted(session, row), 202)


def _by_url(caller: Caller) -> tuple[Options, Received]:
    order = bodies.json(UpscaleByUrl)
    return _options(order), services.current().uploads.fetch(order.image_url, caller.plan)


def _by_file(caller: Caller) -> tuple[Options, Received]:
    options = _options(bodies.form(UpscaleOptions))
    file = bodies.file()
    return options, services.current().uploads.receive(file.stream, file.filename or "", caller.plan)


def _options(order: UpscaleOptions) -> Options:
    """Refuse what no picture could make right, before one is received."""
    services.current().shelf.take(order.model)
    return order.to_options()
