"""JPEG files of any size, band by band (ITU-T T.81).

Every band is encoded alone and becomes what stands between two restart markers, where a decoder begins anew anyway.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import IO, Any

from pixelift.engine import iptc, pixels
from pixelift.engine.canvas import Canvas
from pixelift.engine.metadata import Metadata

_BLOCK_PX = 8
_MOST_UNITS = 0xFFFF  # between two restarts
_BAND_BYTES = 4 << 20
_END = b"\xff\xd9"
_FRAME, _SCAN, _INTERVAL = 0xC0, 0xDA, b"\xff\xdd"
_RESTARTS = 8
_MOST_BYTES = 65_500  # of metadata in one segment, with its name


def write(
    file: IO[bytes], canvas: Canvas, profile: bytes | None, metadata: Metadata, quality: int, *, fine: bool
) -> None:
    """Write the picture without ever holding it; `fine` keeps all of its colour. Raises OSError."""
    unit_px = _BLOCK_PX if fine or len(canvas.shape) == 2 else 2 * _BLOCK_PX  # noqa: PLR2004
    units_across = -(-canvas.width_px // unit_px)
    units_down = max(1, min(_MOST_UNITS, _BAND_BYTES // (3 * unit_px * unit_px)) // units_across)
    how = {"quality": quality, "subsampling": "4:4:4" if fine else "4:2:0"}
    for index, band in enumerate(_bands(canvas, units_down * unit_px)):
        encoded = io.BytesIO()
        pixels.image(band).save(encoded, "JPEG", **how, **({} if index else _about(profile, metadata)))
        head, scan = _parted(encoded.getvalue())
        if index == 0:
            file.write(_head(head, canvas.height_px, units_across * units_down))
        else:
            file.write(bytes([0xFF, 0xD0 + (index - 1) % _RESTARTS]))
        file.write(scan)
    file.write(_END)


def _bands(canvas: Canvas, height_px: int) -> Iterator[Any]:
    for top_px in range(0, canvas.height_px, height_px):
        yield canvas.rows(top_px, min(top_px + height_px, canvas.height_px))


def _about(profile: bytes | None, metadata: Metadata) -> dict[str, Any]:
    about = {"icc_profile": profile, "dpi": metadata.dpi}
    exif = metadata.exif and b"Exif\0\0" + metadata.exif
    about |= {name: held for name, held in (("exif", exif), ("xmp", metadata.xmp)) if _fits(held)}
    if metadata.iptc and _fits(metadata.iptc):
        about["extra"] = iptc.segment(metadata.iptc)
    return {name: content for name, content in about.items() if content}


def _fits(content: bytes | None) -> bool:
    return content is not None and len(content) < _MOST_BYTES


def _parted(encoded: bytes) -> tuple[list[bytes], bytes]:
    """Return the segments up to and with the scan's header, and the scan without the end of the picture."""
    segments, at = [encoded[:2]], 2
    while True:
        (length,) = struct.unpack_from(">H", encoded, at + 2)
        segments.append(encoded[at : at + 2 + length])
        at += 2 + length
        if segments[-1][1] == _SCAN:
            return segments, encoded[at : -len(_END)]


def _head(segments: list[bytes], height_px: int, interval: int) -> bytes:
    """Return the first band's segments with the whole picture's height, and after how many units it restarts."""
    told = (_of_height(segment, height_px) for segment in segments[:-1])
    return b"".join(told) + _INTERVAL + struct.pack(">HH", 4, interval) + segments[-1]


def _of_height(segment: bytes, height_px: int) -> bytes:
    return segment[:5] + struct.pack(">H", height_px) + segment[7:] if segment[1] == _FRAME else segment
