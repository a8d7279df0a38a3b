"""Every format that can tell how the camera was held is shown upright, in all its depths."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import pyvips
import tifffile
from PIL import Image
from PIL.ExifTags import Base

from pixelift.engine import reading
from pixelift.engine.pixels import Pixels
from tests.engine import album
from tests.engine.album import Kind

KINDS = [
    *(Kind(name, "RGB", depth) for name in ("PNG", "TIFF") for depth in (8, 16)),
    *(Kind(name, "RGB", 8) for name in ("JPEG", "WebP")),
    *(Kind(name, "RGB", depth) for name in ("AVIF", "HEIC") for depth in (8, 10)),
]
SEEN: dict[int, Callable[[Pixels], Pixels]] = {  # EXIF 2.32: where row 0 and column 0 of the file are seen
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: np.rot90,
}
TURNS = {1: b"", 2: b"m\1", 3: b"r\2", 4: b"m\0", 5: b"r\1m\0", 6: b"r\3", 7: b"r\3m\0", 8: b"r\1"}  # irot, then imir


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.format} {kind.depth}")
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_read_as_it_was_seen(kind: Kind, orientation: int, tmp_path: Path) -> None:
    path = album.write(kind, tmp_path / "source")
    stored = reading.read(path).pixels
    path.write_bytes(_held(path.read_bytes(), orientation))
    picture = reading.read(path)
    assert np.array_equal(picture.pixels, SEEN[orientation](stored))
    assert picture.pixels.dtype == stored.dtype
    outline = reading.outline(path)
    assert (outline.height_px, outline.width_px) == picture.pixels.shape[:2]


@pytest.mark.parametrize("depth", [8, 10])
def test_exif_alone_turns_no_avif(depth: int, tmp_path: Path) -> None:
    image = pyvips.Image.black(24, 16, bands=3).copy(interpretation="srgb")
    image.set_type(pyvips.GValue.blob_type, "exif-data", b"Exif\0\0" + _exif(6))
    file = image.heifsave_buffer(compression="av1", bitdepth=depth)
    (tmp_path / "turned").write_bytes(file)
    (tmp_path / "source").write_bytes(file.replace(b"irot\3", b"irot\0"))
    assert reading.read(tmp_path / "turned").pixels.shape == (24, 16, 3)
    assert reading.read(tmp_path / "source").pixels.shape == (16, 24, 3)


def _held(file: bytes, orientation: int) -> bytes:
    """Return the file with the orientation that its pixels are stored in."""
    exif = _exif(orientation)
    match file[:4]:
        case b"\x89PNG":
            return album.with_chunk(_without_exif(file), b"eXIf", exif)
        case b"RIFF":
            return _webp(file, exif)
        case b"II*\0":
            return _tiff(file, orientation)
    if file.startswith(b"\xff\xd8"):
        segment = b"Exif\0\0" + exif
        return file[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(segment)) + segment + file[2:]
    return _heif(file, TURNS[orientation])


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    return exif.tobytes().removeprefix(b"Exif\0\0")


def _without_exif(png: bytes) -> bytes:
    start = png.find(b"eXIf") - 4
    return png if start < 0 else png[:start] + png[start + 12 + int.from_bytes(png[start : start + 4]) :]


def _webp(file: bytes, exif: bytes) -> bytes:
    """Put the picture into the extended form, whose head announces EXIF (RFC 9649)."""
    size = struct.pack("<I", album.WIDTH_PX - 1)[:3] + struct.pack("<I", album.HEIGHT_PX - 1)[:3]
    head = b"VP8X" + struct.pack("<I", 10) + b"\x08\0\0\0" + size
    body = b"WEBP" + head + file[12:] + b"EXIF" + struct.pack("<I", len(exif)) + exif + bytes(len(exif) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _tiff(file: bytes, orientation: int) -> bytes:
    pixels, written = tifffile.imread(io.BytesIO(file)), io.BytesIO()
    tifffile.imwrite(written, pixels, photometric="rgb", extratags=[(Base.Orientation, 3, 1, orientation, True)])
    return written.getvalue()


def _heif(file: bytes, turns: bytes) -> bytes:
    """Add properties to the first item; what held them before becomes free space, so that no pixel's place moves."""
    names = {b"r": b"irot", b"m": b"imir"}
    added = [_box(names[turns[at : at + 1]], turns[at + 1 : at + 2]) for at in range(0, len(turns), 2)]
    boxes = list(_boxes(file))
    (meta,) = (content for kind, content in boxes if kind == b"meta")
    inner = (
        (kind, _with_properties(content, added) if kind == b"iprp" else content) for kind, content in _boxes(meta[4:])
    )
    new = _box(b"meta", meta[:4] + b"".join(_box(*each) for each in inner))
    return b"".join(_box(b"free" if kind == b"meta" else kind, content) for kind, content in boxes) + new


def _with_properties(content: bytes, added: list[bytes]) -> bytes:
    (_ipco, held), (_ipma, told) = _boxes(content)
    first = len(list(_boxes(held))) + 1
    count, told_by = told[10], bytes(0x80 | first + index for index in range(len(added)))
    told = told[:10] + bytes([count + len(added)]) + told[11 : 11 + count] + told_by + told[11 + count :]
    return _box(b"ipco", held + b"".join(added)) + _box(b"ipma", told)


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        yield kind, content[at + 8 : at + size]
        at += size


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content
