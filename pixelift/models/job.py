from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pixelift.engine.options import Options
from pixelift.models.base import Row
from pixelift.models.image import Image
from pixelift.models.user import User


class JobStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELAYED = "delayed"


ENDED = (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED)
WAITING = (JobStatus.PENDING, JobStatus.DELAYED)
LIVE = (*WAITING, JobStatus.PROCESSING)


class Job(Row):
    """What a customer ordered: one source, made into one result."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_user_id_id", "user_id", "id"),
        Index("ix_jobs_waiting", "id", postgresql_where=text("status IN ('pending', 'delayed')")),
        Index("ix_jobs_processing", "heartbeat_at", postgresql_where=text("status = 'processing'")),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    key_id: Mapped[UUID | None] = mapped_column(ForeignKey("keys.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(default="upscale")
    status: Mapped[str] = mapped_column(default=JobStatus.PENDING)
    stage: Mapped[str | None]
    progress: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    options: Mapped[dict[str, Any]]
    model: Mapped[str]
    format: Mapped[str]
    width_px: Mapped[int]
    height_px: Mapped[int]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("images.id"), index=True)
    result_id: Mapped[UUID | None] = mapped_column(ForeignKey("images.id"), index=True)
    strips: Mapped[list[Any]] = mapped_column(default=list)
    outcome: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    task_id: Mapped[int | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
    source: Mapped[Image] = relationship(foreign_keys=[source_id], lazy="joined")
    result: Mapped[Image | None] = relationship(foreign_keys=[result_id], lazy="joined")

    @property
    def wanted(self) -> Options:
        """What was ordered; jobs from before an option existed have its default."""
        return Options.from_json(self.options)

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED

    @property
    def processing_s(self) -> float | None:
        if self.started_at is None or self.completed_at is None:
            return None
        return round((self.completed_at - self.started_at).total_seconds(), 3)
