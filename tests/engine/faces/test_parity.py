"""Where GFPGANer is right we agree with it; where it is wrong, both sides are shown.

Its weights are a download, so its network has few channels and random numbers, and its detector is ours.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from bench.parts import reference
from bench.parts.score import psnr_db
from pixelift.engine.faces import alignment, detection, portraits
from pixelift.engine.faces.alignment import Portrait
from pixelift.engine.faces.centerface import CenterFace
from pixelift.engine.faces.portraits import Portraits
from pixelift.engine.faces.restoration import Restorer
from pixelift.engine.geometry import Window
from pixelift.engine.orders import Untouched
from pixelift.engine.pixels import Pixels
from tests.engine.faces.conftest import Toy

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 13), reason="basicsr cannot be built for this Python")

Bytes = NDArray[np.uint8]
Stock = Callable[..., Any]
Change = Callable[[torch.Tensor], torch.Tensor]

CPU = torch.device("cpu")


class _Finder:
    """Our detector, asked as facexlib's is."""

    def detect_faces(self, bgr: Any, _threshold: float) -> NDArray[np.float32]:
        finds = detection.find(bgr[..., ::-1].round().astype(np.uint8), CenterFace())
        return np.stack([np.concatenate([one.box, [one.score], one.landmarks.ravel()]) for one in finds])


@pytest.fixture
def stock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stock:
    """Return a GFPGANer that pastes whole squares, since what tells it their faces' outlines is a download too."""
    helper, gfpgan = reference.package("facexlib.utils.face_restoration_helper"), reference.package("gfpgan.utils")
    full = gfpgan.GFPGANv1Clean
    monkeypatch.setattr(helper, "init_detection_model", lambda *_, **__: _Finder())
    monkeypatch.setattr(helper, "init_parsing_model", lambda *_, **__: None)
    monkeypatch.setattr(gfpgan, "GFPGANv1Clean", lambda **how: full(**{**how, "narrow": 0.0625}))

    def make(upscale: int = 1, change: Change | None = None) -> Any:
        torch.manual_seed(0)
        how = {"out_size": 512, "channel_multiplier": 1, "input_is_latent": True, "different_w": True, "sft_half": True}
        torch.save({"params": gfpgan.GFPGANv1Clean(**how, fix_decoder=False).state_dict()}, tmp_path / "face.pth")
        stock = gfpgan.GFPGANer(str(tmp_path / "face.pth"), upscale, channel_multiplier=1, device=torch.device("cpu"))
        stock.face_helper.use_parse = False
        stock.gfpgan = Toy(change) if change else stock.gfpgan
        return stock

    return make


@pytest.fixture(scope="module")
def large(astronaut: Bytes) -> Bytes:
    """A face about as large as the square that it is restored in."""
    return np.asarray(Image.fromarray(astronaut[30:200, 146:306]).resize((640, 680), Image.Resampling.BICUBIC))


