"""JPEG files of any size, band by band."""

from __future__ import annotations

import struct
from typing import IO

from pixelift.engine import vips
from pixelift.engine.canvas import Canvas
from pixelift.engine.metadata import Metadata

_START = b"\xff\xd8"
_APP0, _APP1 = b"\xff\xe0", b"\xff\xe1"
_MOST_BYTES = 65_533  # of a segment, whose length is told in two bytes
_XMP = b"http://ns.adobe.com/xap/1.0/\0"


def write(
    file: IO[bytes], canvas: Canvas, profile: bytes | None, metadata: Metadata, quality: int, *, fine: bool
) -> None:
    """Write the picture without ever holding it; `fine` keeps all of its colour. Raises OSError."""
    told = [(_APP0, b"JFIF\0", _density(metadata)), (_APP1, b"Exif\0\0", metadata.exif), (_APP1, _XMP, metadata.xmp)]
    file.write(_START + b"".join(_segment(*segment) for segment in told))
    image = vips.eight_bits(vips.of(canvas))
    about = vips.labelled(image, profile, metadata)
    how = {"Q": quality, "subsample_mode": "off" if fine else "on", "keep": "icc"}
    vips.save(about, file, "jpegsave_target", skip_bytes=len(_START), **how)


def _density(metadata: Metadata) -> bytes:
    """Return version, unit (inch, or none), dots across and down, and the size of no thumbnail."""
    across, down = (min(round(dots), 0xFFFF) for dots in metadata.dpi or (1, 1))
    return struct.pack(">HBHHBB", 0x0102, 1 if metadata.dpi else 0, across, down, 0, 0)


def _segment(marker: bytes, name: bytes, content: bytes | None) -> bytes:
    if content is None or len(name) + len(content) > _MOST_BYTES:
        return b""
    return marker + struct.pack(">H", 2 + len(name) + len(content)) + name + content
