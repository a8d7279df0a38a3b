"""The Studio: choose pictures and settings, order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pixelift import jobs, services
from pixelift.credentials import Caller
from pixelift.engine import formats
from pixelift.engine.options import Options
from pixelift.errors import ValidationFailed
from pixelift.limits import submission
from pixelift.web import forms
from pixelift.web.blueprint import visitor, wants_fragment, web


@web.get("/")
def studio() -> ResponseReturnValue:
    """Show the form; `again` fills it with the settings and the source of an earlier job."""
    caller = visitor()
    again = request.args.get("again", type=UUID)
    if again is None:
        return _page(caller)
    with services.current().database.session() as session:
        job = jobs.find(session, caller.user, again)
    return _page(caller, chosen=forms.Chosen.of(Options.from_json(job.options)), kept=job.source)


@web.post("/jobs")
@submission
def order() -> ResponseReturnValue:
    """Order one picture for a script, or all of a plain form."""
    caller = visitor()
    try:
        wanted, found = forms.options(request.form), forms.arrivals(request, caller)
    except ValidationFailed as error:
        if wants_fragment():
            raise
        return _page(caller, problems=[("", error.message)]), error.status
    return _order_one(caller, found[0], wanted) if wants_fragment() else _order_all(caller, found, wanted)


def _order_one(caller: Caller, arrival: forms.Arrival, wanted: Options) -> ResponseReturnValue:
    job = arrival.order(caller, wanted)
    response = make_response(render_template("jobs/_row.html", job=job), 201)
    response.headers["Location"] = url_for("web.show", job_id=job.id)
    return response


def _order_all(caller: Caller, found: list[forms.Arrival], wanted: Options) -> ResponseReturnValue:
    made, problems = forms.try_each(found, caller, wanted)
    if problems:
        return _page(caller, chosen=forms.Chosen.of(wanted), problems=problems, made=made), 422
    if len(made) == 1:
        return redirect(url_for("web.show", job_id=made[0].id), 303)
    return redirect(url_for("web.history"), 303)


def _page(caller: Caller, **shown: Any) -> str:
    settings = services.current().settings
    limits = {
        "max_bytes": min(caller.plan.max_bytes, settings.max_upload_bytes),
        "max_pixels": min(caller.plan.max_pixels, settings.max_source_pixels),
    }
    models = services.current().shelf.installed()
    defaults: dict[str, Any] = {"chosen": forms.Chosen(), "kept": None, "problems": [], "made": []}
    qualities = formats.DEFAULT_QUALITY
    return render_template("studio/show.html", limits=limits, models=models, qualities=qualities, **(defaults | shown))
