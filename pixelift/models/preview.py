from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from pixelift.models.base import Base, Row


class Preview(Row):
    """A region of a picture on its way through several settings; a row for the seconds until somebody has the answers.

    `part` is what to show of `source` (a Region); the rest is a margin for the networks to see. Only while
    `awaited_until` is ahead does anybody wait for it. A user has one at a time.
    """

    __tablename__ = "previews"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    source: Mapped[bytes]
    part: Mapped[dict[str, Any]]
    variants: Mapped[list[Any]]
    awaited_until: Mapped[datetime]
    task_id: Mapped[int | None]
    is_claimed: Mapped[bool] = mapped_column(default=False)


class PreviewAnswer(Base):
    """What one of a preview's variants came to: a picture (PNG) with facts about it, or an error alone."""

    __tablename__ = "preview_answers"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    preview_id: Mapped[UUID] = mapped_column(ForeignKey("previews.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    facts: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    picture: Mapped[bytes | None]
