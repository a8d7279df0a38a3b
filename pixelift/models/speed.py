from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from pixelift.models.base import Base


class Speed(Base):
    """How fast a network is here: a running mean over the pictures it enlarged."""

    __tablename__ = "model_speeds"

    model: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str] = mapped_column(primary_key=True)
    precision: Mapped[str] = mapped_column(primary_key=True)
    mpx_per_s: Mapped[float]
    pictures: Mapped[int]
    measured_at: Mapped[datetime] = mapped_column(server_default=func.now())
