"""Requests as they come in, bounded where Flask is not."""

from __future__ import annotations

import socket
import tempfile
from typing import IO, Any

import flask
from werkzeug.exceptions import BadRequest

from pixelift import services
from pixelift.errors import FileTooLarge, InvalidRequest
from pixelift.storage import room

MAX_JSON_BYTES = 64_000


class Request(flask.Request):
    """JSON stays small, and uploads are kept where the pictures go, not in the system's temporary folder."""

    def get_json(self, *args: Any, **options: Any) -> Any:
        """Raise FileTooLarge, and InvalidRequest for what is no JSON whatever `silent` says."""
        if (self.content_length or 0) > MAX_JSON_BYTES:
            raise FileTooLarge(f"The JSON has {self.content_length:,} bytes, and at most {MAX_JSON_BYTES:,} are read.")
        self.max_content_length = MAX_JSON_BYTES
        try:
            return super().get_json(*args, **options)
        except (RecursionError, BadRequest) as error:
            raise InvalidRequest("The body is not JSON that can be read.") from error

    def _get_file_stream(self, *_facts: Any, **_more: Any) -> IO[bytes]:
        folder = services.current().settings.scratch_dir
        with room():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return tempfile.TemporaryFile(dir=folder)


def has_left() -> bool:
    """Whether the client closed the connection of this request; False where the server does not show it."""
    environ = flask.request.environ
    connection: socket.socket | None = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if connection is None:
        return False
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
