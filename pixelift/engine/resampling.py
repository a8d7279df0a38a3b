"""Any part of a picture at any size, in linear light, band by band with the very same pixels as at once."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixelift.engine.geometry import Box, Size, Window
from pixelift.engine.pixels import Depth, Pixels, full_scale

BLOCK_PX = 64  # rows are always computed in these blocks, since another cut could round another way
_STEPS = (1 << 18) - 1  # of the square root of light, which is nearly as fine near black as the eye
_KNEE = 0.04045  # IEC 61966-2-1: below it the curve of sRGB is a straight line
_LANCZOS = Image.Resampling.LANCZOS


def resampled(bands: Iterable[Pixels], window: Window, *, start_px: int = 0, first_px: int = 0) -> Iterator[Pixels]:
    """Yield the target's rows from `start_px` on, a multiple of BLOCK_PX, as they become certain.

    The bands begin at row `first_px` of the source, not below the first that `window.rows` names for `start_px`.
    """
    if window.changes_nothing:
        yield from bands
        return
    held_from, held = first_px, None
    for band in bands:
        held = band if held is None else np.concatenate([held, band])
        while start_px < window.target[0]:
            bottom_px = min(start_px + BLOCK_PX, window.target[0])
            from_px, to_px = window.rows(start_px, bottom_px)
            if to_px > held_from + len(held):
                break
            rows = held[from_px - held_from : to_px - held_from]
            size = (bottom_px - start_px, window.target[1])
            yield _in_linear_light(rows, size, window.within(from_px, start_px, bottom_px))
            start_px = bottom_px
            keep_px = max(held_from, window.rows(start_px, start_px + 1)[0])
            held, held_from = held[keep_px - held_from :].copy(), keep_px


def coverage(alpha: Pixels, window: Window, top_px: int, bottom_px: int) -> Pixels:
    """Return the target's rows [top, bottom) of an alpha channel (H, W). Alpha is light already, so it has no curve."""
    blocks = range(top_px - top_px % BLOCK_PX, bottom_px, BLOCK_PX)
    rows = [_covered(alpha, window, start_px) for start_px in blocks]
    return np.concatenate(rows)[top_px - blocks.start : bottom_px - blocks.start]


def _covered(alpha: Pixels, window: Window, top_px: int) -> Pixels:
    bottom_px = min(top_px + BLOCK_PX, window.target[0])
    from_px, to_px = window.rows(top_px, bottom_px)
    rows = Image.fromarray(alpha[from_px:to_px].astype(np.float32))
    box = window.within(from_px, top_px, bottom_px)
    resized = np.asarray(rows.resize((window.target[1], bottom_px - top_px), _LANCZOS, box))
    levels: Pixels = np.rint(resized.clip(0, full_scale(alpha))).astype(alpha.dtype)
    return levels


def _in_linear_light(rows: Pixels, size: Size, box: Box) -> Pixels:
    planes = rows.reshape(*rows.shape[:2], -1)
    out = np.empty((*size, planes.shape[2]), rows.dtype)
    linear, levels = _to_linear(full_scale(rows)), _to_levels(rows.dtype)
    for index in range(planes.shape[2]):
        plane = Image.fromarray(linear[planes[..., index]])
        resized = np.asarray(plane.resize(size[::-1], _LANCZOS, box)).clip(0, 1)
        out[..., index] = levels[np.rint(np.sqrt(resized) * _STEPS).astype(np.int32)]
    return out.reshape(*size, *rows.shape[2:])


@functools.cache
def _to_linear(white: int) -> NDArray[np.float32]:
    level = np.arange(white + 1) / white
    return np.where(level <= _KNEE, level / 12.92, ((level + 0.055) / 1.055) ** 2.4).astype(np.float32)


@functools.cache
def _to_levels(dtype: np.dtype[Any]) -> NDArray[Depth]:
    linear = (np.arange(_STEPS + 1) / _STEPS) ** 2
    curved = np.where(linear <= _KNEE / 12.92, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    levels: NDArray[Depth] = np.rint(curved * np.iinfo(dtype).max).astype(dtype)
    return levels
