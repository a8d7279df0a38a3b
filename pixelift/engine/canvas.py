"""The pixels of a result, in a file, so that they never fill the memory."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from pixelift.engine import pixels
from pixelift.engine.pixels import Depth, Pixels

_BAND_BYTES = 2 << 20


class Canvas:
    """A picture of `shape` (H, W) or (H, W, C). Rows are written and read by position, and never mapped."""

    def __init__(self, file: IO[bytes], shape: tuple[int, ...], dtype: np.dtype[Depth]) -> None:
        """Take the room now, so that a full disk is an error here. Raises OSError."""
        self.shape, self.dtype = shape, np.dtype(dtype)
        self._file = file
        self._row_bytes = int(np.prod(shape[1:])) * self.dtype.itemsize
        _reserve(file.fileno(), shape[0] * self._row_bytes)

    @property
    def height_px(self) -> int:
        return self.shape[0]

    @property
    def width_px(self) -> int:
        return self.shape[1]

    def fileno(self) -> int:
        return self._file.fileno()

    def write(self, top_px: int, rows: Pixels) -> None:
        self._write(top_px * self._row_bytes, rows)

    def write_part(self, top_px: int, left_px: int, rows: Pixels) -> None:
        """Write some columns of the rows from `top_px` on."""
        pixel_bytes = self._row_bytes // self.width_px
        for row_px, row in enumerate(rows, top_px):
            self._write(row_px * self._row_bytes + left_px * pixel_bytes, row)

    def rows(self, top_px: int, bottom_px: int) -> Pixels:
        """Return the rows [top, bottom), which are the caller's to change."""
        rows = np.empty((bottom_px - top_px, *self.shape[1:]), self.dtype)
        content, at = _bytes(rows), top_px * self._row_bytes
        while content:
            read = os.preadv(self._file.fileno(), [content], at)
            content, at = content[read:], at + read
        return rows

    def bands(self, multiple_px: int = 1, top_px: int = 0) -> Iterator[Pixels]:
        """Yield all rows from `top_px` on, some megabytes at a time, each band but the last a multiple of rows."""
        height_px = max(1, _BAND_BYTES // (self._row_bytes * multiple_px)) * multiple_px
        for from_px in range(top_px, self.height_px, height_px):
            yield self.rows(from_px, min(from_px + height_px, self.height_px))

    def shrunk(self, longest_px: int) -> Pixels:
        """Return a copy by whole-numbered averaging whose longest side is at most so long."""
        factor = -(-max(self.shape[:2]) // longest_px)
        if factor == 1:
            return self.rows(0, self.height_px)
        width_px = -(-self.width_px // factor)
        smaller = [pixels.averaged(band, (-(-len(band) // factor), width_px)) for band in self.bands(factor)]
        return np.concatenate(smaller)

    def _write(self, at: int, rows: Pixels) -> None:
        content = _bytes(np.ascontiguousarray(rows))
        while content:
            written = os.pwrite(self._file.fileno(), content, at)
            content, at = content[written:], at + written


@contextmanager
def temporary(folder: Path, shape: tuple[int, ...], dtype: np.dtype[Depth]) -> Iterator[Canvas]:
    """Give a canvas in a file without a name, gone when the process is. Raises OSError."""
    with tempfile.TemporaryFile(dir=folder) as file:
        yield Canvas(file, shape, dtype)


def _bytes(rows: Pixels) -> memoryview:
    return memoryview(rows.reshape(-1).view(np.uint8).data)


def _reserve(file: int, size_bytes: int) -> None:
    if sys.platform == "linux":
        os.posix_fallocate(file, 0, size_bytes)
    else:
        os.truncate(file, size_bytes)
