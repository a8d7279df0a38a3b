"""What libvips is used for: pictures of more than 8 bits, colour profiles, and encoders that take rows as they come."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import numpy as np
import pyvips

from pixelift.engine.canvas import Canvas
from pixelift.engine.metadata import Metadata
from pixelift.engine.pixels import Pixels

pyvips.cache_set_max(0)  # it would remember files by their names, and pictures that are gone

Error = pyvips.Error
_LAYOUTS = {np.dtype(np.uint8): ("uchar", "b-w", "srgb"), np.dtype(np.uint16): ("ushort", "grey16", "rgb16")}
_MM_PER_INCH = 25.4
_PER_LEVEL = 257


def of(canvas: Canvas) -> pyvips.Image:
    """Return the canvas as a picture that is read as it is needed."""
    channels = 1 if len(canvas.shape) == 2 else canvas.shape[2]  # noqa: PLR2004
    kind, grey, colour = _LAYOUTS[canvas.dtype]
    path = f"/dev/fd/{canvas.fileno()}"
    interpretation = grey if channels in {1, 2} else colour
    return pyvips.Image.rawload(
        path, canvas.width_px, canvas.height_px, channels, format=kind, interpretation=interpretation
    )


def eight_bits(image: pyvips.Image) -> pyvips.Image:
    return image if image.format == "uchar" else (image / _PER_LEVEL).rint().cast("uchar").copy(interpretation="srgb")


def labelled(image: pyvips.Image, profile: bytes | None, metadata: Metadata) -> pyvips.Image:
    """Return the same picture with what is to be told of it."""
    across, down = (dots / _MM_PER_INCH for dots in metadata.dpi or (72.0, 72.0))
    told = image.copy(xres=across, yres=down)
    exif = metadata.exif and b"Exif\0\0" + metadata.exif
    for name, content in (("icc-profile-data", profile), ("exif-data", exif), ("xmp-data", metadata.xmp)):
        if content:
            told.set_type(pyvips.GValue.blob_type, name, content)
    return told


def save(image: pyvips.Image, file: IO[bytes], saver: str, *, skip_bytes: int = 0, **how: Any) -> None:
    """Encode into the file, without the first so many bytes. Raises OSError."""
    failures: list[OSError] = []
    left_out = skip_bytes

    def put(chunk: Any) -> int:
        nonlocal left_out
        kept = bytes(chunk)[left_out:]
        left_out = max(0, left_out - len(chunk))
        try:
            file.write(kept)
        except OSError as error:
            failures.append(error)
            return -1
        return len(chunk)

    target = pyvips.TargetCustom()
    target.on_write(put)
    try:
        getattr(image, saver)(target, **how)
    except pyvips.Error as error:
        raise failures[0] if failures else OSError(str(error)) from error


def write_avif(
    file: IO[bytes], canvas: Canvas, profile: bytes | None, metadata: Metadata, quality: int, *, fine: bool
) -> None:
    """Write 16-bit pixels as AVIF of ten bits, which is what its readers can be trusted with. Raises OSError."""
    how: dict[str, Any] = {"Q": quality, "compression": "av1", "bitdepth": 10, "effort": 1}
    chroma = "off" if fine else "on"
    save(labelled(of(canvas), profile, metadata), file, "heifsave_target", subsample_mode=chroma, **how)


def in_srgb(source: Pixels, profile: bytes) -> Pixels:
    """Return RGB of the same depth, relative colorimetric with black points matched. Raises Error."""
    kind, grey, colour = _LAYOUTS[source.dtype]
    channels = 1 if source.ndim == 2 else source.shape[2]  # noqa: PLR2004
    own = pyvips.Image.new_from_memory(source, source.shape[1], source.shape[0], channels, kind)
    own = own.copy(interpretation={1: grey, 3: colour, 4: "cmyk"}[channels])
    own.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    depth = source.dtype.itemsize * 8
    how = {"embedded": True, "intent": "relative", "black_point_compensation": True, "depth": depth}
    return _array(own.icc_transform("srgb", **how))


def read(path: Path, loader: str) -> Pixels:
    """Return (H, W) or (H, W, C) as libvips decodes it, fully and in the file's own depth. Raises Error."""
    return _array(getattr(pyvips.Image, loader)(str(path), access="sequential", fail_on="error"))


def bits(path: Path) -> int:
    """Return the bits of a channel in an AVIF, by its header. Raises Error."""
    return int(pyvips.Image.heifload(str(path)).get("bits-per-sample"))


def _array(image: pyvips.Image) -> Pixels:
    pixels: Pixels = image.numpy()
    return pixels.reshape(image.height, image.width, *pixels.shape[2:])  # it makes one grey pixel a mere number
