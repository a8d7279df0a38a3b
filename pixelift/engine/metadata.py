"""What a picture says about itself besides its pixels."""

from __future__ import annotations

import struct

from PIL import Image
from PIL.ExifTags import IFD, Base

_UNREADABLE = (LookupError, OSError, SyntaxError, TypeError, ValueError, struct.error)
_STALE = (Base.ExifImageWidth, Base.ExifImageHeight, Base.MakerNote)  # true of the source only; offsets that move


def orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 (upright) to 8. Unreadable counts as upright."""
    try:
        return int(image.getexif().get(Base.Orientation, 1))
    except _UNREADABLE:
        return 1


def exif(image: Image.Image) -> bytes | None:
    """Return the EXIF to keep: without orientation, which is applied, and without the place, which is private."""
    try:
        kept = image.getexif()
        camera = kept.get_ifd(IFD.Exif)
        copy = Image.Exif()
        copy.update({tag: value for tag, value in kept.items() if tag not in {Base.Orientation, *IFD}})
        if camera:
            copy[IFD.Exif] = {tag: value for tag, value in camera.items() if tag not in _STALE}
        return copy.tobytes() if len(copy) else None
    except _UNREADABLE:
        return None
