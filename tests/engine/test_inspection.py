"""Uploaded bytes are looked at by a child that has limits; only named errors come back."""

from __future__ import annotations

import os
import random
import signal
import struct
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from pixelift.engine.inspection import Facts, Inspector
from pixelift.errors import ImageTooLarge, InvalidImage, StorageFull, UnsupportedFormat
from tests.engine import album

Look = Callable[..., Facts]
Make = Callable[..., Image.Image]
Save = Callable[..., Path]

FORMATS = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP", "avif": "AVIF", "tiff": "TIFF", "bmp": "BMP", "gif": "GIF"}


@pytest.mark.parametrize("name", FORMATS)
def test_every_readable_format_is_recognised_by_its_content(
    name: str, inspect: Look, picture: Make, save: Save
) -> None:
    facts = inspect(save(picture(), "lying.txt", format=FORMATS[name]))
    assert (facts.format, facts.width_px, facts.height_px, facts.has_alpha) == (name, 24, 16, False)
    assert facts.has_preview == (name == "tiff")
    assert Facts.from_json(facts.to_json()) == facts


@pytest.mark.parametrize(("name", "bits"), [("eight-bits.heic", 8), ("ten-bits.heic", 10)])
def test_heic_is_recognised_too(name: str, bits: int, inspect: Look) -> None:
    facts = inspect(album.FIXED / name)
    assert (facts.format, facts.width_px, facts.height_px, facts.bit_depth) == ("heic", 24, 16, bits)
    assert facts.has_preview


def test_a_thumbnail_is_upright_small_and_keeps_alpha(inspect: Look, picture: Make, save: Save, tmp_path: Path) -> None:
    source = picture(1000, 500)
    source.putalpha(128)
    exif = Image.Exif()
    exif[0x0112] = 6
    facts = inspect(save(source, exif=exif))
    assert (facts.width_px, facts.height_px, facts.has_alpha) == (500, 1000, True)
    with Image.open(tmp_path / "thumbnail.webp") as thumbnail:
        assert (thumbnail.format, thumbnail.size, thumbnail.mode) == ("WEBP", (240, 480), "RGBA")


def test_a_tiff_gets_a_preview_that_browsers_show(inspect: Look, picture: Make, save: Save, tmp_path: Path) -> None:
    inspect(save(picture(5000, 20), "source.tiff"))
    with Image.open(tmp_path / "preview.png") as preview:
        assert (preview.format, preview.size) == ("PNG", (4096, 16))


def test_alpha_that_hides_nothing_does_not_count(inspect: Look, picture: Make, save: Save) -> None:
    assert not inspect(save(picture(mode="RGBA"))).has_alpha


def test_sixteen_bits_are_told(inspect: Look, save: Save) -> None:
    facts = inspect(save(Image.new("I;16", (5, 4), 40_000)))
    assert (facts.bit_depth, facts.mode) == (16, "I;16")


def test_more_pixels_than_allowed_are_refused_with_both_numbers(inspect: Look, picture: Make, save: Save) -> None:
    with pytest.raises(ImageTooLarge, match=r"10,201 pixels \(101 by 101\), and at most 10,200"):
        inspect(save(picture(101, 101)), max_pixels=10_200)


def test_a_tiff_of_several_pages_is_refused(inspect: Look, picture: Make, save: Save) -> None:
    with pytest.raises(InvalidImage, match="pages"):
        inspect(save(picture(), "source.tiff", save_all=True, append_images=[picture()]))


@pytest.mark.parametrize("name", FORMATS)
def test_a_truncated_picture_is_refused(name: str, inspect: Look, picture: Make, save: Save) -> None:
    source = save(picture(200, 200), format=FORMATS[name])
    whole = source.read_bytes()
    for share in (0.1, 0.5, 0.9):
        source.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(InvalidImage):
            inspect(source)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "We can't read this file"),
        (b"hello", "We can't read this file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "EPS"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl ", "JPEG XL"),
        (b"P6 1 1 255\n\0\0\0", "We can't read this file"),
    ],
)
def test_what_is_no_picture_of_ours_is_refused(content: bytes, name: str, inspect: Look, tmp_path: Path) -> None:
    source = tmp_path / "source.png"
    source.write_bytes(content)
    with pytest.raises(UnsupportedFormat, match=name):
        inspect(source)


def test_floating_point_samples_are_refused_in_words(inspect: Look, save: Save) -> None:
    with pytest.raises(UnsupportedFormat, match="8 or 16 bits"):
        inspect(save(Image.new("F", (4, 4)), "source.tiff"))


