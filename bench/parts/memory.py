"""How much memory a process took, read from where Linux keeps it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

_OFTEN_S = 0.02


def peak_mb(pid: int) -> float:
    """Return the most that was resident at once so far, with the pages of mapped files that it touched."""
    return _status_mb(pid, "VmHWM")


class Seen:
    """What a process held at most that is no page of a file: what the kernel cannot take back."""

    anonymous_mb = 0.0


@contextlib.contextmanager
def watched(pid: int) -> Iterator[Seen]:
    """Look again and again."""
    seen, ended = Seen(), threading.Event()

    def look() -> None:
        while not ended.wait(_OFTEN_S):
            seen.anonymous_mb = max(seen.anonymous_mb, _status_mb(pid, "RssAnon"))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def _status_mb(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:")), 0.0)
