"""What a result will be, known before any pixel is computed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from pixelift.engine import formats
from pixelift.engine.catalogue import Model
from pixelift.engine.options import MAX_SCALE, MIN_SCALE, Format, Options
from pixelift.engine.shelf import Shelf
from pixelift.errors import Detail, ImageTooLarge, ValidationFailed

MIN_QUALITY, MAX_QUALITY = 1, 100
MAX_RESULT_PIXELS = 400_000_000  # Pillow's encoders hold four bytes of each


class Source(Protocol):
    """What must be known of a picture to plan with it."""

    @property
    def format(self) -> str: ...
    @property
    def width_px(self) -> int: ...
    @property
    def height_px(self) -> int: ...
    @property
    def has_alpha(self) -> bool: ...


@dataclass(frozen=True)
class Plan:
    """A result's size, format and network; `quality` is None where the format has none."""

    model: Model
    scale: float
    width_px: int
    height_px: int
    format: Format
    quality: int | None


def plan(source: Source, options: Options, shelf: Shelf) -> Plan:
    """Decide everything the customer left open. Raises ValidationFailed, ImageTooLarge, ModelNotInstalled."""
    model = shelf.take(options.model)
    if not (math.isfinite(options.scale) and MIN_SCALE <= options.scale <= MAX_SCALE):
        raise _wrong("scale", f"The scale is a number from {MIN_SCALE} to {MAX_SCALE}.")
    width_px, height_px = (max(1, round(side * options.scale)) for side in (source.width_px, source.height_px))
    if width_px * height_px > MAX_RESULT_PIXELS:
        raise ImageTooLarge(
            f"The result would have {width_px * height_px:,} pixels, and at most {MAX_RESULT_PIXELS:,} can be made. "
            "Choose a smaller scale."
        )
    chosen = options.format or _like_the_source(source, width_px, height_px)
    _check(chosen, source, width_px, height_px)
    return Plan(model, options.scale, width_px, height_px, chosen, _quality(chosen, options.quality))


def _like_the_source(source: Source, width_px: int, height_px: int) -> Format:
    own = Format(source.format) if source.format in set(Format) else Format.PNG
    return own if formats.holds(own, width_px, height_px) else Format.PNG


def _check(chosen: Format, source: Source, width_px: int, height_px: int) -> None:
    if source.has_alpha and chosen in formats.WITHOUT_ALPHA:
        raise _wrong("format", f"This picture is transparent, and {chosen.upper()} cannot hold that. Choose PNG.")
    if not formats.holds(chosen, width_px, height_px):
        most = formats.LONGEST_SIDE_PX[chosen]
        size = f"{width_px:,} by {height_px:,}"
        raise _wrong("format", f"{chosen.upper()} holds at most {most:,} pixels a side, not {size}. Choose PNG.")


def _quality(chosen: Format, asked: int | None) -> int | None:
    if asked is not None and not MIN_QUALITY <= asked <= MAX_QUALITY:
        raise _wrong("quality", f"The quality is a whole number from {MIN_QUALITY} to {MAX_QUALITY}.")
    default = formats.DEFAULT_QUALITY.get(chosen)
    return default if default is None else asked or default


def _wrong(field: str, sentence: str) -> ValidationFailed:
    return ValidationFailed(sentence, details=(Detail(field, sentence),))
