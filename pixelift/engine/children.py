"""Child processes that speak JSON lines: the parent's side.

A child answers on a pipe of its own, never outlives its parent, and can be killed at any moment.
"""

from __future__ import annotations

import functools
import json
import os
import select
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pixelift import errors
from pixelift.errors import InternalError, PixeliftError, ServiceUnavailable

_READ_BYTES = 65_536
_HOME = str(Path(__file__).parents[2])  # where a child finds this package, wherever it was started from


class ChildDied(Exception):
    """The child ended, or was killed, while an answer was expected."""


class Child:
    """A process that runs MODULE.main(*ARGUMENTS). One thread at a time may send, and one receive."""

    def __init__(self, module: str, *arguments: str) -> None:
        command = [sys.executable, "-P", "-m", "pixelift.engine.childhood", str(os.getpid()), module, *arguments]
        self._process = _forker(os.getpid()).submit(_start, command).result()
        self._unread = b""

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def wait_ready(self, timeout_s: float = 60) -> None:
        """Wait for the greeting that ends every child's start. Raises ServiceUnavailable."""
        try:
            if self.receive(timeout_s) is not None:
                return
        except ChildDied as error:
            raise ServiceUnavailable("A helper process could not start. Try again in a few seconds.") from error
        raise ServiceUnavailable("A helper process is slow to start. Try again in a few seconds.")

    def send(self, message: dict[str, Any]) -> None:
        """Raise ChildDied."""
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - for the type checker: it is a pipe
        try:
            stdin.write(json.dumps(message).encode() + b"\n")
            stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise ChildDied from error

    def receive(self, timeout_s: float) -> dict[str, Any] | None:
        """Return the next message, or None when there is none in time. Raises ChildDied."""
        deadline = time.monotonic() + timeout_s
        while b"\n" not in self._unread:
            if not self._readable(max(0.0, deadline - time.monotonic())):
                return None
            self._read()
        line, self._unread = self._unread.split(b"\n", 1)
        message: dict[str, Any] = json.loads(line)
        return message

    def end(self) -> None:
        """End the child at once; whoever receives hears that it died."""
        self._process.kill()

    def kill(self) -> None:
        """End the child at once, and forget its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                _close(pipe)

    def _readable(self, timeout_s: float) -> bool:
        poll = select.poll()
        poll.register(self._stdout, select.POLLIN)
        return bool(poll.poll(timeout_s * 1000))

    def _read(self) -> None:
        news = os.read(self._stdout, _READ_BYTES)
        if not news:
            raise ChildDied
        self._unread += news

    @property
    def _stdout(self) -> int:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - for the type checker: it is a pipe
        return stdout.fileno()


def error_from(message: dict[str, Any]) -> PixeliftError:
    """Return the error that a child told of by `childhood.told`."""
    kind = getattr(errors, message["error"], None)
    known = isinstance(kind, type) and issubclass(kind, PixeliftError)
    details = tuple(errors.Detail(**detail) for detail in message.get("details", ()))
    return kind(message["message"], details=details) if known and kind else InternalError()


@functools.cache
def _forker(_pid: int) -> ThreadPoolExecutor:
    """One thread a process that starts every child, since the kernel ends a child with the *thread* that forked it."""
    return ThreadPoolExecutor(1, thread_name_prefix="engine-forker")


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([_HOME, *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(  # noqa: S603 - our own module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        process_group=0,  # Ctrl-C is for the parent, which then ends the child as it sees fit
    )


def _close(pipe: Any) -> None:
    try:
        pipe.close()
    except BrokenPipeError:  # what was still to be sent has no reader any more
        return