def theirs(stock: Any, source: Pixels, **how: Any) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the face they cut out, what they made of it, and the whole result, in RGB."""
    (own,), (face,), result = stock.enhance(source[..., ::-1].copy(), **how)
    return own[..., ::-1], face[..., ::-1], result[..., ::-1]


def ours(network: nn.Module, source: Pixels, factor: int = 1) -> Portraits:
    size = (source.shape[0], source.shape[1])
    window = Window.whole(size, (size[0] * factor, size[1] * factor))
    return portraits.restored(source, window, CenterFace(), Restorer(network, CPU, 1), lambda _part: None)


def pasted(found: Portraits, background: Pixels, strength: float = 1) -> NDArray[Any]:
    ((_top_px, rows),) = found.pasted(iter([(0, background.copy())]), strength)
    return rows


def levels(portrait: Portrait) -> NDArray[Any]:
    return portrait * 255


def test_the_square_that_is_cut_out_what_becomes_of_it_and_what_is_pasted_agree(stock: Stock, large: Bytes) -> None:
    gfpganer = stock()
    own, face, result = theirs(gfpganer, large)
    (find,) = detection.find(large, CenterFace())
    portrait = alignment.portrait(large, alignment.similarity(find.landmarks))
    assert psnr_db(levels(portrait), own) > 50
    (restored,) = Restorer(gfpganer.gfpgan, CPU, 1).restored([portrait])
    assert not isinstance(restored, Untouched)
    assert psnr_db(levels(restored), face) > 50
    (left, top), (right, bottom) = find.landmarks.min(0).astype(int), find.landmarks.max(0).astype(int)
    between = (slice(top, bottom), slice(left, right))
    assert psnr_db(pasted(ours(gfpganer.gfpgan, large), large)[between], result[between]) > 50


def test_twice_as_large_they_paste_half_a_pixel_aside_and_we_do_not(stock: Stock, astronaut: Bytes) -> None:
    source = np.asarray(Image.fromarray(astronaut).resize((64, 64)).resize((512, 512), Image.Resampling.BICUBIC))
    background: NDArray[Any] = np.asarray(cv2.resize(source, (1024, 1024), interpolation=cv2.INTER_LANCZOS4))
    same = stock(2, lambda faces: faces)
    eyes_to_mouth = (slice(2 * 100, 2 * 145), slice(2 * 200, 2 * 245))
    expected = background[eyes_to_mouth]
    mine = pasted(ours(same.gfpgan, source, 2), background)[eyes_to_mouth]
    assert psnr_db(theirs(same, source)[2][eyes_to_mouth], expected) < 48
    assert psnr_db(mine, expected) > 50


def test_their_strength_is_ignored_and_ours_is_not(stock: Stock, astronaut: Bytes) -> None:
    striped = stock(1, _stripes)
    weak, strong = (theirs(striped, astronaut, weight=weight)[2] for weight in (0.0, 1.0))
    assert np.array_equal(weak, strong)
    assert not np.array_equal(weak, astronaut)
    found = ours(striped.gfpgan, astronaut)
    assert np.array_equal(pasted(found, astronaut, 0), astronaut)
    assert not np.array_equal(pasted(found, astronaut, 1), astronaut)


def test_16_bits_become_8_there_and_stay_here(stock: Stock, astronaut: Bytes) -> None:
    deep = astronaut.astype(np.uint16) * 257 + np.arange(512, dtype=np.uint16)[:, None] % 200
    same = stock(1, lambda faces: faces)
    assert theirs(same, deep)[2].dtype == np.uint8
    mine = pasted(ours(same.gfpgan, deep), deep)
    assert len(np.unique(mine[100:145, 200:245] % 257)) > 200


def test_a_failed_face_is_a_success_there_and_reported_here(stock: Stock, astronaut: Bytes) -> None:
    def fail(_faces: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("out of memory")

    failing = stock(1, fail)
    own, face, result = theirs(failing, astronaut)
    assert np.array_equal(own, face)
    assert not np.array_equal(result, astronaut)  # and what it was made smaller and larger for is pasted
    found = ours(failing.gfpgan, astronaut)
    assert [(one.restored, one.reason) for one in found.faces] == [(False, Untouched.FAILED)]
    assert np.array_equal(pasted(found, astronaut), astronaut)


def test_their_result_is_another_every_time_and_ours_is_not(stock: Stock, astronaut: Bytes) -> None:
    noisy = stock()
    for name, parameter in noisy.gfpgan.stylegan_decoder.named_parameters():
        if name.startswith("style_conv") and parameter.numel() == 1:
            parameter.data.fill_(0.5)
    first, second = (theirs(noisy, astronaut)[2] for _ in range(2))
    assert not np.array_equal(first, second)
    mine, again = (pasted(ours(noisy.gfpgan, astronaut), astronaut) for _ in range(2))
    assert np.array_equal(mine, again)


def _stripes(faces: torch.Tensor) -> torch.Tensor:
    out = torch.full_like(faces, -1)
    out[:, 0, ::2] = 1
    return out
