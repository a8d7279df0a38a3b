"""History, and the page of one job, live while it runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from pixelift import credentials, downloads, events, jobs, services
from pixelift.credentials import Caller
from pixelift.engine.catalogue import Kind
from pixelift.errors import PixeliftError
from pixelift.limits import submission
from pixelift.models import Event, User
from pixelift.web import choices, outcomes, stages
from pixelift.web.blueprint import visitor, web

RETRY_MS = 1_000
PLACE_EVERY_S = 3.0  # the place in line changes without an event of this job


@web.get("/jobs/<uuid:job_id>")
def show(job_id: UUID) -> ResponseReturnValue:
    shelf = services.current().shelf
    tried = {"models": shelf.installed(), "face_models": shelf.all(Kind.FACE)}
    return render_template("jobs/show.html", **tried, **_look(visitor().user, job_id))


@web.get("/jobs/<uuid:job_id>/live")
def live(job_id: UUID) -> ResponseReturnValue:
    """Send the page's fragment again whenever something happens, then `ended`."""
    user = visitor().user
    with services.current().database.session() as session:
        job = jobs.find(session, user, job_id)
        seen = events.newest(session, job_id)
    news = services.current().hub.follow(job, seen, silence_s=PLACE_EVERY_S)
    return downloads.stream(stream_with_context(_frames(visitor(), job_id, seen, news)))


@web.post("/jobs/<uuid:job_id>/cancellation")
def cancel(job_id: UUID) -> ResponseReturnValue:
    with services.current().database.session() as session:
        jobs.cancel(session, visitor().user, job_id)
    return redirect(url_for("web.show", job_id=job_id), 303)


@web.post("/jobs/<uuid:job_id>/repetition")
@submission
def repeat(job_id: UUID) -> ResponseReturnValue:
    """Order the same picture once more, with the same settings but for those that are given."""
    user = visitor().user
    with services.current().database.session() as session:
        old = jobs.find(session, user, job_id)
        wanted = choices.changed(old.wanted, request.form)
        job = jobs.submit(session, user, old.source, wanted, shelf=services.current().shelf)
    return redirect(url_for("web.show", job_id=job.id), 303)


@web.post("/jobs/<uuid:job_id>/deletion")
def delete(job_id: UUID) -> ResponseReturnValue:
    with services.current().database.session() as session:
        name = jobs.find(session, visitor().user, job_id).source.filename
        jobs.delete(session, visitor().user, job_id)
    flash(f"Deleted {name}.")
    return redirect(url_for("web.history"), 303)


def _look(user: User, job_id: UUID) -> dict[str, Any]:
    """Return what the fragment shows."""
    with services.current().database.session() as session:
        job = jobs.find(session, user, job_id)
        position = jobs.queue_position(session, job)
    return {"job": job, **stages.describe(job, position), **outcomes.describe(job)}


def _frames(caller: Caller, job_id: UUID, seen: int, news: Iterator[Event | None]) -> Iterator[str]:
    """Yield a frame at once, so that a page that was away is right again, then one per change.

    When the database or the job goes away the stream breaks off, and the browser comes again.
    """
    yield f"retry: {RETRY_MS}\n\n"
    with contextlib.suppress(PixeliftError):
        look, sent = _look(caller.user, job_id), ""
        while credentials.holds(services.current().database, caller):
            frame = render_template("jobs/_frame.html", **look)
            yield _message(seen, frame) if frame != sent else ": still here\n\n"
            if look["job"].has_ended:
                break
            event = next(news)
            seen, sent = event.id if event else seen, frame
            look = _look(caller.user, job_id)
        yield "event: ended\ndata: \n\n"


def _message(event_id: int, html: str) -> str:
    return f"id: {event_id}\n" + "".join(f"data: {line}\n" for line in html.splitlines() if line.strip()) + "\n"
