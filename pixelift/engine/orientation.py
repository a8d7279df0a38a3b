"""The eight ways to hold a camera (EXIF 2.32, tag 0x0112)."""

from __future__ import annotations

from pixelift.engine.pixels import Pixels

_TRANSPOSED = 5  # from here on, rows and columns are exchanged
_MIRRORED_ACROSS, _MIRRORED_DOWN = {2, 3, 6, 7}, {3, 4, 7, 8}


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Return the picture as it was seen; what is no orientation counts as upright."""
    turned = pixels.swapaxes(0, 1) if orientation in range(_TRANSPOSED, 9) else pixels
    turned = turned[:, ::-1] if orientation in _MIRRORED_ACROSS else turned
    turned = turned[::-1] if orientation in _MIRRORED_DOWN else turned
    return turned if turned is pixels else turned.copy()  # a mirrored row of one passes for contiguous, backwards
