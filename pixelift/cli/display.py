"""How far a round of pictures is: one bar on stderr, one line for each picture that is done."""

from __future__ import annotations

import sys
import threading
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Column


class Display:
    """A context that draws while it lasts. Results are named on stdout, faults on stderr. For many threads."""

    def __init__(self, count: int) -> None:
        words = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1))
        self._bar = Progress(
            words, BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=Console(stderr=True), expand=True
        )
        self._task = self._bar.add_task("starting", total=100 * count)
        self._count, self._done = count, 0
        self._running: dict[str, int] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._bar.stop()

    def show(self, name: str, stage: str, percent: int) -> None:
        """Say how far the picture of this name is; the bar names the one that began first."""
        with self._lock:
            self._running[name] = percent
            if name == next(iter(self._running)):
                where = f"{self._done + 1} of {self._count}, {name}: " if self._count > 1 else ""
                self._bar.update(self._task, description=where + stage)
            self._draw()

    def end(self, name: str) -> None:
        with self._lock:
            self._running.pop(name, None)
            self._done += 1
            self._draw()

    def say(self, line: str) -> None:
        """Print above the bar where both share a terminal, to stdout else."""
        if sys.stdout.isatty():
            self.complain(line)
        else:
            click.echo(line)

    def complain(self, sentence: str) -> None:
        self._bar.console.print(sentence, markup=False, highlight=False, soft_wrap=True)

    def _draw(self) -> None:
        self._bar.update(self._task, completed=100 * self._done + sum(self._running.values()))
