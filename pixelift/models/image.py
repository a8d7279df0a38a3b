from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from pixelift.models.base import Row


class Image(Row):
    """One picture; its bytes are blobs in storage."""

    __tablename__ = "images"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    filename: Mapped[str]
    format: Mapped[str]
    width_px: Mapped[int]
    height_px: Mapped[int]
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    has_alpha: Mapped[bool] = mapped_column(default=False)
    blob_prefix: Mapped[str] = mapped_column(index=True)
    has_preview: Mapped[bool] = mapped_column(default=False)
    frames: Mapped[int] = mapped_column(default=1, server_default="1")

    @property
    def blob_key(self) -> str:
        return f"{self.blob_prefix}.{self.format}"

    @property
    def preview_key(self) -> str:
        """The copy that browsers show; a picture has its own only when they do not show its format."""
        return f"{self.blob_prefix}.preview.png" if self.has_preview else self.blob_key

    @property
    def thumbnail_key(self) -> str:
        return f"{self.blob_prefix}.thumbnail.webp"
