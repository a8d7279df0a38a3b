"""Networks of other architectures: overlapping tiles, joined softly.

A tile reaches `_PAD_PX` beyond its core on all sides. Where the cores of two tiles meet, their results fade into each
other over `2 * _FADE_PX` source pixels, and what lies nearer to a tile's own edge is never used. So a network that
sees at most `_PAD_PX - _FADE_PX` pixels around computes what it would for the whole picture; for one that sees
further, two tiles may disagree, and their difference is spread evenly over the fade.
The grid is the picture's own, so that the same rows come out wherever the work begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor

from pixelift.engine.streaming import Held, Piece, Tiling

_CORE_PX, _PAD_PX, _FADE_PX = 192, 32, 8  # 192 and its halves, and 32, are multiples of the usual windows


class Tiled:
    """A step of a single function that wants to see whole tiles."""

    align = _CORE_PX
    radius = _CORE_PX + _PAD_PX + _FADE_PX

    def __init__(self, function: Callable[[Tensor], Tensor], scale: int, work: float) -> None:
        self._function, self.scale, self.work = function, scale, work

    def flow(self, pieces: Iterable[Piece], tiling: Tiling) -> Iterator[Piece]:
        held, top_px, seam = Held(), 0, None
        core_px = _core(tiling.chunk_px)
        for rows, last in pieces:
            held.add(rows)
            for bottom_px in _cuts(top_px, held.end_px, core_px):
                ends = bottom_px == held.end_px
                if ends and not last:
                    break
                band, seam = self._joined(seam, self._band(held, top_px, bottom_px, tiling), ends=ends)
                top_px = bottom_px
                held.forget(top_px - _PAD_PX)
                yield band, ends

    def _band(self, held: Held, top_px: int, bottom_px: int, tiling: Tiling) -> Tensor:
        """Return the rows of one line of tiles, and a fade more above and below."""
        rows = held.between(top_px - _PAD_PX, bottom_px + _PAD_PX)
        band: list[Tensor] = []
        seam, left_px = None, 0
        for right_px in _cuts(0, rows.shape[3], _core(tiling.chunk_px)):
            tile = self._tile(rows, left_px, right_px).transpose(2, 3)
            columns, seam = self._joined(seam, tile, ends=right_px == rows.shape[3])
            band.append(columns.transpose(2, 3))
            tiling.tick((bottom_px - top_px) * (right_px - left_px) * self.work)
            left_px = right_px
        above_px = min(_PAD_PX, top_px)
        from_px, to_px = max(above_px - _FADE_PX, 0), above_px + bottom_px - top_px + _FADE_PX
        return torch.cat(band, 3)[:, :, from_px * self.scale : to_px * self.scale]

    def _tile(self, rows: Tensor, left_px: int, right_px: int) -> Tensor:
        """Return the columns of one core, and a fade more on both sides."""
        from_px = max(left_px - _PAD_PX, 0)
        out = self._function(rows[:, :, :, from_px : right_px + _PAD_PX].contiguous())
        start_px, end_px = max(left_px - _FADE_PX, 0) - from_px, right_px + _FADE_PX - from_px
        return out[:, :, :, start_px * self.scale : end_px * self.scale]

    def _joined(self, seam: Tensor | None, part: Tensor, *, ends: bool) -> tuple[Tensor, Tensor | None]:
        """Fade from what the part before left into this one; return what is final, and what the next one meets."""
        fade_px = 2 * _FADE_PX * self.scale
        if seam is not None:
            share = torch.linspace(0, 1, fade_px + 2, device=part.device, dtype=part.dtype)[1:-1, None]
            part = torch.cat([torch.lerp(seam, part[:, :, :fade_px], share), part[:, :, fade_px:]], 2)
        return (part, None) if ends else (part[:, :, :-fade_px], part[:, :, -fade_px:])


def _core(chunk_px: int) -> int:
    """Return the side of a core; halved when memory is short."""
    core_px = _CORE_PX
    while core_px > chunk_px and core_px > _PAD_PX:
        core_px //= 2
    return core_px


def _cuts(start_px: int, end_px: int, core_px: int) -> Iterator[int]:
    """Yield where cores end; a last one too narrow to be padded against belongs to the one before."""
    while end_px - start_px >= core_px + _PAD_PX:
        start_px += core_px
        yield start_px
    if end_px > start_px:
        yield end_px
