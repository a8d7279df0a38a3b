"""Any size from any size, in linear light, band by band with the same pixels as at once."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]  # (H, W) or (H, W, C)
Box = tuple[float, float, float, float]  # left, top, right, bottom

_REACH = 3  # Lanczos 3
_LEVELS = 65_535
_KNEE = 0.04045  # IEC 61966-2-1: below it the curve of sRGB is a straight line
_LANCZOS = Image.Resampling.LANCZOS


def _to_linear() -> NDArray[np.float32]:
    level = np.arange(256) / 255
    return np.where(level <= _KNEE, level / 12.92, ((level + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _to_levels() -> Pixels:
    linear = np.arange(_LEVELS + 1) / _LEVELS
    curved = np.where(linear <= _KNEE / 12.92, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    levels: Pixels = np.rint(curved * 255).astype(np.uint8)
    return levels


_LINEAR, _SRGB = _to_linear(), _to_levels()


def resampled(bands: Iterator[Pixels], source: tuple[int, int], target: tuple[int, int]) -> Iterator[Pixels]:
    """Yield the picture of `target` size (height, width) as its rows become certain, from bands of the source's."""
    if source == target:
        yield from bands
        return
    step = source[0] / target[0]
    reach = _REACH * max(1.0, step) + 1
    held, held_from, held_to, done = [], 0, 0, 0
    for band in bands:
        held.append(band)
        held_to += len(band)
        sure = target[0] if held_to == source[0] else max(done, math.floor((held_to - reach) / step))
        if sure == done:
            continue
        rows = np.concatenate(held)
        box = (0.0, done * step - held_from, float(source[1]), min(sure * step - held_from, float(len(rows))))
        yield _in_linear_light(rows, (target[1], sure - done), box)
        done = sure
        keep_from = max(held_from, math.floor(done * step - reach))
        held, held_from = [rows[keep_from - held_from :].copy()], keep_from


def coverage(alpha: Pixels, size: tuple[int, int], top_px: int, bottom_px: int) -> Pixels:
    """Return the rows [top, bottom) of an alpha channel (H, W) at its final size (height, width).

    Alpha is light already, so it has no curve.
    """
    step = len(alpha) / size[0]
    reach = _REACH * max(1.0, step) + 1
    from_row, to_row = max(0, math.floor(top_px * step - reach)), min(len(alpha), math.ceil(bottom_px * step + reach))
    rows = alpha[from_row:to_row].astype(np.float32)
    box = (0.0, top_px * step - from_row, float(alpha.shape[1]), min(bottom_px * step - from_row, float(len(rows))))
    resized = Image.fromarray(rows).resize((size[1], bottom_px - top_px), _LANCZOS, box)
    levels: Pixels = np.rint(np.asarray(resized).clip(0, 255)).astype(np.uint8)
    return levels


def _in_linear_light(rows: Pixels, size: tuple[int, int], box: Box) -> Pixels:
    planes = rows.reshape(*rows.shape[:2], -1)
    out = np.empty((size[1], size[0], planes.shape[2]), np.uint8)
    for index in range(planes.shape[2]):
        linear = Image.fromarray(_LINEAR[planes[..., index]])
        resized = np.asarray(linear.resize(size, _LANCZOS, box)).clip(0, 1)
        out[..., index] = _SRGB[np.rint(resized * _LEVELS).astype(np.uint16)]
    return out.reshape(size[1], size[0], *rows.shape[2:])
