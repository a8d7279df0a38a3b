"""What libvips is used for: pictures of more than 8 bits, and colour profiles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import pyvips

from pixelift.engine import formats
from pixelift.engine.canvas import Canvas
from pixelift.engine.metadata import Metadata
from pixelift.engine.options import Format
from pixelift.engine.pixels import Pixels
from pixelift.engine.reels import Reel

pyvips.cache_set_max(0)  # it would remember files by their names, and pictures that are gone

Error = pyvips.Error
_LAYOUTS = {np.dtype(np.uint8): ("uchar", "b-w", "srgb"), np.dtype(np.uint16): ("ushort", "grey16", "rgb16")}


def write_avif(
    file: IO[bytes], canvas: Canvas, profile: bytes | None, metadata: Metadata, quality: int, *, fine: bool
) -> None:
    """Write 16-bit pixels as AVIF of ten bits, which is what its readers can be trusted with. Raises OSError."""
    chroma = "off" if fine else "on"
    image, bits = _labelled(_of(canvas), profile, metadata), formats.MOST_BITS[Format.AVIF]
    how = {"Q": quality, "compression": "av1", "bitdepth": bits, "effort": 1, "subsample_mode": chroma}
    _put(file, lambda: image.heifsave_buffer(**how))


def frames(paths: list[Path], *, has_alpha: bool) -> list[pyvips.Image]:
    """Open PNGs of 8 bits as RGB, or RGBA if some frame has alpha, so that all are of one kind."""
    images = [pyvips.Image.pngload(str(path), access="sequential").colourspace("srgb") for path in paths]
    return [image.addalpha() if has_alpha and not image.hasalpha() else image for image in images]


def write_webp(
    file: IO[bytes],
    shown: list[pyvips.Image],
    reel: Reel,
    profile: bytes | None,
    metadata: Metadata,
    quality: int,
) -> None:
    """Write a moving WebP, decoding frames as they are needed. Raises OSError."""
    image = _labelled(pyvips.Image.arrayjoin(shown, across=1), profile, metadata)
    image.set_type(pyvips.GValue.gint_type, "page-height", shown[0].height)
    image.set_type(pyvips.GValue.array_int_type, "delay", list(reel.durations_ms))
    image.set_type(pyvips.GValue.gint_type, "loop", reel.plays)
    _put(file, lambda: image.webpsave_buffer(Q=quality, effort=4))


def in_srgb(source: Pixels, profile: bytes) -> Pixels:
    """Return RGB of the same depth, relative colorimetric with black points matched. Raises Error."""
    kind, grey, colour = _LAYOUTS[source.dtype]
    channels = 1 if source.ndim == 2 else source.shape[2]  # noqa: PLR2004
    own = pyvips.Image.new_from_memory(source, source.shape[1], source.shape[0], channels, kind)
    own = own.copy(interpretation={1: grey, 3: colour, 4: "cmyk"}[channels])
    own.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    depth = source.dtype.itemsize * 8
    how = {"embedded": True, "intent": "relative", "black_point_compensation": True, "depth": depth}
    return pixels(own.icc_transform("srgb", **how))


def read(path: Path, loader: str, *, at_once: bool = False) -> Pixels:
    """Return (H, W) or (H, W, C) as libvips decodes it, fully and in the file's own depth. Raises Error.

    `at_once`: the format has no rows to be read one after the other; libvips would decode it into a file of its own.
    """
    how = {"access": "sequential", "fail_on": "error", "memory": at_once}
    return pixels(getattr(pyvips.Image, loader)(str(path), **how))


def bits(path: Path) -> int:
    """Return the bits of a channel in an AVIF, by its header. Raises Error."""
    return int(pyvips.Image.heifload(str(path)).get("bits-per-sample"))


def _put(file: IO[bytes], encode: Callable[[], bytes]) -> None:
    try:
        encoded = encode()
    except pyvips.Error as error:
        raise OSError(str(error)) from error
    file.write(encoded)


def pixels(image: pyvips.Image) -> Pixels:
    """Return (H, W) or (H, W, C)."""
    found: Pixels = image.numpy()
    return found.reshape(image.height, image.width, *found.shape[2:])  # it makes one grey pixel a mere number


def _of(canvas: Canvas) -> pyvips.Image:
    """Return the canvas as a picture that is read as it is needed."""
    channels = 1 if len(canvas.shape) == 2 else canvas.shape[2]  # noqa: PLR2004
    kind, grey, colour = _LAYOUTS[canvas.dtype]
    path, interpretation = f"/dev/fd/{canvas.fileno()}", grey if channels in {1, 2} else colour
    size = (canvas.width_px, canvas.height_px)
    return pyvips.Image.rawload(path, *size, channels, format=kind, interpretation=interpretation)


def _labelled(image: pyvips.Image, profile: bytes | None, metadata: Metadata) -> pyvips.Image:
    told = image.copy()
    exif = metadata.exif and b"Exif\0\0" + metadata.exif
    for name, content in (("icc-profile-data", profile), ("exif-data", exif), ("xmp-data", metadata.xmp)):
        if content:
            told.set_type(pyvips.GValue.blob_type, name, content)
    return told
