"""Small copies of a picture in the colours that browsers assume."""

from __future__ import annotations

import errno
import io
from pathlib import Path

from PIL import Image

from pixelift.engine import colour, formats
from pixelift.errors import StorageFull

THUMBNAIL_PX = 480
PREVIEW_PX = 4096


def write(image: Image.Image, profile: bytes | None, name: str, thumbnail: Path | None, preview: Path | None) -> bool:
    """Write the copies that are asked for; the preview only of a format that browsers do not show, and say whether.

    Raises StorageFull.
    """
    if thumbnail is not None:
        _write(thumbnail, _shrunk(image, profile, THUMBNAIL_PX), "WEBP", quality=80)
    if preview is None or name in formats.SHOWN_BY_BROWSERS:
        return False
    _write(preview, _shrunk(image, profile, PREVIEW_PX), "PNG", compress_level=3)
    return True


def _shrunk(image: Image.Image, profile: bytes | None, longest_px: int) -> Image.Image:
    small = image.copy()
    small.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS, reducing_gap=3)
    return colour.in_srgb(small, profile)


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
