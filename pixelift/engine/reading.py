"""Opening pictures that strangers made: the sole door to Pillow's decoders, for bounded children only."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from pixelift.engine import colour, decoding, formats, metadata, vips
from pixelift.engine.decoding import Samples
from pixelift.engine.inspection import Facts
from pixelift.engine.metadata import Metadata
from pixelift.engine.pixels import Pixels
from pixelift.errors import ImageTooLarge, InvalidImage, UnsupportedFormat

_OUR_MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"RIFF")
_OUR_BRANDS = {b"ftypavif", b"ftypheic", b"ftypheix", b"ftypmif1"}
_FOREIGN_MAGIC = {b"ftypjxl": "JPEG XL", b"\xff\x0a": "JPEG XL", b"%PDF": "PDF", b"%!PS": "EPS", b"<svg": "SVG"}
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
    vips.Error,
    zlib.error,
)


@dataclass(frozen=True)
class Picture:
    """A decoded picture: upright, grey (H, W) or RGB (H, W, 3) in the colours of `profile` (none: sRGB).

    `pixels` and `alpha` (H, W), of one depth, fill the whole scale of 8 or 16 bits.
    """

    pixels: Pixels
    alpha: Pixels | None
    profile: bytes | None
    metadata: Metadata
    facts: Facts

    @property
    def whole(self) -> Pixels:
        """Colour and alpha in one array."""
        return self.pixels if self.alpha is None else np.dstack([self.pixels, self.alpha])


def read(path: Path, *, max_pixels: int | None = None) -> Picture:
    """Check format and size by the header, then decode once.

    Raises UnsupportedFormat, InvalidImage, ImageTooLarge.
    """
    with path.open("rb") as file, _damage():
        image = _open(file)
        _check(image, max_pixels)
        depth = decoding.bits(image, path)
        about, turn = metadata.read(image), metadata.orientation(image)
        samples = decoding.decode(image, path, depth)
        image.close()  # its pixels are copied, and took four bytes each
        upright = samples if samples.is_upright else decoding.turned(samples, turn)
        facts = _facts(image, depth, upright)
        coloured = colour.for_network(upright.colour, image.info.get("icc_profile"))
    facts = replace(facts, colours=coloured.handling)
    return Picture(coloured.pixels, upright.alpha, coloured.profile, about, facts)


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
        return Image.open(file, formats=list(formats.PILLOW_NAMES))
    except UnidentifiedImageError as error:
        raise _unidentified(head) from error


def _unidentified(head: bytes) -> UnsupportedFormat | InvalidImage:
    if head.startswith(_OUR_MAGIC) or head[4:12] in _OUR_BRANDS:
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
    if image.format not in {"MPO", "HEIF"} and getattr(image, "is_animated", False):
        raise InvalidImage(_SEVERAL["tiff" if image.format == "TIFF" else "animated"])
    if image.mode not in decoding.MODES:
        raise UnsupportedFormat(
            f"We can't read pictures of the kind {image.mode}. Save it with 8 or 16 bits a channel."
        )


_SEVERAL = {
    "animated": "This picture is animated, and we only take still ones. Save one frame and send that.",
    "tiff": "This TIFF has several pages. Save each page as a file of its own.",
}


def _facts(image: ImageFile.ImageFile, depth: int, samples: Samples) -> Facts:
    height_px, width_px = samples.colour.shape[:2]
    name = formats.name_of(str(image.format))
    return Facts(
        format=name,
        width_px=width_px,
        height_px=height_px,
        has_alpha=samples.alpha is not None,
        bit_depth=depth,
        mode=image.mode,
        has_icc=bool(image.info.get("icc_profile")),
        has_preview=name not in formats.SHOWN_BY_BROWSERS,
    )