def test_a_png_that_unpacks_to_more_than_its_size_is_refused_or_harmless(inspect: Look, tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(100_000_000), 9)
    source = tmp_path / "source.png"
    for kind in (b"zTXt", b"iCCP", b"iTXt"):
        prefix = b"a\0\0" if kind != b"iTXt" else b"a\0\1\0\0\0"
        source.write_bytes(_png(2, 2, bytes(14), (kind, prefix + bomb)))
        with pytest.raises(InvalidImage):
            inspect(source)


def test_a_small_file_that_claims_to_be_huge_is_refused_by_its_header(inspect: Look, tmp_path: Path) -> None:
    source = tmp_path / "source.png"
    source.write_bytes(_png(60_000, 60_000, b""))
    started = time.monotonic()
    with pytest.raises(ImageTooLarge):
        inspect(source)
    assert time.monotonic() - started < 2


def test_a_picture_that_needs_too_much_memory_is_refused(picture: Make, save: Save, tmp_path: Path) -> None:
    source = save(Image.new("RGB", (16_000, 12_000)))
    tight = Inspector(memory_bytes=600_000_000)
    with pytest.raises(InvalidImage):
        tight.inspect(source, max_pixels=10**9, thumbnail=tmp_path / "t", preview=tmp_path / "p")
    assert tight.inspect(save(picture()), max_pixels=10**9, thumbnail=tmp_path / "t", preview=tmp_path / "p")
    tight.close()


def test_a_picture_that_takes_too_long_is_given_up(picture: Make, save: Save, tmp_path: Path) -> None:
    source = save(Image.new("RGB", (6000, 6000)))
    hasty = Inspector(wall_s=0.05)
    with pytest.raises(InvalidImage, match=r"longer than 0\.05 s"):
        hasty.inspect(source, max_pixels=10**9, thumbnail=tmp_path / "t", preview=tmp_path / "p")
    hasty.close()


def test_a_child_killed_between_pictures_is_replaced_unnoticed(
    inspector: Inspector, inspect: Look, save: Save, picture: Make
) -> None:
    source = save(picture())
    before = inspect(source)
    child = inspector._seats.queue[-1]._child
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    time.sleep(0.1)
    assert inspect(source) == before


def test_a_full_disk_is_not_the_pictures_fault(inspector: Inspector, picture: Make, save: Save, tmp_path: Path) -> None:
    source, full = save(picture()), tmp_path / "full.webp"
    full.symlink_to("/dev/full")
    with pytest.raises(StorageFull):
        inspector.inspect(source, max_pixels=10**6, thumbnail=full, preview=tmp_path / "p")


def test_threads_share_the_children(picture: Make, save: Save, tmp_path: Path) -> None:
    source, found = save(picture()), []
    pool = Inspector(processes=2)

    def look(number: int) -> None:
        thumbnail = tmp_path / f"{number}.webp"
        found.append(pool.inspect(source, max_pixels=10**6, thumbnail=thumbnail, preview=tmp_path / "p"))

    threads = [threading.Thread(target=look, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.close()
    assert len(found) == 6
    assert len(set(found)) == 1


def test_children_end_with_close(picture: Make, save: Save, tmp_path: Path) -> None:
    pool = Inspector()
    pool.inspect(save(picture()), max_pixels=10**6, thumbnail=tmp_path / "t", preview=tmp_path / "p")
    child = pool._seats.queue[-1]._child
    assert child is not None
    pool.close()
    assert not child.alive


def test_malformed_pictures_give_only_named_errors(inspect: Look, picture: Make, save: Save, tmp_path: Path) -> None:
    dice = random.Random(7)
    exif = Image.Exif()
    exif[0x0112] = 3
    originals = [save(picture(40, 30), f"o.{name}", format=FORMATS[name], exif=exif).read_bytes() for name in FORMATS]
    deep = [kind for kind in album.KINDS if kind.depth > 8 or kind.format == "HEIC"]
    originals += [album.write(kind, tmp_path / "deep").read_bytes() for kind in deep]
    source, refused = tmp_path / "mutant", 0
    for number in range(420):
        content = bytearray(originals[number % len(originals)])
        for _ in range(dice.randint(1, 12)):
            content[dice.randrange(len(content) if number % 3 else min(len(content), 120))] = dice.randrange(256)
        source.write_bytes(content)
        try:
            inspect(source)
        except (UnsupportedFormat, InvalidImage, ImageTooLarge):
            refused += 1
    assert 50 < refused < 420
    assert inspect(save(picture())).format == "png"


def _png(width_px: int, height_px: int, pixels: bytes, *extra: tuple[bytes, bytes]) -> bytes:
    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), *extra, (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")]
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)
