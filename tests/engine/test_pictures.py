"""Every picture comes out right: size, orientation, colour, alpha, and what it says about itself."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import pyvips
from numpy.typing import NDArray
from PIL import Image, ImageCms, JpegImagePlugin
from PIL.ExifTags import IFD, Base

from pixelift.engine import pipeline
from pixelift.engine.options import Fit, Format, Options
from pixelift.engine.orders import Order, Outcome
from pixelift.errors import ValidationFailed
from tests.engine import album

Make = Callable[..., Image.Image]
Save = Callable[..., Path]
Enlarge = Callable[..., tuple[Image.Image, Outcome]]

LOSSY = {Format.JPEG, Format.AVIF}
NEAR = 18  # levels: the small network moves tiny pictures by 8 to 15; another turn or colour is 30 and more away


def levels(image: Image.Image, size: tuple[int, int]) -> NDArray[np.int32]:
    return np.asarray(image.resize(size, Image.Resampling.BOX), np.int32)


def apart(one: Image.Image, other: Image.Image) -> float:
    """The mean distance in levels, at the size of the second."""
    return float(np.abs(levels(one, other.size) - levels(other, other.size)).mean())


@pytest.mark.parametrize("name", list(Format))
def test_every_format_is_written(name: Format, enlarge: Enlarge, picture: Make) -> None:
    result, outcome = enlarge(picture(), format=name, scale=4)
    assert (result.format, result.size) == (name.upper(), (96, 64))
    assert (outcome.format, outcome.width_px, outcome.height_px) == (name, 96, 64)
    assert apart(result, picture()) < NEAR
    assert outcome.fidelity_db > 25


def test_the_outcome_tells_of_the_file(enlarge: Enlarge, picture: Make, tmp_path: Path) -> None:
    _result, outcome = enlarge(picture())
    assert outcome.size_bytes == (tmp_path / "result").stat().st_size
    assert outcome.precision in {"bf16", "fp32"}
    assert set(outcome.seconds) == {"decoding", "upscaling", "encoding"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["result", "source.png"]
    assert Outcome.from_json(outcome.to_json()) == outcome


@pytest.mark.parametrize("source", ["png", "jpeg", "webp", "avif", "tiff"])
def test_without_a_wish_the_format_stays(source: str, enlarge: Enlarge, picture: Make, save: Save) -> None:
    result, _outcome = enlarge(save(picture(), format=source))
    assert result.format == source.upper()


@pytest.mark.parametrize("source", ["bmp", "gif"])
def test_formats_we_do_not_write_become_png(source: str, enlarge: Enlarge, picture: Make, save: Save) -> None:
    assert enlarge(save(picture(), format=source))[0].format == "PNG"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once(orientation: int, enlarge: Enlarge, picture: Make, save: Save) -> None:
    turns = [None, *Image.Transpose]
    back = {1: 0, 2: 1, 3: 4, 4: 2, 5: 6, 6: 3, 7: 7, 8: 5}
    turn = turns[back[orientation]]
    turned = picture() if turn is None else picture().transpose(turn)
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    result, _outcome = enlarge(save(turned, exif=exif))
    assert result.size == (48, 32)
    assert Base.Orientation not in result.getexif()
    assert apart(result, picture()) < NEAR


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr"])
@pytest.mark.parametrize("size", [(24, 16), (1, 1), (1, 9), (9, 1)])
def test_every_mode_and_size_comes_out_like_its_source(
    mode: str, size: tuple[int, int], enlarge: Enlarge, picture: Make, save: Save
) -> None:
    source = picture(*size, mode=mode)
    result, _outcome = enlarge(save(source, "source.tif"), format=Format.PNG, scale=3)
    assert result.size == (size[0] * 3, size[1] * 3)
    assert result.mode == ("L" if mode in {"1", "L"} else "RGB")
    assert apart(result, source.convert(result.mode)) < (60 if mode == "1" else NEAR)


def test_sixteen_bit_grey_stays_so_and_is_not_clipped(enlarge: Enlarge, save: Save) -> None:
    ramp = np.linspace(0, 65_535, 32).astype(np.uint16)[None].repeat(8, 0)
    result, outcome = enlarge(save(Image.fromarray(ramp)))
    assert (result.mode, outcome.bit_depth) == ("I;16", 16)
    smaller = np.asarray(result, np.float64).reshape(8, 2, 32, 2).mean((1, 3))
    assert np.abs(smaller[4] - ramp[4]).max() < 12 * 257


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_alpha_is_kept_at_the_new_size(mode: str, enlarge: Enlarge, picture: Make) -> None:
    source = picture(mode=mode)
    source.putalpha(Image.linear_gradient("L").resize(source.size))
    result, outcome = enlarge(source, scale=4)
    assert (result.mode, result.size, outcome.has_alpha) == (mode, (96, 64), True)
    assert apart(result.getchannel("A"), source.getchannel("A")) < 2


def test_palette_transparency_is_kept(enlarge: Enlarge, save: Save) -> None:
    source = Image.new("P", (8, 8), 1)
    source.putpalette([0, 0, 0, 200, 30, 30])
    source.paste(0, (0, 0, 4, 8))
    result, _outcome = enlarge(save(source, transparency=0))
    assert result.mode == "RGBA"
    alpha = result.getchannel("A")
    assert (alpha.getpixel((1, 8)), alpha.getpixel((14, 8))) == (0, 255)


def test_no_dark_fringe_grows_from_hidden_colour(enlarge: Enlarge) -> None:
    source = Image.new("RGBA", (24, 24), (0, 0, 0, 0))
    source.paste((250, 240, 230, 255), (8, 8, 16, 16))
    result = np.asarray(enlarge(source, scale=4)[0])
    seen = result[result[..., 3] > 0][:, :3]
    assert seen.min() > 200


def test_alpha_in_a_jpeg_is_refused(enlarge: Enlarge) -> None:
    with pytest.raises(ValidationFailed, match="transparent"):
        enlarge(Image.new("RGBA", (4, 4), (1, 2, 3, 4)), format=Format.JPEG)


def test_the_colour_profile_stays(enlarge: Enlarge, picture: Make, save: Save) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for name in ("png", "jpeg", "webp", "avif", "tiff"):
        result, _outcome = enlarge(save(picture(), format=name, icc_profile=profile))
        assert result.info["icc_profile"] == profile


def test_a_profile_that_does_not_fit_the_pixels_is_dropped(enlarge: Enlarge, picture: Make, save: Save) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    result, _outcome = enlarge(save(picture(mode="L"), "source.jpg", icc_profile=profile))
    assert "icc_profile" not in result.info


def test_the_camera_stays_and_the_place_goes(enlarge: Enlarge, picture: Make, save: Save) -> None:
    exif = Image.Exif()
    exif[Base.Make] = "Plate & Co"
    exif[IFD.Exif] = {Base.ISOSpeedRatings: 200}
    exif[IFD.GPSInfo] = {1: "N", 2: (52.0, 31.0, 12.0)}
    for name in ("jpeg", "png", "webp"):
        result, _outcome = enlarge(save(picture(), format=name, exif=exif))
        kept = result.getexif()
        assert kept[Base.Make] == "Plate & Co"
        assert kept.get_ifd(IFD.Exif)[Base.ISOSpeedRatings] == 200
        assert not kept.get_ifd(IFD.GPSInfo)


@pytest.mark.parametrize("scale", [1, 1.5, 2.7, 4, 5.3, 8])
def test_any_fraction_of_a_scale_gives_its_size(scale: float, enlarge: Enlarge, picture: Make) -> None:
    result, _outcome = enlarge(picture(25, 17), scale=scale)
    assert result.size == (round(25 * scale), round(17 * scale))
    assert apart(result, picture(25, 17)) < NEAR


def test_fine_jpegs_keep_all_their_colour(enlarge: Enlarge, picture: Make) -> None:
    def sampling(quality: int) -> int:
        result, _outcome = enlarge(picture(), format=Format.JPEG, quality=quality)
        return JpegImagePlugin.get_sampling(result)

    assert (sampling(90), sampling(89)) == (0, 2)


@pytest.mark.parametrize("fit", list(Fit))
def test_an_exact_size_is_met(fit: Fit, enlarge: Enlarge, picture: Make) -> None:
    result, _outcome = enlarge(picture(30, 20), width_px=50, height_px=50, fit=fit)
    assert result.size == ((50, 33) if fit is Fit.INSIDE else (50, 50))
    shown = picture(30, 20).crop((5, 0, 25, 20)) if fit is Fit.COVER else picture(30, 20)
    assert apart(result, shown) < NEAR


def test_a_smaller_size_is_met_too(enlarge: Enlarge, picture: Make) -> None:
    result, _outcome = enlarge(picture(60, 40), width_px=21)
    assert result.size == (21, 14)
    assert apart(result, picture(21, 14)) < NEAR


def test_noise_is_taken_away_before_the_network_and_the_outcome_says_how(enlarge: Enlarge, save: Save) -> None:
    grain = np.random.default_rng(3).normal(128, 20, (48, 48)).clip(0, 255).astype(np.uint8)
    spans = []
    for strength in (0, 0.5, 1):
        result, outcome = enlarge(save(Image.fromarray(grain)), denoise=strength)
        spans.append(np.asarray(result, float).std())
        assert outcome.denoiser == ("non-local means" if strength else None)
    assert spans[0] > spans[1] > spans[2]


@pytest.mark.parametrize(("chosen", "bits"), [(Format.PNG, 16), (Format.TIFF, 16), (Format.AVIF, 10), (Format.JPEG, 8)])
@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_sixteen_bits_go_through_the_network(
    name: str, chosen: Format, bits: int, enlarge: Enlarge, tmp_path: Path
) -> None:
    deep = album.Kind(name, "RGB", 16, "Display P3")
    source = album.write(deep, tmp_path / "deep")
    _result, outcome = enlarge(source, format=chosen, scale=4, quality=95 if chosen in LOSSY else None)
    loader = {Format.AVIF: "heifload"}.get(chosen, f"{chosen}load")
    image = getattr(pyvips.Image, loader)(str(tmp_path / "result"))
    levels = image.numpy() / (1 if bits == 8 else 257)
    assert (outcome.bit_depth, outcome.colours, image.format) == (bits, "kept", "uchar" if bits == 8 else "ushort")
    assert image.get("icc-profile-data") == album.profile("Display P3")
    assert np.abs(levels.reshape(16, 4, 24, 4, 3).mean((1, 3)) - album.colours(deep) * 255).mean() < NEAR
    assert (len(np.unique(levels)) > 256) == (bits > 8)


def test_small_copies_are_in_the_colours_and_depth_of_browsers(tmp_path: Path) -> None:
    source = album.write(album.Kind("TIFF", "RGB", 16, "Display P3"), tmp_path / "deep")
    order = Order(
        source,
        tmp_path / "result",
        Options(model="realesr-animevideov3", scale=2),
        strips_dir=tmp_path,
        thumbnail=tmp_path / "thumbnail.webp",
        preview=tmp_path / "preview.png",
    )
    pipeline.run(order, pipeline.tools("cpu"), lambda _progress: None)
    wide = Image.fromarray((pyvips.Image.tiffload(str(tmp_path / "result")).numpy() // 257).astype(np.uint8))
    p3 = ImageCms.ImageCmsProfile(io.BytesIO(album.profile("Display P3") or b""))
    expected = ImageCms.profileToProfile(wide, p3, ImageCms.createProfile("sRGB"))
    assert expected is not None
    for name in ("thumbnail.webp", "preview.png", "0000.webp"):
        with Image.open(tmp_path / name) as small:
            assert (small.mode, small.size) == ("RGB", (48, 32))
            assert apart(small, expected) < 3 < apart(small, wide)
