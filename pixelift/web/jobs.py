"""History, and the page of one job, live while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from pixelift import downloads, events, jobs, services
from pixelift.engine.options import Options
from pixelift.limits import submission
from pixelift.models import User
from pixelift.web import stages
from pixelift.web.blueprint import visitor, web

RETRY_MS = 1_000


@web.get("/jobs/<uuid:job_id>")
def show(job_id: UUID) -> ResponseReturnValue:
    return render_template("jobs/show.html", **_look(visitor().user, job_id))


@web.get("/jobs/<uuid:job_id>/live")
def live(job_id: UUID) -> ResponseReturnValue:
    """Send the page's fragment again whenever something happens, then `ended`."""
    user = visitor().user
    _look(user, job_id)
    return downloads.stream(stream_with_context(_frames(user, job_id)))


@web.post("/jobs/<uuid:job_id>/cancellation")
def cancel(job_id: UUID) -> ResponseReturnValue:
    with services.current().database.session() as session:
        jobs.cancel(session, visitor().user, job_id)
    return redirect(url_for("web.show", job_id=job_id), 303)


@web.post("/jobs/<uuid:job_id>/repetition")
@submission
def repeat(job_id: UUID) -> ResponseReturnValue:
    """Order the same picture with the same settings once more."""
    user = visitor().user
    with services.current().database.session() as session:
        old = jobs.find(session, user, job_id)
        job = jobs.submit(session, user, old.source, Options.from_json(old.options))
    return redirect(url_for("web.show", job_id=job.id), 303)


@web.post("/jobs/<uuid:job_id>/deletion")
def delete(job_id: UUID) -> ResponseReturnValue:
    with services.current().database.session() as session:
        name = jobs.find(session, visitor().user, job_id).source.filename
        jobs.delete(session, visitor().user, job_id)
    flash(f"Deleted {name}.")
    return redirect(url_for("web.history"), 303)


def _look(user: User, job_id: UUID) -> dict[str, Any]:
    """Return what the fragment shows, and `seen`: the newest event that it knows of."""
    with services.current().database.session() as session:
        job = jobs.find(session, user, job_id)
        happened = events.after(session, job_id, 0)
        position = jobs.queue_position(session, job)
    return {"job": job, "seen": happened[-1].id if happened else 0, **stages.describe(job, position)}


def _frames(user: User, job_id: UUID) -> Iterator[str]:
    """Yield a frame at once, then one per change; news in between are merged."""
    yield f"retry: {RETRY_MS}\n\n"
    look = _look(user, job_id)
    yield _frame(look)
    for event in services.current().hub.follow(job_id, look["seen"]):
        if event is None or event.id > look["seen"]:
            look = _look(user, job_id)
            yield _frame(look)
    yield "event: ended\ndata: \n\n"


def _frame(look: dict[str, Any]) -> str:
    lines = render_template("jobs/_frame.html", **look).splitlines()
    return f"id: {look['seen']}\n" + "".join(f"data: {line}\n" for line in lines if line.strip()) + "\n"
