"""What a worker does with a preview: every variant through the engine, each answered as soon as it is there."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog

from pixelift import previews
from pixelift.engine.host import Order, Outcome, Progress
from pixelift.engine.options import Format, Options
from pixelift.engine.regions import Region
from pixelift.errors import InternalError, PixeliftError, WorkerLost
from pixelift.models import Preview
from pixelift.processing import Stopping, Workshop

LOOK_EVERY_S = 0.5
log = structlog.get_logger()


class NotAwaited(Exception):
    """Whoever waited is gone."""


def make(workshop: Workshop, preview_id: UUID) -> None:
    """Answer all variants of a preview, unless nobody waits for it."""
    with workshop.database.session() as session:
        preview = previews.claim(session, preview_id)
    if preview is None:
        return
    try:
        with tempfile.TemporaryDirectory(dir=workshop.scratch_dir, prefix="preview-") as folder:
            source = Path(folder) / "source"
            source.write_bytes(preview.source)
            for position in range(len(preview.variants)):
                Attempt(workshop, preview, position, source).run()
    except NotAwaited:
        log.info("preview left: nobody waits for it", preview=str(preview_id))


@dataclass
class Attempt:
    """One variant; it hears from the engine at least twice a second."""

    workshop: Workshop
    preview: Preview
    position: int
    source: Path
    looked_at_s: float = 0.0

    def run(self) -> None:
        """Raise NotAwaited."""
        try:
            self(None)
            began_s = time.monotonic()
            result = self.source.with_name(f"result-{self.position}")
            outcome = self.workshop.engine.run(self._order(result), self)
            self._answer(outcome, result.read_bytes(), time.monotonic() - began_s)
        except Stopping:
            self._fail(WorkerLost("The worker was restarted. Ask again."))
        except PixeliftError as error:
            self._fail(error)
        except NotAwaited:
            raise
        except Exception:  # the task's edge: whatever broke, who waits must hear of it
            log.exception("preview broke", preview=str(self.preview.id))
            self._fail(InternalError())

    def __call__(self, _progress: Progress | None) -> None:
        if self.workshop.stopping.is_set():
            raise Stopping
        if time.monotonic() - self.looked_at_s >= LOOK_EVERY_S:
            self.looked_at_s = time.monotonic()
            with self.workshop.database.session() as session:
                _insist(awaited=previews.is_awaited(session, self.preview.id))

    def _order(self, destination: Path) -> Order:
        options = Options.from_json({**self.preview.variants[self.position], "format": Format.PNG})
        return Order(self.source, destination, options, part=Region(**self.preview.part))

    def _answer(self, outcome: Outcome, picture: bytes, seconds: float) -> None:
        facts = {"width_px": outcome.width_px, "height_px": outcome.height_px, "seconds": round(seconds, 3)}
        with self.workshop.database.session() as session:
            _insist(awaited=previews.answer(session, self.preview.id, self.position, picture=picture, facts=facts))

    def _fail(self, error: PixeliftError) -> None:
        with self.workshop.database.session() as session:
            _insist(awaited=previews.fail(session, self.preview.id, self.position, error))


def _insist(*, awaited: bool) -> None:
    if not awaited:
        raise NotAwaited
