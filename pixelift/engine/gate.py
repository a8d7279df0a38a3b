"""Nothing leaves the network unseen: rows that cannot be true are computed again, in full precision."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from pixelift.engine import hardware, transfers
from pixelift.engine.pixels import Pixels, averaged, full_scale
from pixelift.engine.streaming import Tiling
from pixelift.engine.upscaler import Upscaler
from pixelift.errors import EngineOutputRejected

_SMALLEST_CHUNK_PX = 64
_SPECK_PX = 4
_FLAT, _VARIED = (
    2 / 255,
    24 / 255,
)  # of white: a span up to the first is blank, a source with more than the second is not

_log = logging.getLogger(__name__)


def enlarged(upscaler: Upscaler, source: Pixels, tiling: Tiling, first_px: int = 0) -> Iterator[Pixels]:
    """Yield the picture from row `first_px` on, enlarged, as RGB of the source's depth, whole source rows at a time.

    Out of memory on a GPU, it goes on from the last finished row in smaller chunks, at last on the CPU.
    Raises EngineOutputRejected.
    """
    done_px = first_px
    while done_px < len(source):
        try:
            for rows in upscaler.rows(source, done_px, len(source), tiling):
                bottom_px = done_px + rows.shape[2] // upscaler.scale
                yield _passed(upscaler, rows, source, (done_px, bottom_px), tiling)
                done_px = bottom_px
        except torch.OutOfMemoryError:
            upscaler, tiling = _smaller(upscaler, tiling)


def _passed(upscaler: Upscaler, rows: Tensor, source: Pixels, span: tuple[int, int], tiling: Tiling) -> Pixels:
    pixels = transfers.pixels(rows, full_scale(source))
    if _plausible(rows, pixels, source[slice(*span)]):
        return pixels
    if upscaler.precision == "fp32":
        raise EngineOutputRejected
    _log.warning("rows %d to %d came out blank in %s and are computed again", *span, upscaler.precision)
    exact, quiet = replace(upscaler, precision="fp32"), replace(tiling, tick=lambda _work: None)
    again = torch.cat(list(exact.rows(source, *span, quiet)), 2)
    return _passed(exact, again, source, span, quiet)


def _smaller(upscaler: Upscaler, tiling: Tiling) -> tuple[Upscaler, Tiling]:
    _log.warning("out of memory on %s with chunks of %d px", upscaler.device, tiling.chunk_px)
    if tiling.chunk_px // 2 >= _SMALLEST_CHUNK_PX:
        return upscaler, replace(tiling, chunk_px=tiling.chunk_px // 2)
    cpu = torch.device("cpu")
    return replace(upscaler, device=cpu, precision=hardware.precision("auto", cpu)), tiling


def _plausible(rows: Tensor, pixels: Pixels, source: Pixels) -> bool:
    if not torch.isfinite(rows.sum(dtype=torch.float32)):  # one NaN or infinity is enough to show in the sum
        return False
    return _span(pixels) > _FLAT or _span(_coarse(source)) <= _VARIED


def _coarse(source: Pixels) -> Pixels:
    """Leave out specks, which a network may rightly take for noise."""
    height_px, width_px = source.shape[:2]
    return averaged(source, (-(-height_px // _SPECK_PX), -(-width_px // _SPECK_PX)))


def _span(pixels: Pixels) -> float:
    return (int(pixels.max()) - int(pixels.min())) / full_scale(pixels)
