"""Noise goes, pictures stay, and more strength is always further from the source."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pixelift.engine.denoising import denoised, noise
from pixelift.engine.pixels import Pixels

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


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9), (9, 1)])
def test_the_smallest_pictures_are_taken(shape: tuple[int, ...]) -> None:
    assert denoised(np.full(shape, 90, np.uint8), 1).shape == shape
