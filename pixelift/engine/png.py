"""PNG files of any size, 8 or 16 bits, band by band (ISO/IEC 15948)."""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from pixelift.engine.canvas import Canvas
from pixelift.engine.metadata import Metadata
from pixelift.engine.pixels import Pixels
from pixelift.engine.reels import Reel

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_AVERAGE = 3  # of the row filters, the one that is nearly always right on enlarged photographs
_LEVEL, _MEMORY = 6, 9
_MOST_TICKS = 0xFFFF
_METRES_PER_INCH = 0.0254

Bytes = NDArray[np.uint8]


def write(file: IO[bytes], canvas: Canvas, profile: bytes | None, metadata: Metadata) -> None:
    """Write the picture without ever holding it. Raises OSError."""
    _begin(file, canvas.shape, canvas.dtype, profile, metadata)
    for content in _packed(canvas.bands()):
        _chunk(file, b"IDAT", content)
    _chunk(file, b"IEND", b"")


def write_reel(
    file: IO[bytes], frames: Iterator[Pixels], reel: Reel, profile: bytes | None, metadata: Metadata
) -> None:
    """Write a moving picture, of whole frames, holding one of them. Raises OSError."""
    numbers = itertools.count()
    for frame, duration_ms in zip(frames, reel.durations_ms, strict=True):
        number = next(numbers)
        if number == 0:
            _begin(file, frame.shape, frame.dtype, profile, metadata)
            _chunk(file, b"acTL", struct.pack(">II", reel.frames, reel.plays))
        size = (frame.shape[1], frame.shape[0])
        shown = struct.pack(">IIIIIHHBB", number, *size, 0, 0, *_delay(duration_ms), 0, 0)
        _chunk(file, b"fcTL", shown)
        for content in _packed(iter([frame])):
            if number == 0:
                _chunk(file, b"IDAT", content)
            else:
                _chunk(file, b"fdAT", struct.pack(">I", next(numbers)) + content)
    _chunk(file, b"IEND", b"")


def _delay(duration_ms: int) -> tuple[int, int]:
    """Return a number of ticks and how many of them make a second: the finest that can be told."""
    for per_s in (1000, 100, 10, 1):
        ticks = round(duration_ms * per_s / 1000)
        if ticks <= _MOST_TICKS:
            return ticks, per_s
    return _MOST_TICKS, 1


def _begin(
    file: IO[bytes], shape: tuple[int, ...], depth: np.dtype[Any], profile: bytes | None, metadata: Metadata
) -> None:
    file.write(_SIGNATURE)
    channels = 1 if len(shape) == 2 else shape[2]  # noqa: PLR2004
    told = (shape[1], shape[0], depth.itemsize * 8, _COLOUR_TYPES[channels])
    _chunk(file, b"IHDR", struct.pack(">IIBBBBB", *told, 0, 0, 0))
    for kind, content in _about(profile, metadata):
        _chunk(file, kind, content)


def _chunk(file: IO[bytes], kind: bytes, content: bytes) -> None:
    checksum = zlib.crc32(content, zlib.crc32(kind))
    file.writelines((struct.pack(">I", len(content)), kind, content, struct.pack(">I", checksum)))


def _about(profile: bytes | None, metadata: Metadata) -> Iterator[tuple[bytes, bytes]]:
    if profile:
        yield b"iCCP", b"ICC profile\0\0" + zlib.compress(profile)
    if metadata.dpi:
        yield b"pHYs", struct.pack(">IIB", *(round(dots / _METRES_PER_INCH) for dots in metadata.dpi), 1)
    if metadata.exif:
        yield b"eXIf", metadata.exif
    if metadata.xmp:
        yield b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp
    for name, text in metadata.texts:
        yield b"iTXt", name.encode("latin-1", "replace") + b"\0\0\0\0\0" + text.encode()


def _packed(bands: Iterator[Pixels]) -> Iterator[bytes]:
    """Deflate the filtered rows; runs alone are smaller on photographs than matches, and four times as fast."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS, _MEMORY, zlib.Z_RLE)
    above = None
    for band in bands:
        rows, pixel_bytes = _bytes(band), int(np.prod(band.shape[2:])) * band.itemsize
        above = np.zeros_like(rows[0]) if above is None else above
        if content := packer.compress(_filtered(rows, above, pixel_bytes).data):
            yield content
        above = rows[-1].copy()
    yield packer.flush()


def _bytes(band: Pixels) -> Bytes:
    rows = band.reshape(len(band), -1)
    return rows.astype(np.uint8, copy=False) if rows.dtype == np.uint8 else rows.astype(">u2").view(np.uint8)


def _filtered(rows: Bytes, above: Bytes, pixel_bytes: int) -> Bytes:
    """Return what each byte differs from the mean of its neighbours above and to the left, one filter byte a row."""
    out = np.empty((len(rows), rows.shape[1] + 1), np.uint8)
    out[:, 0] = _AVERAGE
    upper = np.concatenate([above[None], rows[:-1]])
    out[:, 1 : 1 + pixel_bytes] = rows[:, :pixel_bytes] - (upper[:, :pixel_bytes] >> 1)
    left, upper = rows[:, :-pixel_bytes], upper[:, pixel_bytes:]
    mean = left ^ upper
    mean >>= 1
    mean += left & upper  # together half of the sum, without its ninth bit
    np.subtract(rows[:, pixel_bytes:], mean, out=out[:, 1 + pixel_bytes :])
    return out
