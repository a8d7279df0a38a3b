"""Child processes that speak JSON lines: the child's own side."""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

from pixelift.errors import PixeliftError

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


class Voice:
    """The way back to the parent, for any thread. Whatever libraries print goes to stderr instead."""

    def __init__(self) -> None:
        self._pipe: BinaryIO = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def say(self, **message: Any) -> None:
        with self._lock:
            self._pipe.write(json.dumps(message).encode() + b"\n")
            self._pipe.flush()


def messages() -> Iterator[dict[str, Any]]:
    """Yield what the parent sends until it closes the pipe or ends."""
    for line in sys.stdin.buffer:
        yield json.loads(line)


def told(error: PixeliftError) -> dict[str, Any]:
    """Return the error as a message, for `children.error_from`."""
    details = [asdict(detail) for detail in error.details]
    return {"error": type(error).__name__, "message": error.message, "details": details}


def die_with(parent_pid: int) -> None:
    """Have the kernel end this process when its parent ends, where the kernel can (Linux)."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it ended before we asked
        raise SystemExit


if __name__ == "__main__":
    parent_pid, module, *arguments = sys.argv[1:]
    die_with(int(parent_pid))  # before the import, which may take seconds
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # a thread that waits must not burn the core others need
    importlib.import_module(module).main(*arguments)
