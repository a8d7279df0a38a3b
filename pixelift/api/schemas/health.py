"""How the service is."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

Part = Literal["up", "down"]


class Health(BaseModel):
    status: Literal["healthy", "unhealthy"]
    timestamp: float = Field(description="Unix seconds.", examples=[1768737600.0])
    version: str = Field(examples=["0.1.0"])
    database: Part
    worker: Part = Field(description="Whether a worker gave a sign of life within 30 seconds.")


class Life(BaseModel):
    status: Literal["alive"]


class Readiness(BaseModel):
    status: Literal["ready", "not ready"]
