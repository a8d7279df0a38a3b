"""Jobs: look, follow, fetch the result, cancel."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from pixelift import credentials, downloads, events, jobs, services
from pixelift.api import envelope, presentation
from pixelift.api.blueprints import blueprint, refusals
from pixelift.api.headers import refer
from pixelift.api.schemas.common import Success
from pixelift.api.schemas.job import EventsHeader, Job, JobPage, JobPath, JobQuery, StreamedEvent
from pixelift.credentials import Caller, current
from pixelift.db import Database
from pixelift.errors import (
    Conflict,
    Forbidden,
    JobNotCancellable,
    JobNotFound,
    NotFound,
    RangeNotSatisfiable,
    ServiceUnavailable,
)
from pixelift.models import ENDED, Event

RETRY_MS = 2_000
MISSING = refusals(NotFound, JobNotFound)
PICTURE = {"image/*": {"schema": {"type": "string", "format": "binary"}}}
FILE_HEADERS = refer("Content-Disposition", "ETag")
api = blueprint("jobs", "Jobs", "What you ordered, and how far it is.")


@api.get("/jobs", summary="List jobs", responses={200: Success[JobPage]})
def index(query: JobQuery) -> Response:
    """Your jobs, newest first."""
    with services.current().database.session() as session:
        wanted = jobs.Filter(status=query.status, model=query.model)
        found = jobs.search(session, current().user, wanted, page=query.page, size=query.size)
        return envelope.success(presentation.page(session, found))


@api.get("/jobs/<uuid:job_id>", summary="Show a job", responses={200: Success[Job], **MISSING})
def show(path: JobPath) -> Response:
    """State, progress and, when it has ended, the result or the error."""
    with services.current().database.session() as session:
        row = jobs.find(session, current().user, path.job_id)
        return envelope.success(presentation.job(session, row))


@api.delete(
    "/jobs/<uuid:job_id>",
    summary="Cancel a job",
    responses={200: Success[Job], **MISSING, **refusals(Forbidden, JobNotCancellable)},
)
def cancel(path: JobPath) -> Response:
    """A waiting job never starts; a running one stops within two seconds."""
    with services.current().database.session() as session:
        row = jobs.cancel(session, current().user, path.job_id)
        return envelope.success(presentation.job(session, row))


@api.get(
    "/jobs/<uuid:job_id>/result",
    summary="Download the result",
    responses={
        200: {"description": "The picture.", "headers": FILE_HEADERS, "content": PICTURE},
        206: {"description": "A part.", "headers": {**FILE_HEADERS, **refer("Content-Range")}, "content": PICTURE},
        304: {"description": "You have it already.", "headers": refer("ETag")},
        **MISSING,
        **refusals(Conflict, RangeNotSatisfiable),
    },
)
def result(path: JobPath) -> AnyResponse:
    """The file itself; ranges and If-None-Match are honoured."""
    with services.current().database.session() as session:
        row = jobs.find(session, current().user, path.job_id)
    if row.result is None:
        raise Conflict(f"This job is {row.status}: there is no result to download.")
    return downloads.send(row.result)


@api.get(
    "/jobs/<uuid:job_id>/events",
    summary="Stream a job's events",
    responses={
        200: {
            "description": "Server-sent events.",
            "content": {"text/event-stream": {"schema": StreamedEvent.model_json_schema()}},
        },
        204: {"description": "You have seen the last event."},
        **MISSING,
    },
)
def follow(path: JobPath, header: EventsHeader) -> Response:
    """Server-sent events from the job's log, ending after its last one.

    `Last-Event-ID` replays what was missed, over restarts too.
    """
    with services.current().database.session() as session:
        row = jobs.find(session, current().user, path.job_id)
        newest = events.newest(session, row.id)
    seen = min(header.last_event_id, newest)
    if row.status in ENDED and seen == newest:
        return Response(status=204)  # browsers come back to a stream that ended, until they are told this
    hub = services.current().hub
    return downloads.stream(_lines(hub.database, current(), hub.follow(row, seen)))


def _lines(database: Database, caller: Caller, happenings: Iterator[Event | None]) -> Iterator[str]:
    """Break off when the credential was taken away, or nobody can tell; the client comes again and is told why."""
    yield f"retry: {RETRY_MS}\n\n"
    with contextlib.suppress(ServiceUnavailable):
        for event in happenings:
            if not credentials.holds(database, caller):
                return
            yield _line(event) if event else ": still here\n\n"


def _line(event: Event) -> str:
    data = {"job_id": str(event.job_id), "at": envelope.rfc3339(event.created_at), **event.data}
    return f"id: {event.id}\nevent: {event.type}\ndata: {json.dumps(data)}\n\n"
