"""Colours that a file tells in numbers, where there is no profile to tell them."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from pixelift.engine import reading, signals
from pixelift.errors import InvalidImage
from tests.engine import album
from tests.engine.album import Kind

CONTAINERS = [Kind("PNG", "RGB", 8), Kind("AVIF", "RGB", 8), Kind("HEIC", "RGB", 10)]


def told(kind: Kind, folder: Path, primaries: int, transfer: int) -> Path:
    path = album.write(kind, folder / "source")
    path.write_bytes(album.with_points(path.read_bytes(), primaries, transfer))
    return path


def with_figures(folder: Path, gamma: int, *chromaticities: int, mode: str = "RGB") -> Path:
    path = album.write(Kind("PNG", mode, 8), folder / "source")
    content = album.with_chunk(path.read_bytes(), b"gAMA", struct.pack(">I", gamma))
    if chromaticities:
        content = album.with_chunk(content, b"cHRM", struct.pack(">8I", *chromaticities))
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", CONTAINERS, ids=lambda kind: kind.format)
@pytest.mark.parametrize(("transfer", "name"), [(16, "PQ"), (18, "HLG")])
def test_high_dynamic_range_is_refused_with_what_to_do(kind: Kind, transfer: int, name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidImage, match=rf"\({name}\).*Save it with standard range") as refused:
        reading.read(told(kind, tmp_path, 9, transfer))
    assert refused.value.status == 422


@pytest.mark.parametrize("kind", CONTAINERS[:2], ids=lambda kind: kind.format)  # no HEIC of nonsense is opened at all
@pytest.mark.parametrize("points", [(1, 13), (1, 1), (2, 2), (99, 77), (0, 0)])
def test_code_points_of_srgb_and_of_nothing_are_srgb(kind: Kind, points: tuple[int, int], tmp_path: Path) -> None:
    picture = reading.read(told(kind, tmp_path, *points))
    assert (picture.profile, picture.facts.colours) == (None, "kept")


@pytest.mark.parametrize(
    "figures",
    [
        (45455,),
        (45455, 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
        (0,),
        (1,),
        (2**32 - 1, *[0] * 8),
        (45455, *[33333] * 8),
        (45455, 31270, 0, 64000, 33000, 30000, 60000, 15000, 6000),
        (45455, *[2**32 - 1] * 8),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "grey", "RGBA", "palette"])
def test_figures_of_srgb_and_without_sense_are_srgb(figures: tuple[int, ...], mode: str, tmp_path: Path) -> None:
    picture = reading.read(with_figures(tmp_path, *figures, mode=mode))
    assert picture.facts.colours == "kept"
    assert picture.profile is None


def test_a_png_believes_code_points_before_its_profile_and_that_before_its_figures(tmp_path: Path) -> None:
    path = album.write(Kind("PNG", "RGB", 8, "Adobe RGB"), tmp_path / "source")
    plain = path.read_bytes()
    path.write_bytes(album.with_chunk(plain, b"gAMA", struct.pack(">I", 100_000)))
    assert reading.read(path).profile == album.profile("Adobe RGB")
    path.write_bytes(album.with_points(plain, 12, 13))
    assert b"D\0i\0s\0p\0l\0a\0y\0 \0P\x003" in (reading.read(path).profile or b"")


def test_an_avif_believes_its_profile_before_code_points(tmp_path: Path) -> None:
    path = album.write(Kind("AVIF", "RGB", 8, "Adobe RGB"), tmp_path / "source")
    content = path.read_bytes()
    if b"colrnclx" in content:
        path.write_bytes(album.with_points(content, 12, 13))
    assert reading.read(path).profile == album.profile("Adobe RGB")


def test_frames_of_a_moving_picture_keep_what_the_file_tells(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "moving.png", save_all=True, append_images=frames[1:])
    content = (tmp_path / "moving.png").read_bytes()
    (tmp_path / "moving.png").write_bytes(album.with_points(content, 12, 13))
    paths, _reel = reading.unreel(tmp_path / "moving.png", tmp_path)
    whole = reading.read(tmp_path / "moving.png").profile
    assert whole is not None
    assert [reading.read(path).profile for path in paths] == [whole, whole]


@pytest.mark.parametrize("code", [5, 6, 9, 11, 12])
def test_white_stays_white_in_every_set_of_primaries(code: int, tmp_path: Path) -> None:
    with Image.open(told(CONTAINERS[0], tmp_path, code, 13)) as image:
        profile = signals.profile(image, tmp_path / "source")
    (tmp_path / "own.icc").write_bytes(profile or b"")
    own = ImageCms.ImageCmsProfile(str(tmp_path / "own.icc"))
    greys = Image.fromarray(np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, 2))
    seen = ImageCms.profileToProfile(greys, own, ImageCms.createProfile("sRGB"))
    assert seen is not None
    assert np.abs(np.asarray(seen, np.int32) - np.asarray(greys, np.int32)).max() <= 1
