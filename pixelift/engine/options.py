"""What a customer may ask of one picture."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

MIN_SCALE, MAX_SCALE = 1, 8
USUAL_FACE, USUAL_DENOISE = 0.8, 0.5  # what a plain yes means; 0.5 is Real-ESRGAN's own


class Format(StrEnum):
    """A file format that the engine writes."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"
    AVIF = "avif"
    TIFF = "tiff"


class Fit(StrEnum):
    """How a picture of another shape meets a wanted width and height."""

    INSIDE = "inside"
    COVER = "cover"
    EXACT = "exact"


@dataclass(frozen=True)
class Options:
    """Already validated; `model` and `format` None mean that the engine chooses.

    `width_px` and `height_px` take the place of `scale`; `denoise` and `enhance_face` are strengths from 0 to 1.
    """

    scale: float = 4.0
    width_px: int | None = None
    height_px: int | None = None
    fit: Fit = Fit.INSIDE
    denoise: float = 0.0
    enhance_face: float = 0.0
    keep_metadata: bool = True
    keep_location: bool = False
    model: str | None = None
    format: Format | None = None
    quality: int | None = None

    @property
    def size_px(self) -> tuple[int | None, int | None] | None:
        """The wanted width and height, of which one may be open; None where the scale decides."""
        return (self.width_px, self.height_px) if self.width_px or self.height_px else None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Options:
        chosen = data.get("format")
        fit = Fit(data.get("fit", Fit.INSIDE))
        return cls(**{**data, "format": Format(chosen) if chosen else None, "fit": fit})
