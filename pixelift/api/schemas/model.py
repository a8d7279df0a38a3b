"""A network that may be installed."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Model(BaseModel):
    name: str
    title: str
    description: str
    architecture: str
    native_scale: int
    licence: str
    size_bytes: int
    sha256: str
    installed: bool
    default: bool = Field(description="What `auto` means.")


class ModelList(BaseModel):
    items: list[Model]
    total: int
