"""Where stock RealESRGANer is right we agree with it; where it is wrong, both sides are shown."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms
from PIL.ExifTags import Base

from bench.parts import reference
from bench.parts.score import psnr_db
from pixelift.engine import pipeline
from pixelift.engine.options import Format, Options
from pixelift.engine.orders import Order
from pixelift.engine.upscaler import Upscaler

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 13), reason="basicsr cannot be built for this Python")

FAST, DENSE = "realesr-animevideov3", "realesrgan-x4plus-anime"
EDGE_PX = 4 * 24  # what the pixels that stock adds at two sides can be seen in

Make = Callable[..., Image.Image]
Save = Callable[..., Path]
Ours = Callable[..., Image.Image]
Stock = Callable[..., Any]


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return functools.cache(lambda model=FAST, **how: reference.upsampler(model, tmp_path_factory.mktemp("s"), **how))


@pytest.fixture
def ours(tmp_path: Path, save: Save) -> Ours:
    """Enlarge four times in fp32, from a file to a file."""

    def run(source: Image.Image | Path, model: str = FAST, **bounds: Any) -> Image.Image:
        path = source if isinstance(source, Path) else save(source)
        order = Order(path, tmp_path / "ours.png", Options(model=model, format=Format.PNG))
        kit = dataclasses.replace(pipeline.tools("cpu", "fp32"), **bounds)
        pipeline.run(order, kit, lambda _progress: None)
        with Image.open(order.destination) as result:
            result.load()
        return result

    return run


def enhanced(upsampler: Any, picture: Image.Image, **how: Any) -> Any:
    """Return stock's pixels in RGB order."""
    return upsampler.enhance(np.asarray(picture)[..., ::-1], **how)[0][..., ::-1]


