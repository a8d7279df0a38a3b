"""The Studio: choose pictures and settings, order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pixelift import jobs, services, speeds
from pixelift.credentials import Caller
from pixelift.engine import formats
from pixelift.engine.catalogue import DEFAULT_MODEL, Kind
from pixelift.engine.options import Options
from pixelift.errors import ValidationFailed
from pixelift.limits import submission
from pixelift.web import forms
from pixelift.web.blueprint import YEAR_S, visitor, wants_fragment, web
from pixelift.web.choices import MULTIPLES, Choices

COOKIE = "studio"
ACCEPTED = ",".join(
    [
        *formats.CONTENT_TYPES.values(),
        *(f".{end}" for end in sorted({*formats.EXTENSIONS, *formats.EXTENSIONS.values()})),
    ]
)


@web.get("/")
def studio() -> ResponseReturnValue:
    """Show the form as it was left; `again` fills it with the settings and the source of an earlier job."""
    caller = visitor()
    again = request.args.get("again", type=UUID)
    if again is None:
        return _page(caller, Choices.remembered(request.cookies.get(COOKIE, "")))
    with services.current().database.session() as session:
        job = jobs.find(session, caller.user, again)
    return _page(caller, Choices.of(job.wanted), kept=job.source)


@web.post("/jobs")
@submission
def order() -> ResponseReturnValue:
    """Order one picture for a script, or all of a plain form; remember the settings."""
    caller, chosen = visitor(), Choices.typed(request.form)
    try:
        wanted, found = chosen.options(), forms.arrivals(request, caller)
        services.current().shelf.find(wanted.model)
    except ValidationFailed as error:
        if wants_fragment():
            raise
        return _page(caller, chosen, fault=error), error.status
    done = _order_one(caller, found[0], wanted) if wants_fragment() else _order_all(caller, found, wanted, chosen)
    done.set_cookie(COOKIE, chosen.cookie, max_age=YEAR_S, samesite="Lax", httponly=True)
    return done


def _order_one(caller: Caller, arrival: forms.Arrival, wanted: Options) -> Response:
    job = arrival.order(caller, wanted)
    response = make_response(render_template("jobs/_row.html", job=job), 201)
    response.headers["Location"] = url_for("web.show", job_id=job.id)
    return response


def _order_all(caller: Caller, found: list[forms.Arrival], wanted: Options, chosen: Choices) -> Response:
    made, problems = forms.try_each(found, caller, wanted)
    if problems:
        return make_response(_page(caller, chosen, problems=problems, made=made), 422)
    where = url_for("web.show", job_id=made[0].id) if len(made) == 1 else url_for("web.history")
    return make_response(redirect(where, 303))


def _page(caller: Caller, chosen: Choices, **shown: Any) -> str:
    """Render the form. `fault` is about a field, `problems` are about pictures, `made` are the jobs of the others."""
    shelf, settings = services.current().shelf, services.current().settings
    limits = {
        "max_bytes": min(caller.plan.max_bytes, settings.max_upload_bytes),
        "max_pixels": min(caller.plan.max_pixels, settings.max_source_pixels),
    }
    with services.current().database.session() as session:
        known = {model: found[0].mpx_per_s for model, found in speeds.by_model(session).items()}
    models = shelf.installed()
    if chosen.model not in {model.name for model in models}:
        chosen = replace(chosen, model=DEFAULT_MODEL)
    return render_template(
        "studio/show.html",
        chosen=chosen,
        limits=limits,
        models=models,
        speeds=known,
        face_models=shelf.all(Kind.FACE),
        accepted=ACCEPTED,
        formats=formats,
        multiples=MULTIPLES,
        **{"kept": None, "fault": None, "problems": [], "made": []} | shown,
    )
