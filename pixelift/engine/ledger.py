"""What is finished of one picture, kept where the death of a process does not reach it.

A folder holds the rows that were computed, and a list that says how many of them are true. A line is added after the
rows it speaks of were written, so that whatever the list does not claim is computed again. The list begins with a key
of all that decides about the pixels; with another key it is worth nothing, and so it is after the machine was
restarted, since nothing here waits for the disk.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import torch

import pixelift
from pixelift.engine import canvas
from pixelift.engine.canvas import Canvas
from pixelift.engine.pixels import Depth


@dataclass(frozen=True)
class Mark:
    """How far one pass is: `done_px` rows of what it makes; of its source, `weighed_px` rows with their error."""

    done_px: int = 0
    weighed_px: int = 0
    error: float = 0.0
    count: int = 0


class Ledger:
    """Marks and canvases of one picture; without a folder they last as long as the process."""

    def __init__(self, folder: Path | None, spare_dir: Path, lines: TextIO | None = None) -> None:
        self._folder, self._spare_dir, self._lines = folder, spare_dir, lines
        self._marks: dict[int, Mark] = {}

    def mark(self, number: int) -> Mark:
        """Return how far pass `number` is."""
        return self._marks.get(number, Mark())

    def note(self, number: int, mark: Mark) -> None:
        """Claim rows that are written."""
        self._marks[number] = mark
        if self._lines is not None:
            self._lines.write(json.dumps([number, *astuple(mark)]) + "\n")
            self._lines.flush()

    @contextmanager
    def canvas(self, number: int, shape: tuple[int, ...], dtype: np.dtype[Depth]) -> Iterator[Canvas]:
        """Give the canvas that pass `number` fills. Raises OSError."""
        if self._folder is None:
            with canvas.temporary(self._spare_dir, shape, dtype) as temporary:
                yield temporary
            return
        path = self._folder / f"rows-{number}"
        path.touch()
        with path.open("r+b") as file:
            yield Canvas(file, shape, dtype)

    def recall(self, content: str) -> None:
        for line in content.splitlines():
            with suppress(json.JSONDecodeError):  # the last line may be cut short
                number, *values = json.loads(line)
                self._marks[number] = Mark(*values)


@contextmanager
def opened(folder: Path | None, key: str, spare_dir: Path) -> Iterator[Ledger]:
    """Go on with what the folder holds under this key, or begin anew there.

    `spare_dir` is for what no folder was given for; also when another process works in the folder, since two would
    spoil each other's rows. Raises OSError.
    """
    with _locked(folder) as own:
        if own is None:
            yield Ledger(None, spare_dir)
            return
        path = own / "ledger"
        first, _, claims = path.read_text().partition("\n") if path.exists() else ("", "", "")
        if first != key:
            _empty(own)
            path.write_text(f"{key}\n")
        elif not claims.endswith("\n"):
            path.write_text("".join(f"{line}\n" for line in [first, *claims.split("\n")[:-1]]))
        with path.open("a") as lines:
            ledger = Ledger(own, spare_dir, lines)
            ledger.recall(claims if first == key else "")
            yield ledger


@contextmanager
def _locked(folder: Path | None) -> Iterator[Path | None]:
    if folder is None:
        yield None
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield folder


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != "lock":
            path.unlink()


def key(*parts: object) -> str:
    """Return one word for all that decides about the pixels."""
    return hashlib.sha256(repr((*parts, pixelift.__version__, torch.__version__, _session())).encode()).hexdigest()


def _session() -> str:
    """Name the time since the machine started: what was written before may not have reached the disk."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return os.uname().nodename