def textured(width_px: int, height_px: int) -> Image.Image:
    noise = np.random.default_rng(2).integers(0, 256, (-(-height_px // 3), -(-width_px // 3), 3), np.uint8)
    return Image.fromarray(noise).resize((width_px, height_px), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("model", [FAST, DENSE])
def test_inside_the_picture_both_agree(model: str, stock: Stock, ours: Ours) -> None:
    source = textured(64, 56)
    theirs, mine = enhanced(stock(model), source), np.asarray(ours(source, model))
    assert theirs.shape == mine.shape
    assert psnr_db(mine[:-EDGE_PX, :-EDGE_PX], theirs[:-EDGE_PX, :-EDGE_PX]) > 50


@pytest.mark.parametrize("model", [FAST, DENSE])
def test_without_added_pixels_both_agree_to_the_edge(model: str, stock: Stock, ours: Ours) -> None:
    source = textured(40, 31)
    theirs, mine = enhanced(stock(model, pre_pad=0), source), np.asarray(ours(source, model))
    assert np.abs(theirs.astype(int) - mine).max() <= 1


def test_grey_pictures_agree(stock: Stock, ours: Ours) -> None:
    source = textured(40, 31).convert("L")
    theirs, mine = stock(pre_pad=0).enhance(np.asarray(source))[0], np.asarray(ours(source))
    assert theirs.shape == mine.shape
    assert psnr_db(mine, theirs) > 45


def test_tiles_leave_seams_and_strips_and_chunks_do_not(stock: Stock, ours: Ours) -> None:
    source = textured(72, 64)
    tiled = enhanced(stock(DENSE, tile=32, pre_pad=0), source)
    whole = enhanced(stock(DENSE, pre_pad=0), source)
    assert psnr_db(tiled, whole) < 55
    assert np.abs(tiled.astype(int) - whole).max() > 8
    mine = np.asarray(ours(source, DENSE))
    assert np.array_equal(np.asarray(ours(source, DENSE, network_bytes=0, chunk_px=32)), mine)
    assert np.abs(mine.astype(int) - whole).max() <= 1


def test_out_of_memory_pastes_another_tile_there_and_the_right_one_here(
    stock: Stock, ours: Ours, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = textured(64, 32)
    expected = np.asarray(ours(source))
    tiled = stock(tile=32, pre_pad=0, tile_pad=0)
    forward, calls = tiled.model.forward, iter([None, torch.OutOfMemoryError("full")])

    def tight(rows: torch.Tensor) -> Any:
        if error := next(calls):
            raise error
        return forward(rows)

    monkeypatch.setattr(tiled.model, "forward", tight)
    theirs = enhanced(tiled, source)
    assert np.array_equal(theirs[:, 128:], theirs[:, :128])
    rows, failures = Upscaler.rows, iter([torch.OutOfMemoryError("full")])

    def tight_too(self: Upscaler, *arguments: Any) -> Iterator[torch.Tensor]:
        yield from rows(self, *arguments) if next(failures, None) is None else _full()

    monkeypatch.setattr(Upscaler, "rows", tight_too)
    assert np.array_equal(np.asarray(ours(source)), expected)


def test_out_of_memory_in_the_first_tile_is_an_accident_there(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    tiled = stock(tile=32)
    monkeypatch.setattr(tiled.model, "forward", _full)
    with pytest.raises(UnboundLocalError):
        enhanced(tiled, textured(64, 32))


@pytest.mark.parametrize("size", [(10, 10), (1, 1), (40, 3)])
def test_small_pictures_fail_there_and_are_right_here(size: tuple[int, int], stock: Stock, ours: Ours) -> None:
    source = textured(*size)
    with pytest.raises(RuntimeError, match="Padding size"):
        enhanced(stock(), source)
    right = enhanced(stock(pre_pad=0), source)
    assert np.abs(right.astype(int) - np.asarray(ours(source))).max() <= 1


def test_grey_with_alpha_fails_there_and_is_kept_here(stock: Stock, ours: Ours) -> None:
    source = textured(24, 20).convert("LA")
    source.putalpha(Image.linear_gradient("L").resize(source.size))
    with pytest.raises(Exception, match="number of channels"):
        stock().enhance(np.asarray(source))
    result = ours(source)
    assert result.mode == "LA"
    opaque = np.asarray(ours(source.convert("L")))
    assert np.array_equal(np.asarray(result.getchannel("L")), opaque)


def test_one_channel_becomes_three_there_and_stays_one_here(stock: Stock, ours: Ours) -> None:
    source = textured(24, 20).convert("L")
    assert stock().enhance(np.asarray(source)[..., None])[0].shape == (80, 96, 3)
    assert ours(source).mode == "L"


def test_a_dark_picture_of_sixteen_bits_gets_bright_there_and_stays_dark_here(
    stock: Stock, ours: Ours, save: Save
) -> None:
    levels = np.linspace(60, 250, 32).astype(np.uint16)[None].repeat(24, 0)
    theirs = stock().enhance(levels)[0]
    assert (theirs.dtype, theirs.mean() / 255) == (np.uint8, pytest.approx(0.6, abs=0.1))
    mine = np.asarray(ours(save(Image.fromarray(levels))), np.float64)
    assert mine.mean() / (255 if mine.max() < 256 else 65_535) < 0.02


def test_orientation_is_lost_there_and_applied_here(stock: Stock, ours: Ours, save: Save) -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    source = save(textured(32, 20), "source.jpg", exif=exif, quality=95)
    assert stock().enhance(_read_by_stock(source))[0].shape == (80, 128, 3)
    assert ours(source).size == (80, 128)


def test_the_profile_is_lost_there_and_kept_here(stock: Stock, ours: Ours, save: Save, tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source, theirs = save(textured(24, 20), icc_profile=profile), tmp_path / "stock.png"
    reference.package("cv2").imwrite(str(theirs), stock().enhance(_read_by_stock(source))[0])
    with Image.open(theirs) as result:
        assert "icc_profile" not in result.info
    assert ours(source).info["icc_profile"] == profile


def test_the_way_to_enlarge_alpha_is_no_choice_there(stock: Stock, ours: Ours) -> None:
    """Any name but its own means linear; its own sends alpha through the network, which sees a picture in it."""
    ramp = Image.linear_gradient("L").resize((40, 32))
    source = textured(40, 32)
    source.putalpha(ramp)
    named = [stock(pre_pad=0).enhance(np.asarray(source), alpha_upsampler=name)[0] for name in ("bicubic", "nonsense")]
    assert np.array_equal(*named)
    ideal = np.asarray(ramp.resize((160, 128), Image.Resampling.BICUBIC), int)
    theirs = stock(pre_pad=0).enhance(np.asarray(source))[0][..., 3]
    mine = np.asarray(ours(source).getchannel("A"))
    assert np.abs(theirs - ideal)[8:-8].max() > 2 * np.abs(mine - ideal)[8:-8].max()


def test_printing_is_no_progress(stock: Stock, ours: Ours, capsys: pytest.CaptureFixture[str]) -> None:
    enhanced(stock(tile=32), textured(64, 32))
    assert "Tile 1/" in capsys.readouterr().out
    ours(textured(64, 32))
    assert capsys.readouterr().out == ""


def _read_by_stock(path: Path) -> Any:
    """As inference_realesrgan.py does."""
    cv2 = reference.package("cv2")
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def _full(*_arguments: Any) -> Any:
    raise torch.OutOfMemoryError("full")
