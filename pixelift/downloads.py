"""Send blobs and streams, so that no browser can be tricked into running one."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from pixelift import services
from pixelift.models import Image

TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "avif": "image/avif",
    "tiff": "image/tiff",
    "gif": "image/gif",
    "bmp": "image/bmp",
}


def send(image: Image) -> AnyResponse:
    """Send the picture as a file to keep."""
    return _send(image.blob_key, TYPES[image.format], etag=image.sha256, filename=image.filename)


def show(key: str, etag: str) -> AnyResponse:
    """Send a blob for an <img>; a stored blob never changes."""
    return _send(key, TYPES[key.rsplit(".", 1)[1]], etag=etag)


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
        max_age=3600,
    )
    response.content_length = blob.seek(0, 2)
    blob.seek(0)
    response.make_conditional(request, accept_ranges=True, complete_length=response.content_length)
    response.cache_control.private = True
    return response
