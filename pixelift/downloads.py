"""Send blobs and streams, so that no browser can be tricked into running one."""

from __future__ import annotations

import os
from collections.abc import Iterator

from flask import Response, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from pixelift import services
from pixelift.engine import formats
from pixelift.errors import RangeNotSatisfiable
from pixelift.models import Image

MAX_AGE_S = 3600


def send(image: Image) -> AnyResponse:
    """Send the picture as a file to keep."""
    return _send(image.blob_key, formats.CONTENT_TYPES[image.format], etag=image.sha256, filename=image.filename)


def show(key: str, etag: str) -> AnyResponse:
    """Send a blob for an <img>; a stored blob never changes."""
    return _send(key, formats.CONTENT_TYPES[key.rsplit(".", 1)[1]], etag=etag)


def stream(lines: Iterator[str]) -> Response:
    """Send server-sent events."""
    response = Response(lines, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _send(key: str, mimetype: str, *, etag: str, filename: str | None = None) -> AnyResponse:
    blob = services.current().blobs.open(key)
    response = send_file(
        blob,
        mimetype=mimetype,
        as_attachment=filename is not None,
        download_name=filename,
        etag=etag,
        conditional=False,
    )
    size_bytes = blob.seek(0, os.SEEK_END)
    blob.seek(0)
    response.content_length = size_bytes
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.cache_control.no_cache = None
    response.cache_control.private = True
    response.cache_control.max_age = MAX_AGE_S
    response.vary.update(("Authorization", "X-API-Key", "Cookie"))
    return _conditional(response, size_bytes)


def _conditional(response: AnyResponse, size_bytes: int) -> AnyResponse:
    """Answer If-None-Match and one range of bytes; other kinds of Range are passed over, as RFC 9110 allows."""
    wanted = request.range
    single = wanted is not None and wanted.units == "bytes" and len(wanted.ranges) == 1
    if single and wanted is not None and wanted.range_for_length(size_bytes) is None:
        response.close()
        raise RangeNotSatisfiable(f"The file has {size_bytes:,} bytes; ask for a range within them.", size_bytes)
    return response.make_conditional(request, accept_ranges=single, complete_length=size_bytes if single else None)
