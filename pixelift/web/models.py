"""The networks: what each is good for, how fast it is here, and what brings the missing ones."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from pixelift import services, speeds
from pixelift.engine.catalogue import DEFAULT_MODEL, Kind
from pixelift.web.blueprint import visitor, web


@web.get("/models")
def model_list() -> ResponseReturnValue:
    visitor()
    kept = services.current()
    with kept.database.session() as session:
        known = speeds.by_model(session)
    shelf = kept.shelf.all()
    upscaling = [model for model in shelf if model.kind is Kind.UPSCALE]
    serving = [model for model in shelf if model.kind is not Kind.UPSCALE]
    groups = (("Enlarging", upscaling), ("Faces", serving))
    return render_template("models/index.html", groups=groups, speeds=known, default=DEFAULT_MODEL)
