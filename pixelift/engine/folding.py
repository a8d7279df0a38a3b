"""Networks that first fold every few pixels into channels, streamed all the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor
from torch.nn.functional import pad, pixel_unshuffle

from pixelift.engine.streaming import Chain, Piece, Tiling


class Folded:
    """A chain that sees squares of `factor` pixels as one. Sides that are no multiple are mirrored up to one."""

    def __init__(self, inner: Chain, factor: int) -> None:
        self._inner, self.align = inner, factor
        self.scale = inner.scale // factor
        self.radius = inner.radius * factor
        self.work = inner.work / factor**2

    def flow(self, pieces: Iterable[Piece], tiling: Tiling) -> Iterator[Piece]:
        size = _Size()
        left = 0  # rows of the result that were given out
        for out, last in self._inner.flow(self._folded(pieces, size), tiling):
            rows = out[:, :, :, : size.width_px * self.scale]
            if last:
                rows = rows[:, :, : size.height_px * self.scale - left]
            left += rows.shape[2]
            yield rows, last

    def _folded(self, pieces: Iterable[Piece], size: _Size) -> Iterator[Piece]:
        """Fold whole squares, one row of them behind, so that the last rows have something to mirror."""
        held: Tensor | None = None
        for rows, last in pieces:
            size.add(rows)
            held = rows if held is None else torch.cat([held, rows], 2)
            ready_px = held.shape[2] if last else (held.shape[2] // self.align - 1) * self.align
            if ready_px > 0:
                yield pixel_unshuffle(_mirrored(held[:, :, :ready_px], self.align), self.align), last
                held = held[:, :, ready_px:]


class _Size:
    """What has come in so far."""

    width_px = height_px = 0

    def add(self, rows: Tensor) -> None:
        self.width_px = rows.shape[3]
        self.height_px += rows.shape[2]


def _mirrored(rows: Tensor, factor: int) -> Tensor:
    """Pad right and bottom; a side too short to mirror repeats its edge."""
    below, right = -rows.shape[2] % factor, -rows.shape[3] % factor
    rows = pad(rows, (0, right, 0, 0), "reflect" if right < rows.shape[3] else "replicate")
    return pad(rows, (0, 0, 0, below), "reflect" if below < rows.shape[2] else "replicate")
