"""Errands done one after the other by one warm engine."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich import filesize

from pixelift.cli.display import Display
from pixelift.cli.errands import Errand
from pixelift.engine.host import Engine, Order, Outcome, Progress
from pixelift.engine.options import Options
from pixelift.errors import ModelNotInstalled, PixeliftError, StorageFull

HOPELESS = (ModelNotInstalled, StorageFull)  # the next picture would meet the same


@dataclass
class Workbench:
    """What goes wrong with one picture keeps no other back."""

    engine: Engine
    options: Options
    display: Display
    made: int = 0
    kept: int = 0
    failed: int = 0

    def run(self, errands: list[Errand], *, anew: bool) -> None:
        """Make what is not done yet, or all of it `anew`. Raises ModelNotInstalled, StorageFull."""
        for errand in errands:
            self.display.begin(str(errand.source))
            if errand.is_done and not anew:
                self.kept += 1
            else:
                self._try(errand)
            self.display.end()

    def fail(self, sentence: str) -> None:
        self.failed += 1
        self.display.complain(sentence)

    def _try(self, errand: Errand) -> None:
        try:
            outcome = self._make(errand)
        except HOPELESS:
            raise
        except PixeliftError as error:
            self.fail(f"{errand.source}: {error.sentence}")
        except click.ClickException as error:
            self.fail(f"{errand.source}: {error.message}")
        else:
            self.made += 1
            size = f"{outcome.width_px} x {outcome.height_px}, {filesize.decimal(outcome.size_bytes)}"
            self.display.say(f"{errand.destination}: {size}")

    def _make(self, errand: Errand) -> Outcome:
        with _readable(errand.source), _draft_of(errand.destination) as draft:
            return self.engine.run(Order(errand.source, draft, replace(self.options, format=errand.format)), self._hear)

    def _hear(self, news: Progress | None) -> None:
        if news:
            self.display.show(news.stage, news.percent)


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
