"""How true a result is to its source."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_BEST_DB = 99.0  # what an identical picture is said to have, since JSON knows no infinity


class Fidelity:
    """Collects the squared error between a source and its enlargement scaled back down, row by row."""

    def __init__(self, source: NDArray[np.uint8], scale: int) -> None:
        self._source, self._scale = source, scale
        self._at_px, self._sum, self._count = 0, 0.0, 0

    def add(self, rows: NDArray[np.uint8]) -> None:
        """Take the next rows of the enlargement, a multiple of the scale."""
        small = np.asarray(Image.fromarray(rows).reduce(self._scale), np.int32)
        error = small - self._source[self._at_px : self._at_px + len(small)]
        self._at_px += len(small)
        self._sum += float((error * error).sum())
        self._count += error.size

    @property
    def db(self) -> float:
        """The PSNR, at most 99."""
        mean = self._sum / max(1, self._count)
        return round(min(_BEST_DB, 10 * math.log10(255**2 / mean)), 2) if mean else _BEST_DB
