"""Small pictures of the finished part of a result, so that a browser can show it while the rest is computed."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from pixelift.engine import colour, pixels
from pixelift.engine.canvas import Canvas
from pixelift.engine.orders import Strip

_WIDEST_PX, _HIGHEST_PX = 1600, 8000
_MOST = 24
_LOWEST_SOURCE_PX = 64


def count(source_height_px: int) -> int:
    """Return into how many strips a result is cut: rather many, but none lower than a few source rows."""
    return max(1, min(_MOST, source_height_px // _LOWEST_SOURCE_PX))


class Strips:
    """Writes each strip as soon as its rows are finished, with a little of the next one below."""

    def __init__(
        self, folder: Path, canvas: Canvas, profile: bytes | None, number: int, show: Callable[[Strip], None]
    ) -> None:
        self._folder, self._canvas, self._profile, self._show = folder, canvas, profile, show
        height_px, width_px = canvas.shape[:2]
        self._shrink = max(1.0, width_px / _WIDEST_PX, height_px / number / _HIGHEST_PX)
        self._tops = [height_px * index // number for index in range(number)]
        self._next = 0

    def advance(self, done_px: int) -> None:
        """Write what is complete now that the first `done_px` rows are."""
        overlap_px = math.ceil(2 * self._shrink)
        height_px = self._canvas.height_px
        while self._next < len(self._tops):
            bottom_px = min(height_px, [*self._tops[1:], height_px][self._next] + overlap_px)
            if bottom_px > done_px:
                return
            self._write(self._next, self._tops[self._next], bottom_px)
            self._next += 1

    def _write(self, index: int, top_px: int, bottom_px: int) -> None:
        image = pixels.image(self._canvas.rows(top_px, bottom_px))
        size = (max(1, round(image.width / self._shrink)), max(1, round(image.height / self._shrink)))
        small = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2) if self._shrink > 1 else image
        path = self._folder / f"{index:04}.webp"
        draft = path.with_suffix(".part")
        colour.in_srgb(small, self._profile).save(draft, "WEBP", quality=82, method=1)
        draft.replace(path)  # never changed in place: it may be shown already
        self._show(Strip(index, len(self._tops), top_px, bottom_px - top_px, path))
