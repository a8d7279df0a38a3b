"""Rectangles of a picture, in its upright pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from pixelift.errors import Detail, ValidationFailed

Box = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True)
class Region:
    """`x_px` and `y_px` are the left upper corner's."""

    x_px: int
    y_px: int
    width_px: int
    height_px: int

    @property
    def box(self) -> Box:
        return self.x_px, self.y_px, self.x_px + self.width_px, self.y_px + self.height_px

    def grown(self, margin_px: int, width_px: int, height_px: int) -> Self:
        """Return the region with a margin on every side where a picture of this size has one."""
        left, top, right, bottom = self.box
        x_px, y_px = max(0, left - margin_px), max(0, top - margin_px)
        right, bottom = min(width_px, right + margin_px), min(height_px, bottom + margin_px)
        return type(self)(x_px, y_px, right - x_px, bottom - y_px)

    def seen_from(self, other: Region) -> Region:
        """Return the same pixels, counted from the corner of another region."""
        return Region(self.x_px - other.x_px, self.y_px - other.y_px, self.width_px, self.height_px)


@dataclass(frozen=True)
class Wanted:
    """A region of a picture whose size is not known yet; where a corner is None, it lies in the middle."""

    width_px: int
    height_px: int
    x_px: int | None = None
    y_px: int | None = None

    def of(self, width_px: int, height_px: int) -> Region:
        """Return what lies inside a picture of this size. Raises ValidationFailed when nothing does."""
        x_px = max(0, width_px - self.width_px) // 2 if self.x_px is None else self.x_px
        y_px = max(0, height_px - self.height_px) // 2 if self.y_px is None else self.y_px
        if x_px >= width_px or y_px >= height_px:
            sentence = f"The region lies outside: the picture is {width_px:,} pixels wide and {height_px:,} high."
            raise ValidationFailed(sentence, details=(Detail("region", sentence),))
        return Region(x_px, y_px, min(self.width_px, width_px - x_px), min(self.height_px, height_px - y_px))
