"""How true a result is to its source."""

from __future__ import annotations

import math

import numpy as np

from pixelift.engine import pixels
from pixelift.engine.ledger import Mark
from pixelift.engine.pixels import Pixels

_BEST_DB = 99.0  # what an identical picture is said to have, since JSON knows no infinity


class Fidelity:
    """Collects the squared error between a source and its enlargement scaled back down, row by row."""

    def __init__(self, source: Pixels, scale: int, so_far: Mark | None = None) -> None:
        so_far = so_far or Mark()
        self._source, self._scale = source, scale
        self._at_px, self._sum, self._count = so_far.weighed_px, so_far.error, so_far.count

    def add(self, top_px: int, rows: Pixels) -> None:
        """Take rows of the enlargement, a multiple of the scale, whose first belongs to row `top_px` of the source.

        They come in order; those that were weighed before count once.
        """
        rows = rows[max(0, self._at_px - top_px) * self._scale :]
        height_px = len(rows) // self._scale
        if height_px == 0:
            return
        small = pixels.averaged(rows, (height_px, self._source.shape[1])).astype(np.int64)
        error = small - self._source[self._at_px : self._at_px + height_px]
        self._at_px += height_px
        self._sum += float((error * error).sum())
        self._count += error.size

    def mark(self, done_px: int) -> Mark:
        return Mark(done_px, self._at_px, self._sum, self._count)

    @property
    def db(self) -> float:
        """The PSNR, at most 99."""
        mean = self._sum / max(1, self._count)
        white = pixels.full_scale(self._source)
        return round(min(_BEST_DB, 10 * math.log10(white**2 / mean)), 2) if mean else _BEST_DB
