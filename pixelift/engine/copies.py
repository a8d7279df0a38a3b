"""Small copies of a picture in the colours that browsers assume."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from pixelift.engine import colour, formats, pixels
from pixelift.engine.pixels import Pixels
from pixelift.errors import StorageFull

THUMBNAIL_PX = 480
PREVIEW_PX = 4096

Shrink = Callable[[int], Pixels]  # returns the picture with at most so many pixels on its longest side


def write(shrink: Shrink, profile: bytes | None, name: str, thumbnail: Path | None, preview: Path | None) -> bool:
    """Write the copies that are asked for; the preview only of a format that browsers do not show, and say whether.

    Raises StorageFull.
    """
    if thumbnail is not None:
        _write(thumbnail, _small(shrink(3 * THUMBNAIL_PX), THUMBNAIL_PX, profile), "WEBP", quality=80)
    if preview is None or name in formats.SHOWN_BY_BROWSERS:
        return False
    _write(preview, _small(shrink(2 * PREVIEW_PX - 1), PREVIEW_PX, profile), "PNG", compress_level=3)
    return True


def _small(shrunk: Pixels, longest_px: int, profile: bytes | None) -> Image.Image:
    image = pixels.image(shrunk)
    image.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS)
    return colour.in_srgb(image, profile)


def _write(path: Path, image: Image.Image, name: str, **how: int) -> None:
    encoded = io.BytesIO()
    image.save(encoded, name, **how)
    try:
        path.write_bytes(encoded.getvalue())
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull from error
        raise
