"""How much memory a process took, read from where Linux keeps it."""

from __future__ import annotations

import threading
from pathlib import Path

_OFTEN_S = 0.02


def peak_mb(pid: int) -> float:
    """Return the most that was resident at once so far, with the pages of mapped files that it touched."""
    return _status_mb(pid, "VmHWM")


class Watch:
    """Looks again and again at what processes hold that is no page of a file: what the machine cannot take back."""

    def __init__(self, pid: int) -> None:
        self._pid, self._ended = pid, threading.Event()
        self.anonymous_mb = 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_OFTEN_S):
            self.anonymous_mb = max(self.anonymous_mb, _status_mb(self._pid, "RssAnon"))


def children() -> set[int]:
    """Return the ids of the processes that this one started."""
    lists = Path("/proc/self/task").glob("*/children")
    return {int(pid) for path in lists for pid in path.read_text().split()}


def _status_mb(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:")), 0.0)
