"""What a customer may ask of one picture."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

MIN_SCALE, MAX_SCALE = 1, 8


class Format(StrEnum):
    """A file format that the engine writes."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"
    AVIF = "avif"
    TIFF = "tiff"


@dataclass(frozen=True)
class Options:
    """Already validated; `model` and `format` None mean that the engine chooses."""

    scale: float = 4.0
    model: str | None = None
    format: Format | None = None
    quality: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Options:
        chosen = data.get("format")
        return cls(**{**data, "format": Format(chosen) if chosen else None})
