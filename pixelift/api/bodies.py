"""What comes in a request: a JSON object, or a form with one file."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import FileStorage

from pixelift.api import envelope
from pixelift.errors import Detail, InvalidRequest, ValidationFailed

Model = TypeVar("Model", bound=BaseModel)


def json(model: type[Model]) -> Model:
    """Raise InvalidRequest, ValidationFailed."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise InvalidRequest("The body is not a JSON object.")
    return _validate(model, body, strict=True)


def form(model: type[Model]) -> Model:
    """Read the fields beside the file. Raises InvalidRequest, ValidationFailed."""
    if request.mimetype != "multipart/form-data":
        raise InvalidRequest("Send multipart/form-data with a file, or application/json with image_url.")
    return _validate(model, _fields(), strict=None)


def file() -> FileStorage:
    """Return the one picture of the form. Raises InvalidRequest, ValidationFailed."""
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


def _fields() -> dict[str, str]:
    fields = request.form.to_dict(flat=False)
    twice = tuple(Detail(name, "is given more than once", "TOO_MANY") for name, sent in fields.items() if len(sent) > 1)
    if twice:
        raise ValidationFailed("Give every field once.", details=twice)
    return {name: sent[0] for name, sent in fields.items()}


def _validate(model: type[Model], data: dict[str, Any], *, strict: bool | None) -> Model:
    """`strict` None leaves it to each model."""
    try:
        return model.model_validate(data, strict=strict)
    except ValidationError as error:
        raise envelope.validation_failed(error) from error
