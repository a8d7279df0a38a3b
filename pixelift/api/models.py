"""Which networks there are."""

from __future__ import annotations

from flask import Response

from pixelift import models, services, speeds
from pixelift.api import envelope
from pixelift.api.blueprints import blueprint
from pixelift.api.schemas.common import Success
from pixelift.api.schemas.model import Model, ModelList, Speed
from pixelift.credentials import current
from pixelift.engine import catalogue

api = blueprint("models", "Models", "Networks with their weights.")


@api.get("/models", summary="List models", responses={200: Success[ModelList]})
def index() -> Response:
    """Every network that this installation knows."""
    current()
    kept = services.current()
    with kept.database.session() as session:
        known = speeds.by_model(session)
    items = [_present(model, known.get(model.name, [])) for model in kept.shelf.all()]
    return envelope.success(ModelList(items=items, total=len(items)))


def _present(model: catalogue.Model, measured: list[models.Speed]) -> Model:
    return Model(
        name=model.name,
        title=model.title,
        description=model.description,
        kind=model.kind.value,
        architecture=model.architecture,
        native_scale=model.native_scale,
        licence=model.licence,
        size_bytes=model.size_bytes,
        sha256=model.sha256,
        installed=model.installed,
        install=model.remedy,
        terms=model.terms,
        default=model.name == catalogue.DEFAULT_MODEL,
        speeds=[_speed(each) for each in measured],
    )


def _speed(row: models.Speed) -> Speed:
    return Speed(
        device=row.device,
        precision=row.precision,
        megapixels_per_second=float(f"{row.mpx_per_s:.3g}"),
        pictures=row.pictures,
        measured_at=row.measured_at,
    )
