from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pixelift.models.base import Row


class Role(StrEnum):
    USER = "user"
    ADMIN = "admin"


class User(Row):
    __tablename__ = "users"

    email: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(default=Role.USER)
    plan: Mapped[str] = mapped_column(default="free")

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN


Index("uq_users_email_lower", func.lower(User.email), unique=True)


class SignIn(Row):
    """A browser that is signed in; deleting the row signs it out."""

    __tablename__ = "sign_ins"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="joined")
