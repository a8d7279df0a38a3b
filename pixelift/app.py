"""The web application: skins, credentials and errors put together. Nothing here imports torch."""

from __future__ import annotations

import errno
from http import HTTPStatus

import sqlalchemy.exc
import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from pixelift import api, credentials, errors, incoming, logs, services, web
from pixelift.api import documents, envelope, limiting
from pixelift.errors import InternalError, PixeliftError
from pixelift.settings import Settings

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FORM_OVERHEAD_BYTES = 1_000_000
RETRY_AFTER_S = 2
FOREIGN = (
    (sqlalchemy.exc.DataError, errors.InvalidRequest("A value holds characters that cannot be stored.")),
    (sqlalchemy.exc.IntegrityError, errors.Conflict("Something else changed this at the same moment. Try again.")),
    (sqlalchemy.exc.ProgrammingError, errors.ServiceUnavailable("The database is not migrated: run ./run migrate.")),
    (BlockingIOError, errors.InvalidRequest("The request came too slowly, so it was not read to its end.")),
)
HTTP_ERRORS: dict[int, type[PixeliftError]] = {
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
}
log = structlog.get_logger()


def create(settings: Settings) -> Flask:
    logs.configure(settings.log_level)
    app = documents.build("pixelift")
    app.config.update(
        SECRET_KEY=settings.signing_key(),
        MAX_CONTENT_LENGTH=settings.max_upload_bytes + FORM_OVERHEAD_BYTES,
        MAX_FORM_PARTS=100,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        SESSION_COOKIE_NAME="pixelift",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.cookie_secure,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.cookie_secure,
    )
    app.request_class = incoming.Request
    kept = services.install(app, settings)
    credentials.install(app)
    limiting.install(app, kept.database.engine)
    credentials.insist(app)
    api.install(app)
    web.install(app)
    app.register_error_handler(Exception, _answer)
    app.after_request(_finish)
    _wrap(app, settings)
    return app


def _wrap(app: Flask, settings: Settings) -> None:
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.wsgi_app = WhiteNoise(app.wsgi_app, root=app.static_folder, prefix="static/")  # type: ignore[method-assign]


def _answer(error: Exception) -> Response:
    """Turn whatever went wrong into one sentence, in the skin that was asked. This is the app's edge."""
    known = _known(error)
    if known.status >= InternalError.status and not isinstance(error, PixeliftError):
        log.error("request broke", path=request.path, request_id=envelope.request_id(), exc_info=error)
    render = envelope.failure if api.serves(request.path) else web.render_error
    response = render(known)
    if known.status in (429, 503):
        response.headers.setdefault("Retry-After", str(RETRY_AFTER_S))
    if isinstance(known, errors.RangeNotSatisfiable):
        response.headers["Content-Range"] = f"bytes */{known.size_bytes}"
    return response


def _known(error: Exception) -> PixeliftError:
    if isinstance(error, PixeliftError):
        return error
    if isinstance(error, HTTPException) and error.code:
        return _too_large() if isinstance(error, RequestEntityTooLarge) else _http(error.code)
    for kind, known in FOREIGN:
        if isinstance(error, kind):
            return known
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return errors.StorageFull()
    return InternalError()


def _too_large() -> PixeliftError:
    size_bytes, most = request.content_length, request.max_content_length
    if size_bytes and most and size_bytes > most:
        return errors.FileTooLarge(f"The request has {size_bytes:,} bytes, and at most {most:,} are read.")
    return errors.InvalidRequest("The form has too many fields, or one that is too long.")


def _http(status: int) -> PixeliftError:
    kind = HTTP_ERRORS.get(
        status, errors.InvalidRequest if status < HTTPStatus.INTERNAL_SERVER_ERROR else InternalError
    )
    return kind()


def _finish(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = envelope.request_id()
    return response
