"""What agencies write into pictures: IPTC's datasets (IIM 4.2), which JPEG and TIFF hold."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from PIL import Image, TiffImagePlugin

MOST_BYTES = 1 << 20
_TAG, _RESOURCE = 33723, 0x0404  # in a TIFF, and among what Photoshop writes into a JPEG
_MARKER, _HEAD_BYTES = 0x1C, 5
_LONGEST = 0x7FFF  # larger sizes mean another form, which nobody writes
_PLACES = frozenset({(2, number) for number in (26, 27, 90, 92, 95, 100, 101)})


def read(image: Image.Image) -> bytes | None:
    """Return the datasets that can be read, as one block."""
    block = _found(image)
    if not isinstance(block, bytes) or len(block) > MOST_BYTES:
        return None
    return b"".join(whole for _name, whole in _datasets(block)) or None


def without_place(block: bytes | None) -> bytes | None:
    return b"".join(whole for name, whole in _datasets(block or b"") if name not in _PLACES) or None


def segment(block: bytes) -> bytes:
    """Return the JPEG segment (APP13) that holds the block, which must have less than 64 KB."""
    padded = block + bytes(len(block) % 2)
    content = b"Photoshop 3.0\0" + b"8BIM" + struct.pack(">HHI", _RESOURCE, 0, len(block)) + padded
    return b"\xff\xed" + struct.pack(">H", len(content) + 2) + content


def _found(image: Image.Image) -> object:
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return image.info.get("photoshop", {}).get(_RESOURCE)
    return image.tag_v2._tagdata.get(_TAG)  # noqa: SLF001 - some call them numbers of four bytes


def _datasets(block: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Yield each dataset's record and number, and all of its bytes, up to the first that is damaged."""
    at = 0
    while at + _HEAD_BYTES <= len(block) and block[at] == _MARKER:
        record, number, size = struct.unpack_from(">BBH", block, at + 1)
        end = at + _HEAD_BYTES + size
        if size > _LONGEST or end > len(block):
            return
        yield (record, number), block[at:end]
        at = end
