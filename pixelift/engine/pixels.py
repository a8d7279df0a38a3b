"""Arrays of pixels: (H, W) grey or (H, W, C), 8 or 16 bits a channel."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixelift.engine.geometry import Size

Depth = np.uint8 | np.uint16
Pixels = NDArray[Depth]

_PER_LEVEL = 257  # 65,535 / 255


def full_scale(pixels: Pixels) -> int:
    """Return the level of white: 255 or 65,535."""
    return int(np.iinfo(pixels.dtype).max)


def eight_bits(pixels: Pixels) -> NDArray[np.uint8]:
    """Return the same picture in levels from 0 to 255, rounded."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    return ((pixels.astype(np.uint32) + _PER_LEVEL // 2) // _PER_LEVEL).astype(np.uint8)


def grey(pixels: Pixels) -> Pixels:
    """Return (H, W) from (H, W, 3), weighed as ITU-R BT.601 does."""
    return _same_kind(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def image(pixels: Pixels) -> Image.Image:
    """Return the same picture as Pillow's, mode L, LA, RGB or RGBA, with 8 bits a channel."""
    return Image.fromarray(eight_bits(pixels))


def averaged(pixels: Pixels, size: Size) -> Pixels:
    """Return a smaller picture whose pixels are the means of what they cover."""
    return _same_kind(cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA))


def shrunk(pixels: Pixels, longest_px: int) -> Pixels:
    """Return the picture with its sides divided by the whole number that leaves at most so many pixels to a side."""
    factor = -(-max(pixels.shape[:2]) // longest_px)
    height_px, width_px = (-(-side // factor) for side in pixels.shape[:2])
    return pixels if factor == 1 else averaged(pixels, (height_px, width_px))


def _same_kind(pixels: Any) -> Pixels:
    kept: Pixels = pixels
    return kept
