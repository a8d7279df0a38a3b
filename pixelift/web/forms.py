"""The pictures that came with the Studio's form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.wrappers import Request

from pixelift import images, jobs, services
from pixelift.credentials import Caller
from pixelift.engine.options import Options
from pixelift.errors import NotFound, PixeliftError, ValidationFailed
from pixelift.models import Image, Job
from pixelift.uploads import Received


@dataclass(frozen=True)
class Arrival:
    """One picture of the form, not looked at yet."""

    name: str
    receive: Callable[[], Received | UUID]

    def order(self, caller: Caller, wanted: Options) -> Job:
        """Raise what receiving and submitting raise."""
        received = self.receive()
        kept = services.current()
        with kept.database.session() as session:
            return jobs.submit(session, caller.user, _source(session, caller, received), wanted, shelf=kept.shelf)


def arrivals(request: Request, caller: Caller) -> list[Arrival]:
    """Raise ValidationFailed when nothing came."""
    found = list(_arrivals(request, caller))
    if not found:
        raise ValidationFailed("Choose a picture first: drop one, paste one, or add one by URL.")
    return found


def _arrivals(request: Request, caller: Caller) -> Iterator[Arrival]:
    uploads, plan = services.current().uploads, caller.plan
    for file in filter(None, request.files.getlist("file")):
        yield Arrival(file.filename or "", partial(uploads.receive, file.stream, file.filename or "", plan))
    for url in filter(None, map(str.strip, request.form.getlist("url"))):
        yield Arrival(url, partial(uploads.fetch, url, plan))
    for source in request.form.getlist("source"):
        yield Arrival("The picture", partial(_uuid, source))


def _source(session: Session, caller: Caller, received: Received | UUID) -> Image:
    if isinstance(received, Received):
        return images.record(session, caller.user, received)
    return images.find(session, caller.user, received)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such picture.") from None


def try_each(found: list[Arrival], caller: Caller, wanted: Options) -> tuple[list[Job], list[tuple[str, str]]]:
    """Order every picture that can be; return the jobs, and [name, sentence] of those that cannot."""
    made, problems = [], []
    for arrival in found:
        try:
            made.append(arrival.order(caller, wanted))
        except PixeliftError as error:
            problems.append((arrival.name, error.message))
    return made, problems
