"""How true a result is to its source."""

from __future__ import annotations

import math

import numpy as np

from pixelift.engine import pixels
from pixelift.engine.pixels import Pixels

_BEST_DB = 99.0  # what an identical picture is said to have, since JSON knows no infinity


class Fidelity:
    """Collects the squared error between a source and its enlargement scaled back down, row by row."""

    def __init__(self, source: Pixels, scale: int) -> None:
        self._source, self._scale = source, scale
        self._at_px, self._sum, self._count = 0, 0.0, 0

    def add(self, rows: Pixels) -> None:
        """Take the next rows of the enlargement, a multiple of the scale."""
        height_px = len(rows) // self._scale
        small = pixels.averaged(rows, (height_px, self._source.shape[1])).astype(np.int64)
        error = small - self._source[self._at_px : self._at_px + height_px]
        self._at_px += height_px
        self._sum += float((error * error).sum())
        self._count += error.size

    @property
    def db(self) -> float:
        """The PSNR, at most 99."""
        mean = self._sum / max(1, self._count)
        white = pixels.full_scale(self._source)
        return round(min(_BEST_DB, 10 * math.log10(white**2 / mean)), 2) if mean else _BEST_DB
