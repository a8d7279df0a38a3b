"""Opening pictures that strangers made: the sole door to Pillow's decoders, for bounded children only."""

from __future__ import annotations

import errno
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from pixelift.engine import colour, decoding, formats, metadata, reels, signals, vips
from pixelift.engine.decoding import Samples
from pixelift.engine.inspection import Facts
from pixelift.engine.metadata import Metadata
from pixelift.engine.pixels import Pixels
from pixelift.engine.reels import Reel
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


_LAST_THAT_STANDS = 4  # of Exif's orientations


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
        frames = _check(image, max_pixels)
        depth = decoding.bits(image, path)
        about, turn = metadata.read(image), metadata.orientation(image)
        profile = signals.profile(image, path)
        samples = decoding.decode(image, path, depth) if frames == 1 else decoding.first(image)
        image.close()  # its pixels are copied, and took four bytes each
        upright = samples if samples.is_upright else decoding.turned(samples, turn)
        facts = _facts(image, depth, upright)
        coloured = colour.for_network(upright.colour, profile)
    facts = replace(facts, colours=coloured.handling, frames=frames)
    return Picture(coloured.pixels, upright.alpha, coloured.profile, about, facts)


def unreel(path: Path, folder: Path) -> tuple[list[Path], Reel]:
    """Decode every frame into a PNG of its own, upright. Raises InvalidImage, ImageTooLarge, OSError."""
    sources, durations_ms, has_alpha = [], [], False
    with path.open("rb") as file, _damage():
        image = _open(file)
        profile = signals.profile(image, path)
        for index, (frame, duration_ms) in enumerate(reels.frames(image)):
            sources.append(folder / f"{index:04}.png")
            upright = ImageOps.exif_transpose(frame)
            upright.save(sources[-1], compress_level=1, icc_profile=profile)
            durations_ms.append(duration_ms)
            has_alpha = has_alpha or not reels.is_opaque(frame)
        return sources, Reel(tuple(durations_ms), reels.plays(image), has_alpha)


def outline(path: Path) -> Facts:
    """Tell what the header alone says, without decoding. Raises UnsupportedFormat, InvalidImage."""
    with path.open("rb") as file, _damage():
        image = _open(file)
        lies = metadata.orientation(image) > _LAST_THAT_STANDS and image.format not in decoding.TURNED_BY_PILLOW
        width_px, height_px = image.size[::-1] if lies else image.size
        return Facts(
            format=formats.name_of(str(image.format)),
            width_px=width_px,
            height_px=height_px,
            has_alpha=False,
            bit_depth=8,
            mode=image.mode,
            has_icc=False,
            has_preview=False,
            frames=_check(image, None),
        )


@contextmanager
def _damage() -> Iterator[None]:
    """Whatever Pillow raises at a broken file becomes InvalidImage; a full disk is no fault of the file."""
    try:
        yield
    except MemoryError as error:
        raise InvalidImage("This picture needs too much memory to open.") from error
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise
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


def _check(image: ImageFile.ImageFile, max_pixels: int | None) -> int:
    """Return the number of frames."""
    _check_pixels(image, 1, max_pixels)
    if image.format == "TIFF" and getattr(image, "is_animated", False):
        raise InvalidImage("This TIFF has several pages. Save each page as a file of its own.")
    if image.mode not in decoding.MODES:
        raise UnsupportedFormat(
            f"We can't read pictures of the kind {image.mode}. Save it with 8 or 16 bits a channel."
        )
    frames = reels.count(image)
    _check_pixels(image, frames, max_pixels)
    return frames


def _check_pixels(image: ImageFile.ImageFile, frames: int, max_pixels: int | None) -> None:
    pixels = image.width * image.height * frames
    if max_pixels is not None and pixels > max_pixels:
        size = f"{image.width:,} by {image.height:,}" + (f", {frames:,} frames" if frames > 1 else "")
        raise ImageTooLarge(f"This picture has {pixels:,} pixels ({size}), and at most {max_pixels:,} fit.")


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
