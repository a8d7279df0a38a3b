"""The processes that serve: started, started again when they die, stopped in order."""

from __future__ import annotations

import os
import sys
import time

import click

from pixelift.children import Child
from pixelift.settings import Settings
from pixelift.up import claim

FIRST_DELAY_S, MAX_DELAY_S = 0.5, 30.0
STEADY_AFTER_S = 60.0
COMMANDS = {"web": ["pixelift", "web"], "gpu": ["worker", "gpu"], "io": ["worker", "io"]}
STOP_ORDER = (("web",), ("gpu", "io"))
GRACE_S = 15.0
ROTATE_ABOVE_BYTES = 10_000_000


class Member:
    """One process; `deaths` counts those in a row."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.log = settings.logs_dir / f"{name}.log"
        self.deaths = 0
        self._settings = settings
        self._child: Child | None = None
        self._started_at_s = self._due_at_s = 0.0

    def look_after(self) -> None:
        """Start it unless it runs or its delay is not over."""
        if self._child and not self._child.alive:
            self._bury(self._child)
        if not self._child and time.monotonic() >= self._due_at_s:
            self._start()

    def ask_to_stop(self) -> None:
        if self._child:
            self._child.ask_to_stop()

    def stop(self) -> None:
        if self._child:
            self._child.stop(GRACE_S)

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "nothing"

    def _bury(self, child: Child) -> None:
        status = child.stop(0)
        self._child = None
        now_s = time.monotonic()
        self.deaths = 1 if now_s - self._started_at_s > STEADY_AFTER_S else self.deaths + 1
        delay_s = min(FIRST_DELAY_S * 2 ** (self.deaths - 1), MAX_DELAY_S)
        self._due_at_s = now_s + delay_s
        click.echo(
            f"{self.name} ended with status {status} and starts again in {delay_s:g} s; see {self.log}", err=True
        )

    def _start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > ROTATE_ABOVE_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        self._started_at_s = time.monotonic()
        self._child = Child(
            [sys.executable, "-P", "-m", *COMMANDS[self.name]],
            log=self.log,
            env={**os.environ, **variables(self._settings), **claim.mark(self._settings.data_dir)},
        )


class Crew:
    def __init__(self, settings: Settings) -> None:
        self.members = {name: Member(name, settings) for name in COMMANDS}

    def look_after(self) -> None:
        for member in self.members.values():
            member.look_after()

    def stop(self) -> None:
        """Stop web first, so that nothing new comes in, then the workers, both at once."""
        for names in STOP_ORDER:
            for name in names:
                self.members[name].ask_to_stop()
            for name in names:
                self.members[name].stop()


def variables(settings: Settings) -> dict[str, str]:
    """Return what the command line may have said, as a child reads it."""
    said = {"DATA_DIR": settings.data_dir, "HOST": settings.host, "PORT": settings.port}
    return {f"PIXELIFT_{name}": str(value) for name, value in said.items()}
