"""Which networks there are."""

from __future__ import annotations

from flask import Response

from pixelift import services
from pixelift.api import envelope
from pixelift.api.blueprints import blueprint
from pixelift.api.schemas.common import Success
from pixelift.api.schemas.model import Model, ModelList
from pixelift.credentials import current
from pixelift.engine import catalogue

api = blueprint("models", "Models", "Networks with their weights.")


@api.get("/models", summary="List models", responses={200: Success[ModelList]})
def index() -> Response:
    """Every network that this installation knows."""
    current()
    items = [_present(model) for model in services.current().shelf.all()]
    return envelope.success(ModelList(items=items, total=len(items)))


def _present(model: catalogue.Model) -> Model:
    return Model(
        name=model.name,
        title=model.title,
        description=model.description,
        architecture=model.architecture,
        native_scale=model.native_scale,
        licence=model.licence,
        size_bytes=model.size_bytes,
        sha256=model.sha256,
        installed=model.installed,
        default=model.name == catalogue.DEFAULT_MODEL,
    )
