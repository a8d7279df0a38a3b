"""Colour where nobody sees it."""

from __future__ import annotations

import numpy as np
from PIL import Image


def bled(image: Image.Image) -> Image.Image:
    """Return L or RGB: what is fully transparent takes the colour around it, so that no edge gets a fringe."""
    colour = image.convert("L" if image.mode == "LA" else "RGB")
    return _filled(colour, image.getchannel("A").point(lambda alpha: 255 if alpha else 0))


def _filled(colour: Image.Image, known: Image.Image) -> Image.Image:
    """Push and pull: fill the unknown from a copy of half the size, which was filled in the same way."""
    lowest, highest = known.getextrema()
    if lowest or not highest or colour.size == (1, 1):
        return colour
    black = Image.new(colour.mode, colour.size)
    weights = known.reduce(2)
    sums = Image.composite(colour, black, known).reduce(2)
    half = _filled(_divided(sums, weights), weights.point(lambda weight: 255 if weight else 0))
    return Image.composite(colour, half.resize(colour.size, Image.Resampling.BILINEAR), known)


def _divided(sums: Image.Image, weights: Image.Image) -> Image.Image:
    share = np.maximum(np.asarray(weights, np.float32), 1) / 255
    levels = np.asarray(sums, np.float32)
    mean = levels / (share if levels.ndim == share.ndim else share[..., None])
    return Image.fromarray(np.rint(mean.clip(0, 255)).astype(np.uint8))
