"""A piece is what the whole picture would have shown there, in the same depth and colours."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image, ImageCms

from pixelift.engine import pieces, reading
from pixelift.engine.inspection import Cut
from pixelift.engine.reading import Picture
from pixelift.engine.regions import Region, Wanted
from pixelift.errors import ValidationFailed

sides = some.integers(1, 600)


def cut(path: Path, wanted: Wanted) -> tuple[Cut, Picture, Picture]:
    """Return the cut, then what was written for the networks and for the eye, read again."""
    piece, shown = path.with_name("piece.png"), path.with_name("shown.png")
    return pieces.cut(reading.read(path), wanted, piece, shown), reading.read(piece), reading.read(shown)


def test_sixteen_bits_stay(tmp_path: Path) -> None:
    whole = np.random.default_rng(1).integers(0, 65_536, (60, 80, 3), np.uint16)
    cv2.imwrite(str(tmp_path / "deep.png"), whole[:, :, ::-1])
    found, piece, shown = cut(tmp_path / "deep.png", Wanted(10, 8, 40, 20))
    assert (found.region, found.part) == (Region(40, 20, 10, 8), Region(16, 16, 10, 8))
    assert np.array_equal(shown.pixels, whole[20:28, 40:50])
    assert np.array_equal(piece.pixels, whole[4:44, 24:66])


def test_the_profile_and_the_upright_sides_stay(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    turned = Image.Exif()
    turned[274] = 6  # the camera was held upright
    image = Image.linear_gradient("L").resize((40, 20)).convert("RGB")
    image.save(tmp_path / "turned.jpg", icc_profile=profile, exif=turned)
    found, _piece, shown = cut(tmp_path / "turned.jpg", Wanted(512, 512))
    assert (found.region.width_px, found.region.height_px) == (20, 40)
    assert shown.profile == reading.read(tmp_path / "turned.jpg").profile


def test_transparency_stays(tmp_path: Path) -> None:
    Image.new("RGBA", (40, 40), (255, 0, 0, 128)).save(tmp_path / "clear.png")
    _found, _piece, shown = cut(tmp_path / "clear.png", Wanted(4, 4))
    assert shown.alpha is not None
    assert (shown.alpha == 128).all()


def test_of_a_moving_picture_the_first_frame_is_shown(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "lime")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    found, _piece, shown = cut(tmp_path / "moving.gif", Wanted(8, 8))
    assert found.facts.frames == 1
    assert shown.pixels[0, 0].tolist() == [255, 0, 0]


@given(width=sides, height=sides, wide=sides, high=sides, margin=some.integers(0, 40), data=some.data())
def test_a_region_lies_inside_and_within_its_margin(
    width: int, height: int, wide: int, high: int, margin: int, data: some.DataObject
) -> None:
    x = data.draw(some.none() | some.integers(0, width - 1))
    y = data.draw(some.none() | some.integers(0, height - 1))
    region = Wanted(wide, high, x, y).of(width, height)
    left, top, right, bottom = region.box
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    around = region.grown(margin, width, height)
    part = region.seen_from(around)
    assert (part.width_px, part.height_px) == (region.width_px, region.height_px)
    assert min(part.x_px, part.y_px) >= 0
    assert max(part.x_px, part.y_px) <= margin


def test_a_region_outside_is_refused() -> None:
    with pytest.raises(ValidationFailed, match="80 pixels wide and 60 high"):
        Wanted(8, 8, 0, 60).of(80, 60)
