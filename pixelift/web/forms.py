"""The Studio's form: what was chosen, and the pictures that came with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Request

from pixelift import images, jobs, services
from pixelift.credentials import Caller
from pixelift.engine import catalogue, formats
from pixelift.engine.options import MAX_SCALE, MIN_SCALE, Format, Options
from pixelift.errors import NotFound, PixeliftError, ValidationFailed
from pixelift.models import Image, Job
from pixelift.uploads import Received

DEFAULT_QUALITY = 90


@dataclass(frozen=True)
class Chosen:
    """What the form's fields show."""

    scale: str = "4"
    model: str = catalogue.DEFAULT_MODEL
    format: str = ""
    quality: int = DEFAULT_QUALITY

    @classmethod
    def of(cls, options: Options) -> Chosen:
        return cls(
            scale=f"{options.scale:g}",
            model=options.model or catalogue.DEFAULT_MODEL,
            format=options.format or "",
            quality=options.quality or formats.DEFAULT_QUALITY.get(options.format or Format.PNG, DEFAULT_QUALITY),
        )


def options(form: ImmutableMultiDict[str, str]) -> Options:
    """Raise ValidationFailed, with a sentence for the field."""
    chosen = form.get("format") or None
    if chosen and chosen not in set(Format):
        raise ValidationFailed("Choose a format from the list.")
    is_lossy = chosen in formats.DEFAULT_QUALITY
    return Options(
        scale=_scale(form),
        model=services.current().shelf.find(form.get("model") or None).name,
        format=Format(chosen) if chosen else None,
        quality=form.get("quality", type=int) if is_lossy else None,
    )


def _scale(form: ImmutableMultiDict[str, str]) -> float:
    field = "own_scale" if form.get("scale") == "other" else "scale"
    try:
        scale = float(form.get(field, "4").replace(",", "."))
    except ValueError:
        scale = 0
    if not MIN_SCALE <= scale <= MAX_SCALE:
        raise ValidationFailed(f"Choose a size from {MIN_SCALE} to {MAX_SCALE} times.")
    return scale


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
