"""Pictures for <img>, and the file to keep; all of them the owner's only."""

from __future__ import annotations

from uuid import UUID

from werkzeug.wrappers import Response

from pixelift import downloads, images, jobs, services
from pixelift.models import Image
from pixelift.web.blueprint import visitor, web


@web.get("/images/<uuid:image_id>/thumbnail")
def thumbnail(image_id: UUID) -> Response:
    image = _find(image_id)
    return downloads.show(image.thumbnail_key, f"{image.sha256}-thumbnail")


@web.get("/images/<uuid:image_id>/preview")
def preview(image_id: UUID) -> Response:
    """Send the picture in a format that browsers show, in full size."""
    image = _find(image_id)
    return downloads.show(image.preview_key, f"{image.sha256}-preview")


@web.get("/images/<uuid:image_id>/download")
def download(image_id: UUID) -> Response:
    return downloads.send(_find(image_id))


@web.get("/jobs/<uuid:job_id>/strips/<int(max=9999):attempt>/<int(max=9999):index>")
def strip(job_id: UUID, attempt: int, index: int) -> Response:
    """Send one finished strip of a job that still runs."""
    with services.current().database.session() as session:
        job = jobs.find(session, visitor().user, job_id)
    return downloads.show(f"strips/{job.id}/{attempt}/{index:04}.webp", f"{job.id}-{attempt}-{index}")


def _find(image_id: UUID) -> Image:
    with services.current().database.session() as session:
        return images.find(session, visitor().user, image_id)
