"""How far a round of pictures is: one bar on stderr, one line for each picture that is done."""

from __future__ import annotations

import sys
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Column


class Display:
    """A context that draws while it lasts. Results are named on stdout, faults on stderr."""

    def __init__(self, count: int) -> None:
        words = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1))
        self._bar = Progress(
            words, BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=Console(stderr=True), expand=True
        )
        self._task = self._bar.add_task("", total=100 * count)
        self._count, self._done, self._name = count, 0, ""

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._bar.stop()

    def begin(self, name: str) -> None:
        self._name = f"{self._done + 1} of {self._count}, {name}: " if self._count > 1 else ""
        self.show("starting", 0)

    def show(self, stage: str, percent: int) -> None:
        self._bar.update(self._task, description=self._name + stage, completed=100 * self._done + percent)

    def end(self) -> None:
        self._done += 1
        self._bar.update(self._task, description="done", completed=100 * self._done)

    def say(self, line: str) -> None:
        """Print above the bar where both share a terminal, to stdout else."""
        if sys.stdout.isatty():
            self.complain(line)
        else:
            click.echo(line)

    def complain(self, sentence: str) -> None:
        self._bar.console.print(sentence, markup=False, highlight=False, soft_wrap=True)
