"""Try settings on a region of a picture before ordering; nothing is kept."""

from __future__ import annotations

from base64 import b64encode
from uuid import UUID

from flask import Response, request

from pixelift import errors, incoming, jobs, previews, services
from pixelift.api import awaiting, bodies, envelope, limiting, upscale
from pixelift.api.blueprints import blueprint, refusals
from pixelift.api.schemas import preview as schemas
from pixelift.api.schemas.common import Success
from pixelift.api.schemas.job import JobError
from pixelift.api.schemas.preview import Variant
from pixelift.credentials import Caller, current
from pixelift.errors import Detail, PreviewTimedOut, ValidationFailed
from pixelift.models import PreviewAnswer
from pixelift.uploads import Piece

api = blueprint("previews", "Previews", "Compare models and settings on a part of a picture.")
JSON_SCHEMA = schemas.PreviewBySource.model_json_schema(ref_template="#/components/schemas/{model}")
FORM_SCHEMA = schemas.PreviewForm.model_json_schema()
REQUEST_BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": {name: each for name, each in JSON_SCHEMA.items() if name != "$defs"}},
        "multipart/form-data": upscale.with_file(FORM_SCHEMA),
    },
}
REFUSALS = (*upscale.REFUSALS, errors.NotFound, errors.JobNotFound)


@api.post(
    "/previews",
    summary="Preview a region",
    request_body=REQUEST_BODY,
    responses={200: Success[schemas.Previews], **refusals(*REFUSALS)},
)
@limiting.preview
def create() -> Response:
    """Up to six settings on up to 512 by 512 pixels, answered when all are made: about the time those pixels cost.

    The answer holds the pictures; nothing is stored, no job is made, and no job of your plan is used up. One preview
    at a time is made for you, beside the jobs. What is not ready in time has the error `PREVIEW_TIMED_OUT`.
    Faces that reach over the edge of the region may not be found in it. In a form, `region` and `variants` are JSON.
    """
    caller, kept = current(), services.current()
    variants, piece = _by_source(caller) if request.is_json else _by_file(caller)
    with kept.database.session() as session:
        wanted = [variant.to_options() for variant in variants]
        row = previews.order(session, caller.user, piece, wanted, shelf=kept.shelf)
    patience = awaiting.Patience(kept.settings.preview_timeout_s)
    found = awaiting.answers(kept.database, kept.hub, row, patience, incoming.has_left)
    return envelope.success(
        schemas.Previews(
            region=schemas.PreviewRegion.of(piece.cut.region),
            source=_picture(piece.shown, piece.cut.region.width_px, piece.cut.region.height_px),
            variants=[_present(variant, found.get(position)) for position, variant in enumerate(variants)],
        )
    )


def _by_source(caller: Caller) -> tuple[list[Variant], Piece]:
    order = bodies.json(schemas.PreviewBySource)
    _require_models(order.variants)
    wanted, uploads = order.region.to_wanted(), services.current().uploads
    match order.image_url, order.job_id:
        case str(url), None:
            return order.variants, uploads.cut_fetched(url, wanted, caller.plan)
        case None, UUID() as job_id:
            with services.current().database.session() as session:
                source = jobs.find(session, caller.user, job_id).source
            return order.variants, uploads.cut_stored(source.blob_key, wanted)
    raise ValidationFailed(
        "Give either image_url or job_id.", details=(Detail("image_url", "or job_id is needed, and not both"),)
    )


def _by_file(caller: Caller) -> tuple[list[Variant], Piece]:
    order = bodies.form(schemas.PreviewForm)
    _require_models(order.variants)
    stream, wanted = bodies.file().stream, order.region.to_wanted()
    return order.variants, services.current().uploads.cut_uploaded(stream, wanted, caller.plan)


def _require_models(variants: list[Variant]) -> None:
    """Look before a picture is fetched and opened for nothing."""
    for position, variant in enumerate(variants):
        try:
            services.current().shelf.take(variant.model)
        except ValidationFailed as error:
            details = (Detail(f"variants.{position}.model", error.message),)
            raise ValidationFailed(error.message, details=details) from error


def _present(variant: Variant, answer: PreviewAnswer | None) -> schemas.PreviewAnswer:
    settings = variant.model_copy(update={"model": services.current().shelf.find(variant.model).name})
    if answer is None:
        reason = PreviewTimedOut()
        error = JobError(code=reason.code, message=reason.message, retryable=reason.retryable)
        return schemas.PreviewAnswer(settings=settings, picture=None, seconds=None, error=error)
    if answer.picture is None or answer.facts is None:
        error = JobError.model_validate(answer.error)
        return schemas.PreviewAnswer(settings=settings, picture=None, seconds=None, error=error)
    facts = answer.facts
    picture = _picture(answer.picture, facts["width_px"], facts["height_px"])
    return schemas.PreviewAnswer(settings=settings, picture=picture, seconds=facts["seconds"], error=None)


def _picture(png: bytes, width_px: int, height_px: int) -> schemas.PreviewPicture:
    data_url = f"data:image/png;base64,{b64encode(png).decode()}"
    return schemas.PreviewPicture(width=width_px, height=height_px, data_url=data_url)
