"""Order one picture."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Response, request
from pydantic import ValidationError
from werkzeug.datastructures import FileStorage

from pixelift import errors, images, jobs, services
from pixelift.api import envelope, limiting, presentation
from pixelift.api.blueprints import blueprint, refusals
from pixelift.api.schemas.common import Success
from pixelift.api.schemas.job import Accepted, UpscaleByUrl, UpscaleOptions
from pixelift.credentials import Caller, current
from pixelift.engine import formats
from pixelift.errors import Detail, InvalidRequest, ValidationFailed
from pixelift.uploads import Received

Model = TypeVar("Model", bound=UpscaleOptions)
api = blueprint("upscale", "Upscale", "Send a picture, get a job.")

FILE = {"type": "string", "format": "binary", "description": "The picture: PNG, JPEG, WebP, AVIF, TIFF, BMP or GIF."}
REQUEST_BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": UpscaleByUrl.model_json_schema()},
        "multipart/form-data": {
            "schema": {
                **(form := UpscaleOptions.model_json_schema()),
                "properties": {"file": FILE, **form["properties"]},
                "required": ["file"],
            },
            "encoding": {"file": {"contentType": ", ".join(formats.CONTENT_TYPES.values())}},
        },
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
        row = jobs.submit(
            session, caller.user, source, options.to_options(), shelf=services.current().shelf, key=caller.key
        )
        return envelope.success(presentation.accepted(session, row), 202)


def _by_url(caller: Caller) -> tuple[UpscaleOptions, Received]:
    body = request.get_json()
    if not isinstance(body, dict):
        raise InvalidRequest("The body is not a JSON object.")
    order = _validate(UpscaleByUrl, body, strict=True)
    services.current().shelf.find(order.model)
    return order, services.current().uploads.fetch(order.image_url, caller.plan)


def _by_file(caller: Caller) -> tuple[UpscaleOptions, Received]:
    if request.mimetype != "multipart/form-data":
        raise InvalidRequest("Send multipart/form-data with a file, or application/json with image_url.")
    order = _validate(UpscaleOptions, _fields(), strict=False)
    services.current().shelf.find(order.model)
    file = _only_file()
    return order, services.current().uploads.receive(file.stream, file.filename or "", caller.plan)


def _fields() -> dict[str, str]:
    fields = request.form.to_dict(flat=False)
    twice = tuple(Detail(name, "is given more than once", "TOO_MANY") for name, sent in fields.items() if len(sent) > 1)
    if twice:
        raise ValidationFailed("Give every field once.", details=twice)
    return {name: sent[0] for name, sent in fields.items()}


def _only_file() -> FileStorage:
    files = request.files.to_dict(flat=False)
    sent = files.pop("file", [])
    if not (files or sent or request.form):
        raise InvalidRequest("The form could not be read: it is cut off, or its boundary is wrong.")
    if files or len(sent) != 1:
        raise ValidationFailed(
            "Send exactly one picture, in the field file.",
            details=(Detail("file", "exactly one file is needed", "MISSING" if not sent else "TOO_MANY"),),
        )
    return sent[0]


def _validate(model: type[Model], data: dict[str, Any], *, strict: bool) -> Model:
    try:
        return model.model_validate(data, strict=strict)
    except ValidationError as error:
        raise envelope.validation_failed(error) from error
