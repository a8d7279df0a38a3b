"""Alpha's own light path, and colour where nobody sees it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SMOOTH, _LANCZOS = Image.Resampling.BILINEAR, Image.Resampling.LANCZOS


def bled(image: Image.Image) -> Image.Image:
    """Return L or RGB: what is fully transparent takes the colour around it, so that no edge gets a fringe."""
    colour = image.convert("L" if image.mode == "LA" else "RGB")
    return _filled(colour, image.getchannel("A").point(lambda alpha: 255 if alpha else 0))


def enlarged(alpha: Image.Image, size: tuple[int, int], top_px: int, bottom_px: int) -> NDArray[np.uint8]:
    """Return the rows [top, bottom) of the channel at its final size (width, height)."""
    width_px, height_px = size
    step = alpha.height / height_px
    box = (0.0, top_px * step, float(alpha.width), min(bottom_px * step, float(alpha.height)))
    return np.asarray(alpha.resize((width_px, bottom_px - top_px), _LANCZOS, box))


def _filled(colour: Image.Image, known: Image.Image) -> Image.Image:
    """Push and pull: fill the unknown from a copy of half the size, which was filled in the same way."""
    lowest, highest = known.getextrema()
    if lowest or not highest or colour.size == (1, 1):
        return colour
    black = Image.new(colour.mode, colour.size)
    weights = known.reduce(2)
    sums = Image.composite(colour, black, known).reduce(2)
    half = _filled(_divided(sums, weights), weights.point(lambda weight: 255 if weight else 0))
    return Image.composite(colour, half.resize(colour.size, _SMOOTH), known)


def _divided(sums: Image.Image, weights: Image.Image) -> Image.Image:
    share = np.maximum(np.asarray(weights, np.float32), 1) / 255
    levels = np.asarray(sums, np.float32)
    mean = levels / (share if levels.ndim == share.ndim else share[..., None])
    return Image.fromarray(np.rint(mean.clip(0, 255)).astype(np.uint8))
