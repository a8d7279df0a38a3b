"""Colour where nobody sees it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelift.engine import pixels
from pixelift.engine.pixels import Pixels

Mask = NDArray[np.bool_]


def bled(colour: Pixels, alpha: Pixels) -> Pixels:
    """Return the colour with what is fully transparent filled from around, so that no edge gets a fringe."""
    return _filled(colour, alpha > 0)


def _filled(colour: Pixels, known: Mask) -> Pixels:
    """Push and pull: fill the unknown from a copy of half the size, which was filled in the same way."""
    if known.all() or not known.any():
        return colour
    height_px, width_px = known.shape
    half = (-(-height_px // 2), -(-width_px // 2))
    mask = known if colour.ndim == known.ndim else known[..., None]
    shares = pixels.averaged(known.astype(np.uint8) * np.uint8(255), half)
    sums = pixels.averaged(np.where(mask, colour, colour.dtype.type(0)), half)
    smaller = _filled(_divided(sums, shares), shares > 0)
    filled: Pixels = np.where(mask, colour, cv2.resize(smaller, (width_px, height_px), interpolation=cv2.INTER_LINEAR))
    return filled


def _divided(sums: Pixels, shares: Pixels) -> Pixels:
    share = np.maximum(shares.astype(np.float32), 1) / 255
    mean = sums / (share if sums.ndim == share.ndim else share[..., None])
    levels: Pixels = np.rint(mean.clip(0, pixels.full_scale(sums))).astype(sums.dtype)
    return levels
