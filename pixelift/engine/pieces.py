"""Cutting a piece out of a picture, to try things on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pixelift.engine import canvas, png
from pixelift.engine.inspection import Cut
from pixelift.engine.metadata import Metadata
from pixelift.engine.reading import Picture
from pixelift.engine.regions import Region, Wanted

MARGIN_PX = 16  # what a network sees around the region; docs/adr/0012-previews-leave-nothing.md has the figures


def cut(picture: Picture, wanted: Wanted, piece: Path, shown: Path) -> Cut:
    """Write the region as PNG twice: with a margin, for the networks, and alone, for the eye.

    Raises ValidationFailed when the region lies outside.
    """
    height_px, width_px = picture.pixels.shape[:2]
    region = wanted.of(width_px, height_px)
    around = region.grown(MARGIN_PX, width_px, height_px)
    _write(picture, around, piece)
    _write(picture, region, shown)
    facts = replace(picture.facts, format="png", width_px=around.width_px, height_px=around.height_px, frames=1)
    return Cut(facts, region, region.seen_from(around))


def _write(picture: Picture, region: Region, path: Path) -> None:
    """Keep depth and profile, so that the networks see what they would see of the whole picture."""
    left, top, right, bottom = region.box
    rows = picture.whole[top:bottom, left:right]
    with canvas.temporary(path.parent, rows.shape, rows.dtype) as whole, path.open("wb") as file:
        whole.write(0, rows)
        png.write(file, whole, picture.profile, Metadata())
