"""Pictures as rows; who may see which."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from pixelift.errors import NotFound
from pixelift.models import Image, Job, User
from pixelift.uploads import Received


def record(session: Session, user: User, received: Received) -> Image:
    """Note a received source; its blobs are in storage already."""
    image = Image(
        user_id=user.id,
        filename=received.filename,
        format=received.facts.format,
        width_px=received.facts.width_px,
        height_px=received.facts.height_px,
        has_alpha=received.facts.has_alpha,
        size_bytes=received.size_bytes,
        sha256=received.sha256,
        blob_prefix=received.blob_prefix,
        has_preview=received.facts.has_preview,
        frames=received.facts.frames,
    )
    session.add(image)
    session.flush()
    return image


def find(session: Session, user: User, image_id: UUID) -> Image:
    """Raise NotFound, for a foreign image as for a missing one."""
    image = session.scalar(select(Image).where(Image.id == image_id, Image.user_id == user.id))
    if image is None:
        raise NotFound("There is no such picture.")
    return image


def forget_unused(session: Session, image_ids: list[UUID]) -> None:
    """Delete those of the images that no job uses; the sweep removes their blobs."""
    used = exists().where(or_(Job.source_id == Image.id, Job.result_id == Image.id))
    session.execute(delete(Image).where(Image.id.in_(image_ids), ~used).execution_options(synchronize_session=False))
