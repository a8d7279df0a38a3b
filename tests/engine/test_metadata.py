"""What a picture says about itself goes where it should, and nowhere else."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageFile, TiffImagePlugin
from PIL.ExifTags import GPS, IFD, Base
from PIL.IptcImagePlugin import getiptcinfo
from PIL.PngImagePlugin import PngInfo

from pixelift.engine import canvas, encoding, planning, reading
from pixelift.engine.options import Format, Options
from pixelift.engine.shelf import Shelf

XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" exif:GPSLatitude="52,31N" tiff:Orientation="6">
<dc:title>Plate</dc:title><exif:GPSLongitude>13,24E</exif:GPSLongitude></rdf:Description></rdf:RDF></x:xmpmeta>"""

Copy = Callable[..., Image.Image]


@pytest.fixture
def copied(tmp_path: Path) -> Copy:
    """Read a picture that was saved with these words, and write it as it is."""

    def copy(format_: str, chosen: Format, *, wanted: bool = True, location: bool = False, **how: Any) -> Image.Image:
        source, result = tmp_path / "source", tmp_path / "result"
        small().save(source, format_, **how)
        picture = reading.read(source)
        plan = planning.plan(picture.facts, Options(scale=1, format=chosen), Shelf())
        about = picture.metadata.kept(wanted=wanted, location=location)
        with canvas.temporary(tmp_path, picture.pixels.shape, picture.pixels.dtype) as pixels:
            pixels.write(0, picture.pixels)
            encoding.write(pixels, result, plan, profile=picture.profile, metadata=about)
        with Image.open(result) as image:
            image.load()
        return image

    return copy


def small() -> Image.Image:
    y, x = np.mgrid[0:16, 0:24] * 10
    return Image.fromarray(np.stack([x, y, 255 - x], 2).astype(np.uint8))


def camera(orientation: int = 1, note: bytes = b"Apple iOS\0note") -> bytes:
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Orientation] = "Plate & Co", orientation
    exif[IFD.Exif] = {Base.ISOSpeedRatings: 200, Base.MakerNote: note, Base.ExifImageWidth: 3}
    exif[IFD.GPSInfo] = {GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (52.0, 31.0, 12.0)}
    return exif.tobytes()


@pytest.mark.parametrize("source", ["jpeg", "png", "webp", "avif", "tiff"])
@pytest.mark.parametrize("chosen", list(Format))
def test_the_camera_is_kept_from_and_in_every_format_and_the_place_is_not(
    source: str, chosen: Format, copied: Copy
) -> None:
    exif = copied(source, chosen, exif=camera()).getexif()
    assert exif[Base.Make] == "Plate & Co"
    assert exif.get_ifd(IFD.Exif)[Base.ISOSpeedRatings] == 200
    assert not exif.get_ifd(IFD.GPSInfo)
    assert exif.get(Base.Orientation, 1) == 1
    assert exif.get_ifd(IFD.Exif).get(Base.ExifImageWidth) in {None, 24}


@pytest.mark.parametrize("chosen", list(Format))
def test_the_place_is_kept_where_it_is_asked_for(chosen: Format, copied: Copy) -> None:
    exif = copied("jpeg", chosen, location=True, exif=camera()).getexif()
    assert exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] == (52.0, 31.0, 12.0)


@pytest.mark.parametrize("chosen", list(Format))
def test_nothing_is_kept_that_is_not_wanted(chosen: Format, copied: Copy) -> None:
    image = copied("jpeg", chosen, wanted=False, exif=camera(), xmp=XMP)
    assert not set(image.getexif()) & {Base.Make, IFD.Exif, IFD.GPSInfo}
    assert not image.info.get("xmp")


@pytest.mark.parametrize("chosen", list(Format))
def test_the_place_alone_can_be_kept(chosen: Format, copied: Copy) -> None:
    exif = copied("jpeg", chosen, wanted=False, location=True, exif=camera()).getexif()
    assert Base.Make not in exif
    assert exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] == (52.0, 31.0, 12.0)


@pytest.mark.parametrize("chosen", list(Format))
@pytest.mark.parametrize("location", [False, True])
def test_xmp_is_kept_without_orientation_and_the_place(chosen: Format, location: bool, copied: Copy) -> None:  # noqa: FBT001
    packet = copied("webp", chosen, location=location, xmp=XMP).info["xmp"]
    assert b"<dc:title>Plate</dc:title>" in packet
    assert b"Orientation" not in packet
    assert (packet.count(b"GPS") == 0) is not location


