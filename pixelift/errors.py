"""One family for every error a person may see: a code, a status, a sentence that says what to do.

The docstring is the public message unless the raiser gives a better one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Detail:
    """What is wrong with one field of a request."""

    field: str
    detail: str
    error_code: str = "VALUE_ERROR"


class PixeliftError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None, *, details: tuple[Detail, ...] = ()) -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.details = details
        super().__init__(self.message)

    @property
    def sentence(self) -> str:
        """The message; where it says nothing special, what is wrong field by field."""
        is_special = self.message != type(self)().message
        return self.message if is_special or not self.details else " ".join(each.detail for each in self.details)


class InvalidRequest(PixeliftError):
    """The request could not be read. Send JSON or multipart/form-data."""

    code, status = "INVALID_REQUEST", 400


class Unauthorized(PixeliftError):
    """Send an API key as "Authorization: Bearer pk_live_…", or sign in."""

    code, status = "UNAUTHORIZED", 401


class InvalidCredentials(PixeliftError):
    """Email and password don't match. Check both."""

    code, status = "INVALID_CREDENTIALS", 401


class Forbidden(PixeliftError):
    """You are not allowed to do this."""

    code, status = "FORBIDDEN", 403


class NotFound(PixeliftError):
    """There is nothing here."""

    code, status = "NOT_FOUND", 404


class JobNotFound(NotFound):
    """There is no such job."""

    code = "JOB_NOT_FOUND"


class MethodNotAllowed(PixeliftError):
    """This address does not answer that method."""

    code, status = "METHOD_NOT_ALLOWED", 405


class Conflict(PixeliftError):
    """The state of things does not allow this now."""

    code, status = "CONFLICT", 409


class DuplicateEmail(Conflict):
    """There is an account with this email already."""

    code = "DUPLICATE_EMAIL"


class JobNotCancellable(Conflict):
    """This job has ended, so it cannot be cancelled."""

    code = "JOB_NOT_CANCELLABLE"


class FileTooLarge(PixeliftError):
    """The file is too large."""

    code, status = "FILE_TOO_LARGE", 413


class ImageTooLarge(PixeliftError):
    """The picture has too many pixels."""

    code, status = "IMAGE_TOO_LARGE", 413


class RangeNotSatisfiable(PixeliftError):
    """The file does not have the bytes that Range asks for."""

    code, status = "RANGE_NOT_SATISFIABLE", 416

    def __init__(self, message: str | None = None, size_bytes: int = 0) -> None:
        super().__init__(message)
        self.size_bytes = size_bytes


class UnsupportedFormat(PixeliftError):
    """We can't read this file. Send PNG, JPEG, WebP, AVIF, TIFF, HEIC, BMP or GIF."""

    code, status = "UNSUPPORTED_FORMAT", 415


class ValidationFailed(PixeliftError):
    """A field of the request is wrong. See details."""

    code, status = "VALIDATION_ERROR", 422


class InvalidImage(PixeliftError):
    """This picture is damaged and cannot be read. Save it again and send the new file."""

    code, status = "INVALID_IMAGE", 422


class ForbiddenUrl(PixeliftError):
    """We only fetch public http and https addresses."""

    code, status = "FORBIDDEN_URL", 422


class FetchFailed(PixeliftError):
    """The picture could not be fetched from that address."""

    code, status = "FETCH_FAILED", 422


class ModelNotInstalled(PixeliftError):
    """This model is not installed here. GET /api/v1/models lists those that are."""

    code, status = "MODEL_NOT_INSTALLED", 422


class RateLimitExceeded(PixeliftError):
    """Too many requests. Wait until the limit resets."""

    code, status, retryable = "RATE_LIMIT_EXCEEDED", 429, True


class InternalError(PixeliftError):
    """Something broke on our side. Nothing half-done is left; try again."""

    code, status, retryable = "INTERNAL_ERROR", 500, True


class ServiceUnavailable(PixeliftError):
    """The service is starting or cannot reach its database. Try again in a few seconds."""

    code, status, retryable = "SERVICE_UNAVAILABLE", 503, True


class StorageFull(PixeliftError):
    """There is no room left to store pictures. Nothing was kept; try again later."""

    code, status, retryable = "STORAGE_FULL", 507, True


class EngineFailed(PixeliftError):
    """The engine stopped while it worked on this picture."""

    code, status, retryable = "ENGINE_FAILED", 500, True


class EngineStalled(EngineFailed):
    """The engine did not get on with this picture, so it was stopped."""

    code = "ENGINE_STALLED"


class EngineOutputRejected(EngineFailed):
    """The result was blank, so we threw it away."""

    code, retryable = "ENGINE_OUTPUT_REJECTED", False


class WorkerLost(EngineFailed):
    """The worker was lost while it made this picture."""

    code = "WORKER_LOST"


class PreviewTimedOut(EngineFailed):
    """This did not become ready in time. Choose a smaller region or a faster model."""

    code = "PREVIEW_TIMED_OUT"


class CannotStart(PixeliftError):
    """Pixelift cannot start here."""

    code = "CANNOT_START"
