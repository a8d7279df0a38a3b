"""Errands done by one warm engine: while one is computed, the next is read and the last one written."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import click
from rich import filesize

from pixelift.cli.display import Display
from pixelift.cli.errands import Errand
from pixelift.engine.host import Engine, Order, Outcome, Progress
from pixelift.engine.options import Options
from pixelift.errors import ModelNotInstalled, PixeliftError, StorageFull

AT_ONCE = 2
HEED_S = 0.5
HOPELESS = (ModelNotInstalled, StorageFull)  # the next picture would meet the same


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or there is no use in going on."""


class Verdict(StrEnum):
    """What became of an errand."""

    MADE = "made"
    KEPT = "done before"
    FAILED = "failed"


@dataclass(frozen=True)
class Workbench:
    """What goes wrong with one picture keeps no other back."""

    engine: Engine
    options: Options
    display: Display
    _stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, errands: list[Errand], *, anew: bool) -> Counter[Verdict]:
        """Make what is not done yet, or all of it `anew`. Raises ModelNotInstalled, StorageFull."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            work = [pool.submit(self._do, errand, anew=anew) for errand in errands]
            try:
                return Counter(_results(work))
            except BaseException:
                self._stopping.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _do(self, errand: Errand, *, anew: bool) -> Verdict:
        verdict = Verdict.KEPT if errand.is_done and not anew else self._try(errand)
        self.display.end(str(errand.source))
        return verdict

    def _try(self, errand: Errand) -> Verdict:
        try:
            outcome = self._make(errand)
        except HOPELESS:
            raise
        except (PixeliftError, click.ClickException) as error:
            sentence = error.sentence if isinstance(error, PixeliftError) else error.message
            self.display.complain(f"{errand.source}: {sentence}")
            return Verdict.FAILED
        self.display.say(f"{errand.destination}: {summary(outcome)}")
        return Verdict.MADE

    def _make(self, errand: Errand) -> Outcome:
        def hear(news: Progress | None) -> None:
            if self._stopping.is_set():
                raise Stopped
            if news:
                self.display.show(str(errand.source), news.stage, news.percent)

        with _readable(errand.source), _draft_of(errand.destination) as draft:
            return self.engine.run(Order(errand.source, draft, replace(self.options, format=errand.format)), hear)


def _results(work: Collection[Future[Verdict]]) -> Iterator[Verdict]:
    """Yield what is done, and the first error at once.

    A signal that comes just before a wait is not noticed until the wait is over, so none is long.
    """
    left = set(work)
    while left:
        done, left = wait(left, HEED_S, FIRST_EXCEPTION)
        yield from (each.result() for each in done)


def summary(outcome: Outcome) -> str:
    """Return what a line has room for."""
    facts = [f"{outcome.width_px} x {outcome.height_px}", filesize.decimal(outcome.size_bytes)]
    if outcome.face_model and not outcome.faces:
        facts.append("no face found")
    elif outcome.face_model:
        left = Counter(face.reason.replace("_", " ") for face in outcome.faces if face.reason)
        why = f" ({', '.join(f'{count} {reason}' for reason, count in left.items())})" if left else ""
        facts.append(f"{len(outcome.faces) - left.total()} of {len(outcome.faces)} faces restored{why}")
    return ", ".join(facts)


@contextlib.contextmanager
def _readable(source: Path) -> Iterator[None]:
    try:
        source.open("rb").close()
    except OSError as error:
        raise click.ClickException(f"It cannot be read: {error.strerror}.") from error
    yield


@contextlib.contextmanager
def _draft_of(destination: Path) -> Iterator[Path]:
    """Give a path beside the destination to write to; what was at the destination stays until the work succeeded."""
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".pixelift-", dir=destination.parent) as folder:
            draft = Path(folder, destination.name)
            yield draft
            draft.replace(destination)
    except OSError as error:
        raise click.ClickException(f"{destination} cannot be written: {error.strerror}.") from error
