"""Opening pictures that strangers made: the sole door to Pillow's decoders, for bounded children only."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from pixelift.engine import colour, formats, metadata, transparency
from pixelift.engine.inspection import Facts
from pixelift.engine.pixels import Pixels
from pixelift.errors import ImageTooLarge, InvalidImage, UnsupportedFormat

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_OUR_MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF", b"\0\0\0 ftypavif")
_FOREIGN_MAGIC = {b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIF", b"%PDF": "PDF", b"%!PS": "EPS", b"<svg": "SVG"}
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class Picture:
    """A decoded picture, upright, (H, W) grey or (H, W, 3) RGB in the colours of `profile`; alpha is (H, W)."""

    pixels: Pixels
    alpha: Pixels | None
    profile: bytes | None
    exif: bytes | None
    facts: Facts

    @property
    def whole(self) -> Pixels:
        """Colour and alpha in one array, with no other colour hidden under transparency than around it."""
        if self.alpha is None:
            return self.pixels
        return np.dstack([transparency.bled(self.pixels, self.alpha), self.alpha])


def read(path: Path, *, max_pixels: int | None = None) -> Picture:
    """Check format and size by the header, then decode once.

    Raises UnsupportedFormat, InvalidImage, ImageTooLarge.
    """
    with path.open("rb") as file, _damage():
        image = _open(file)
        _check(image, max_pixels)
        depth = colour.bit_depth(image)
        image.load()
        return _picture(image, depth)


@contextmanager
def _damage() -> Iterator[None]:
    """Whatever Pillow raises at a broken file becomes InvalidImage."""
    try:
        yield
    except MemoryError as error:
        raise InvalidImage("This picture needs too much memory to open.") from error
    except _BROKEN as error:
        raise InvalidImage from error


def _open(file: BinaryIO) -> ImageFile.ImageFile:
    Image.MAX_IMAGE_PIXELS = None  # the caller's own limit counts, see _check
    head = file.read(64)
    file.seek(0)
    try:
        return Image.open(file, formats=[name.upper() for name in formats.READABLE])
    except UnidentifiedImageError as error:
        raise _unidentified(head) from error


def _unidentified(head: bytes) -> UnsupportedFormat | InvalidImage:
    if head.startswith(_OUR_MAGIC):
        return InvalidImage()
    foreign = next((name for magic, name in _FOREIGN_MAGIC.items() if magic in head), None)
    if foreign is None:
        return UnsupportedFormat()
    return UnsupportedFormat(
        f"We can't read {foreign} here. Save it as JPEG, PNG, WebP, AVIF or TIFF and send it again."
    )


def _check(image: ImageFile.ImageFile, max_pixels: int | None) -> None:
    pixels = image.width * image.height
    if max_pixels is not None and pixels > max_pixels:
        raise ImageTooLarge(
            f"This picture has {pixels:,} pixels ({image.width:,} by {image.height:,}), and at most {max_pixels:,} fit."
        )
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise InvalidImage(_SEVERAL["tiff" if image.format == "TIFF" else "animated"])
    if image.mode not in colour.MODES:
        raise UnsupportedFormat(
            f"We can't read pictures of the kind {image.mode}. Save it with 8 or 16 bits a channel."
        )


_SEVERAL = {
    "animated": "This picture is animated, and we only take still ones. Save one frame and send that.",
    "tiff": "This TIFF has several pages. Save each page as a file of its own.",
}


def _picture(image: ImageFile.ImageFile, depth: int) -> Picture:
    exif = metadata.exif(image)
    profile = image.info.get("icc_profile")
    decoded = colour.eight_bits(image)
    turn = _UPRIGHT.get(metadata.orientation(image))
    upright = decoded if turn is None else decoded.transpose(turn)
    alpha = np.asarray(upright.getchannel("A")) if upright.mode in {"LA", "RGBA"} else None
    kept, facts = colour.kept_profile(profile, upright), _facts(image, upright, depth)
    opaque = upright if alpha is None else upright.convert("L" if upright.mode == "LA" else "RGB")
    return Picture(np.asarray(opaque), alpha, kept, exif, facts)


def _facts(image: ImageFile.ImageFile, upright: Image.Image, depth: int) -> Facts:
    name = {"MPO": "jpeg"}.get(str(image.format), str(image.format).lower())
    return Facts(
        format=name,
        width_px=upright.width,
        height_px=upright.height,
        has_alpha=upright.mode in {"LA", "RGBA"},
        bit_depth=depth,
        mode=image.mode,
        has_icc=bool(image.info.get("icc_profile")),
        has_preview=name not in formats.SHOWN_BY_BROWSERS,
    )
