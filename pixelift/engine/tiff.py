"""TIFF files of any size, 8 or 16 bits, strip by strip (TIFF 6.0; BigTIFF where four bytes cannot tell the place)."""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from PIL import Image, TiffImagePlugin
from PIL.ExifTags import IFD, Base

from pixelift.engine.canvas import Canvas
from pixelift.engine.metadata import Metadata
from pixelift.engine.pixels import Pixels

_CLASSIC_BYTES = 2**32 - 2**24
_STRIP_BYTES = 1 << 20
_DEFLATE, _DIFFERENCES, _INCH, _CONTIGUOUS, _STRAIGHT_ALPHA = 8, 2, 2, 1, 2
_GREY, _RGB = 1, 2
_LONG, _UNDEFINED = 4, 7
_IPTC = 33723
_LEVEL, _MEMORY = 6, 9


def write(file: IO[bytes], canvas: Canvas, profile: bytes | None, metadata: Metadata) -> None:
    """Write the picture without ever holding it. Raises OSError."""
    row_bytes = int(np.prod(canvas.shape[1:])) * canvas.dtype.itemsize
    form = _BIG if row_bytes * canvas.height_px > _CLASSIC_BYTES else _CLASSIC
    file.write(form.header)
    rows_px = max(1, _STRIP_BYTES // row_bytes)
    strips = [_strip(file, rows) for band in canvas.bands(rows_px) for rows in _cut(band, rows_px)]
    directory = _directory(form, metadata)
    _describe(directory, canvas, profile, metadata)
    _put(directory, Base.RowsPerStrip, _LONG, rows_px)
    _put(directory, Base.StripOffsets, form.place_type, (0,) * len(strips))
    _put(directory, Base.StripByteCounts, form.place_type, tuple(size_bytes for _at, size_bytes in strips))
    at = file.seek(file.tell() % 2, os.SEEK_CUR)
    file.write(form.placed(directory.tobytes(at), at, [place for place, _size_bytes in strips]))
    file.seek(form.pointer_at)
    file.write(struct.pack(form.pointer, at))


@dataclass(frozen=True)
class _Form:
    """How wide the numbers are that tell places in the file."""

    header: bytes
    count: str
    entry: str
    pointer: str
    place_type: int

    @property
    def pointer_at(self) -> int:
        return len(self.header) - struct.calcsize(self.pointer)

    def placed(self, directory: bytes, at: int, places: list[int]) -> bytes:
        """Return the directory with the strips' places, which Pillow would shift by the directory's length."""
        (count,) = struct.unpack_from(self.count, directory)
        for index in range(count):
            entry_at = struct.calcsize(self.count) + index * struct.calcsize(self.entry)
            tag, _kind, number, value = struct.unpack_from(self.entry, directory, entry_at)
            if tag == Base.StripOffsets:
                inline_at = entry_at + struct.calcsize(self.entry) - struct.calcsize(self.pointer)
                content = struct.pack(f"<{number}{self.pointer[1]}", *places)
                start = inline_at if number == 1 else value - at
                return directory[:start] + content + directory[start + len(content) :]
        raise AssertionError


_CLASSIC = _Form(b"II\x2a\0\0\0\0\0", "<H", "<HHLL", "<L", 4)
_BIG = _Form(b"II\x2b\0\x08\0\0\0" + bytes(8), "<Q", "<HHQQ", "<Q", 16)


def _directory(form: _Form, metadata: Metadata) -> TiffImagePlugin.ImageFileDirectory_v2:
    """Begin with what EXIF tells, which in a TIFF stands among the other tags."""
    directory = TiffImagePlugin.ImageFileDirectory_v2(form.header)
    exif = Image.Exif()
    exif.load(metadata.exif or b"")
    for tag, value in exif.items():
        directory[tag] = exif.get_ifd(tag) if tag in set(IFD) else value
    return directory


def _strip(file: IO[bytes], rows: Pixels) -> tuple[int, int]:
    at = file.tell()
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS, _MEMORY, zlib.Z_RLE)
    file.write(packer.compress(_differences(rows)) + packer.flush())
    return at, file.tell() - at


def _cut(band: Pixels, rows_px: int) -> list[Pixels]:
    return [band[top_px : top_px + rows_px] for top_px in range(0, len(band), rows_px)]


def _differences(rows: Pixels) -> bytes:
    """Return what each sample differs from its left neighbour, little-endian."""
    out = rows.astype(rows.dtype.newbyteorder("<"))
    out[:, 1:] -= rows[:, :-1]
    return out.tobytes()


def _describe(
    directory: TiffImagePlugin.ImageFileDirectory_v2, canvas: Canvas, profile: bytes | None, metadata: Metadata
) -> None:
    channels = 1 if len(canvas.shape) == 2 else canvas.shape[2]  # noqa: PLR2004
    directory[Base.ImageWidth], directory[Base.ImageLength] = canvas.width_px, canvas.height_px
    directory[Base.BitsPerSample] = (canvas.dtype.itemsize * 8,) * channels
    directory[Base.SamplesPerPixel], directory[Base.PlanarConfiguration] = channels, _CONTIGUOUS
    directory[Base.PhotometricInterpretation] = _GREY if channels in {1, 2} else _RGB
    directory[Base.Compression], directory[Base.Predictor] = _DEFLATE, _DIFFERENCES
    if channels in {2, 4}:
        directory[Base.ExtraSamples] = _STRAIGHT_ALPHA
    if metadata.dpi:
        directory[Base.XResolution], directory[Base.YResolution] = metadata.dpi
        directory[Base.ResolutionUnit] = _INCH
    told = ((Base.XMLPacket, metadata.xmp), (_IPTC, metadata.iptc), (Base.InterColorProfile, profile))
    for tag, content in told:
        if content:
            _put(directory, tag, _UNDEFINED, content)


def _put(directory: TiffImagePlugin.ImageFileDirectory_v2, tag: int, kind: int, value: Any) -> None:
    directory.tagtype[tag] = kind
    directory[tag] = value
