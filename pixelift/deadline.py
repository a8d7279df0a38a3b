"""One end for a whole exchange over HTTP.

A socket's timeout bounds a single read; a sender that drips one byte a second never meets it.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any

from ssrfguard import Policy
from ssrfguard.requests import SafeAdapter

Resolver = Callable[..., Any]


class Deadline:
    def __init__(self, seconds: float) -> None:
        self._end_s = time.monotonic() + seconds

    def has_passed(self) -> bool:
        return time.monotonic() >= self._end_s

    def left_s(self) -> float:
        """Raise TimeoutError when nothing is left."""
        left_s = self._end_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        return left_s


class TimedAdapter(SafeAdapter):
    """Connects to vetted addresses only, and reads status, headers and body by one deadline."""

    def __init__(self, deadline: Deadline, *, policy: Policy, resolver: Resolver | None) -> None:
        self._deadline = deadline
        super().__init__(policy=policy, resolver=resolver)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        connect = pool.ConnectionCls

        def connect_timed(**options: Any) -> Any:
            connection: Any = connect(**options)
            connection.response_class = self._timed_response
            return connection

        pool.ConnectionCls = connect_timed
        return pool

    def _timed_response(self, sock: socket.socket, *args: Any, **kwargs: Any) -> HTTPResponse:
        response = HTTPResponse(sock, *args, **kwargs)
        response.fp = io.BufferedReader(_TimedReader(response.fp.detach(), sock, self._deadline))
        return response


class _TimedReader(io.RawIOBase):
    def __init__(self, raw: Any, sock: socket.socket, deadline: Deadline) -> None:
        self._raw, self._sock, self._deadline = raw, sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        self._sock.settimeout(self._deadline.left_s())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
