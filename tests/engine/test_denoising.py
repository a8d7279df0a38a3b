"""Noise goes, pictures stay, and more strength is always further from the source."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from pixelift.engine import pipeline, weights
from pixelift.engine.catalogue import File, Model
from pixelift.engine.denoising import denoised, noise
from pixelift.engine.inspection import Facts
from pixelift.engine.options import Options
from pixelift.engine.orders import Order, Progress, Stage
from pixelift.engine.pixels import Pixels
from pixelift.engine.planning import Denoiser, plan
from pixelift.engine.shelf import Shelf
from pixelift.engine.turnstile import Turnstile
from tests.engine import toys

CAT: NDArray[np.uint8] = data.chelsea()[60:188, 100:260]  # type: ignore[no-untyped-call]


def noisy(sigma: float) -> Pixels:
    grain = np.random.default_rng(7).normal(0, sigma, CAT.shape)
    levels: Pixels = np.rint((CAT + grain).clip(0, 255)).astype(np.uint8)
    return levels


def psnr_db(picture: Pixels, white: int = 255) -> float:
    error = picture.astype(float) / white - CAT / 255
    return float(-10 * np.log10((error**2).mean()))


@pytest.mark.parametrize("sigma", [10, 20, 30])
def test_the_noise_is_measured(sigma: float) -> None:
    assert noise(noisy(sigma)) == pytest.approx(sigma, rel=0.25)


@pytest.mark.parametrize("sigma", [10, 20])
def test_noise_goes(sigma: float) -> None:
    assert psnr_db(denoised(noisy(sigma), 1)) > psnr_db(noisy(sigma)) + 3


def test_a_clean_picture_stays() -> None:
    assert psnr_db(denoised(CAT, 1)) > 40


def test_more_strength_is_further_from_the_source() -> None:
    source = noisy(15)
    apart = [np.abs(denoised(source, strength).astype(int) - source).sum() for strength in (0, 0.1, 0.4, 0.7, 1)]
    assert apart[0] == 0
    assert all(less < more for less, more in pairwise(apart))


def test_sixteen_bits_are_calmed_as_eight_are() -> None:
    deep = noisy(15).astype(np.uint16) * np.uint16(257)
    assert psnr_db(denoised(deep, 1), 65_535) == pytest.approx(psnr_db(denoised(noisy(15), 1)), abs=0.3)


def test_no_border_shows_between_the_bands() -> None:
    tall = np.tile(noisy(15), (3, 1, 1))
    at_once = denoised(tall[200:330], 1)[40:90]
    assert np.abs(denoised(tall, 1)[240:290].astype(int) - at_once).mean() < 1


def test_a_long_calming_is_heard_of_and_makes_way(tmp_path: Path) -> None:
    Image.fromarray(noisy(15)).resize((1200, 600)).save(tmp_path / "noisy.png")
    turnstile, heard, ways = Turnstile(), list[Progress](), list[float]()
    kit = replace(pipeline.tools("cpu"), turn=turnstile.turn())
    turnstile.make_way = lambda turn: ways.append(turn.used_s)  # type: ignore[method-assign]

    def hear(progress: Progress) -> None:
        heard.append(progress)
        if progress.stage is Stage.UPSCALING:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        pipeline.run(Order(tmp_path / "noisy.png", tmp_path / "out.png", Options(denoise=1)), kit, hear)
    assert any(progress.reached > 1 for progress in heard if progress.stage is Stage.DECODING)
    assert len(ways) == 3


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9), (9, 1)])
def test_the_smallest_pictures_are_taken(shape: tuple[int, ...]) -> None:
    flat = np.full(shape, 90, np.uint8)
    assert np.array_equal(denoised(flat, 1), flat)


@pytest.fixture
def twins(tmp_path: Path) -> Shelf:
    """A shelf on which two small networks of one form are installed, the second the twin of the first."""
    own = toys.model("SPAN x4", tmp_path)
    other = {name: tensor * 3 for name, tensor in toys.state("SPAN x4").items()}
    safetensors.torch.save_file(other, tmp_path / "twin.safetensors")
    file = File("twin.safetensors", hashlib.sha256((tmp_path / "twin.safetensors").read_bytes()).hexdigest())

    class Twins(Shelf):
        def _all(self) -> Iterator[Model]:
            yield replace(own, twin="twin")
            yield replace(own, name="twin", files=(file,))

    return Twins(tmp_path)


def test_strength_is_the_networks_own_share_where_it_has_a_twin(twins: Shelf) -> None:
    facts = Facts("png", 30, 20, False, 8, "RGB", False, False)
    planned = {strength: plan(facts, Options(model="toy", denoise=strength), twins) for strength in (0, 0.25, 1)}
    assert [decided.denoiser for decided in planned.values()] == [None, Denoiser.TWIN, Denoiser.TWIN]
    for strength, decided in planned.items():
        mixed, own = weights.state(decided.model), toys.state("SPAN x4")
        for name, tensor in own.items():
            assert torch.allclose(mixed[name], tensor * (3 - 2 * strength), atol=1e-6)


def test_without_a_twin_noise_is_taken_away_before_the_network() -> None:
    facts = Facts("png", 30, 20, False, 8, "RGB", False, False)
    assert plan(facts, Options(denoise=0.5), Shelf()).denoiser is Denoiser.CLASSICAL
    assert plan(facts, Options(), Shelf()).denoiser is None