@pytest.mark.parametrize(
    "packet", [b"<x", b"", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", b"<a>" * 30_000, bytes(2_000_000)]
)
def test_xmp_that_is_broken_or_a_bomb_is_left_out(packet: bytes, copied: Copy) -> None:
    assert not copied("webp", Format.PNG, xmp=packet).info.get("xmp")


@pytest.mark.parametrize(("note", "kept"), [(b"Apple iOS\0note", True), (b"Canon points elsewhere", False)])
def test_only_makers_notes_that_can_be_moved_are_kept(note: bytes, kept: bool, copied: Copy) -> None:  # noqa: FBT001
    exif = copied("jpeg", Format.JPEG, exif=camera(note=note)).getexif()
    assert (Base.MakerNote in exif.get_ifd(IFD.Exif)) == kept


@pytest.mark.parametrize("chosen", [Format.PNG, Format.JPEG, Format.TIFF])
@pytest.mark.parametrize("wanted", [False, True])
def test_dots_per_inch_are_kept(chosen: Format, wanted: bool, copied: Copy) -> None:  # noqa: FBT001
    assert copied("png", chosen, wanted=wanted, dpi=(300, 150)).info["dpi"] == pytest.approx((300, 150), abs=0.1)


def test_the_texts_of_a_png_are_kept_in_a_png(copied: Copy) -> None:
    texts = PngInfo()
    texts.add_text("parameters", "a plate, söft light")
    assert copied("png", Format.PNG, pnginfo=texts).text == {"parameters": "a plate, söft light"}  # type: ignore[attr-defined]
    assert not copied("png", Format.PNG, wanted=False, pnginfo=texts).text  # type: ignore[attr-defined]


def dataset(record: int, number: int, content: bytes) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, number, len(content)) + content


IPTC = dataset(1, 90, b"\x1b%G") + dataset(2, 90, b"Berlin") + dataset(2, 105, "Plättchen".encode())


@pytest.mark.parametrize("source", ["jpeg", "tiff"])
@pytest.mark.parametrize("chosen", [Format.JPEG, Format.TIFF])
@pytest.mark.parametrize("location", [False, True])
def test_iptc_is_kept_without_the_place(source: str, chosen: Format, location: bool, copied: Copy) -> None:  # noqa: FBT001
    image = copied(source, chosen, location=location, **_saying(source, IPTC))
    told = _datasets(image)
    assert image.getexif()[Base.Make] == "Plate & Co"
    assert (told[2, 105], told.get((2, 90))) == ("Plättchen".encode(), b"Berlin" if location else None)


def test_iptc_that_is_broken_or_unwanted_is_left_out(copied: Copy) -> None:
    for damaged in (b"", b"\x1c\2", dataset(2, 5, b"whole")[:-1], bytes(99), b"\x1c\2\5\xff\xff" + bytes(99)):
        assert not _datasets(copied("jpeg", Format.JPEG, **_saying("jpeg", damaged)))
    assert not _datasets(copied("jpeg", Format.JPEG, wanted=False, **_saying("jpeg", IPTC)))
    assert not _datasets(copied("tiff", Format.TIFF, tiffinfo={33723: "text"}))


@pytest.mark.parametrize("order", "<>")
def test_a_tiff_may_call_its_iptc_numbers(order: Literal["<", ">"], tmp_path: Path) -> None:
    padded = IPTC + bytes(-len(IPTC) % 4)
    told = (33723, 4, len(padded) // 4, struct.unpack(f"{order}{len(padded) // 4}I", padded), True)
    maker = (int(Base.Make), 2, 0, "Plate & Co", True)
    tifffile.imwrite(
        tmp_path / "source", np.asarray(small()), photometric="rgb", byteorder=order, extratags=[told, maker]
    )
    about = reading.read(tmp_path / "source").metadata
    assert about.iptc == IPTC
    assert b"Plate & Co" in (about.exif or b"")


def _datasets(image: Image.Image) -> Any:
    assert isinstance(image, ImageFile.ImageFile)
    return getiptcinfo(image) or {}


def _saying(source: str, datasets: bytes) -> dict[str, Any]:
    if source == "jpeg":
        content = b"Photoshop 3.0\0" + b"8BIM\4\4\0\0" + struct.pack(">I", len(datasets)) + datasets
        return {"exif": camera(), "extra": b"\xff\xed" + struct.pack(">H", len(content) + 2) + content}
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[Base.Make] = "Plate & Co"
    tags.tagtype[33723], tags[33723] = 7, datasets
    return {"tiffinfo": tags}


@pytest.mark.parametrize("source", ["jpeg", "png", "webp", "avif", "tiff"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_applied_once(source: str, orientation: int, copied: Copy, tmp_path: Path) -> None:
    image = copied(source, Format.PNG, exif=camera(orientation))
    with Image.open(tmp_path / "source") as stored:
        is_turned = source == "tiff"  # by Pillow, as it loads
        seen = np.asarray(_turned(stored.convert("RGB"), 1 if is_turned else orientation), np.int32)
    assert np.abs(np.asarray(image, np.int32) - seen).max() <= 4
    assert Base.Orientation not in image.getexif()


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    """The table of EXIF 2.32, in Pillow's words."""
    turns = [None, None, Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180, Image.Transpose.FLIP_TOP_BOTTOM]
    turns += [Image.Transpose.TRANSPOSE, Image.Transpose.ROTATE_270, Image.Transpose.TRANSVERSE]
    turn = [*turns, Image.Transpose.ROTATE_90][orientation]
    return image if turn is None else image.transpose(turn)


def test_exif_of_a_wrong_kind_is_left_out_and_the_picture_is_read(copied: Copy) -> None:
    turned, number = (Base.Orientation, 3, 1, 6, 0), (Base.Software, 11, 1, 1.5)
    exif = struct.pack("<2sHIH", b"II", 42, 8, 2) + struct.pack("<HHIHH", *turned) + struct.pack("<HHIfI", *number, 0)
    result = copied("jpeg", Format.JPEG, exif=b"Exif\0\0" + exif)
    assert result.size == (16, 24)
    assert not result.getexif()
