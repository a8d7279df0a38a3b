from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from pixelift.engine.geometry import Window
from pixelift.engine.pixels import Pixels
from pixelift.engine.resampling import coverage, resampled
from pixelift.engine.transparency import bled

NOISE = np.random.default_rng(1).integers(0, 256, (97, 41, 3), np.uint8)
DEEP = np.random.default_rng(2).integers(0, 65_536, (97, 41, 3), np.uint16)


def bands(source: Pixels, height_px: int) -> Iterator[Pixels]:
    for top_px in range(0, len(source), height_px):
        yield source[top_px : top_px + height_px]


def whole(source: Pixels, height_px: int, size: tuple[int, int]) -> Pixels:
    return np.concatenate(list(resampled(bands(source, height_px), Window.whole(source.shape[:2], size))))


@pytest.mark.parametrize("size", [(50, 21), (24, 10), (97, 30), (120, 41), (194, 82), (1, 1), (131, 7)])
@pytest.mark.parametrize("source", [NOISE, NOISE[..., 0], DEEP], ids=["colour", "grey", "16 bit"])
def test_bands_join_to_the_very_same_pixels_as_at_once(source: Pixels, size: tuple[int, int]) -> None:
    at_once = whole(source, 97, size)
    assert (at_once.shape, at_once.dtype) == (size + source.shape[2:], source.dtype)
    for height_px in (1, 8, 30, 64):
        assert np.array_equal(whole(source, height_px, size), at_once)


def test_rows_asked_for_later_are_the_same_rows() -> None:
    window = Window((97, 41), (300, 50), (3.5, 7.25, 38.0, 90.0))
    at_once = np.concatenate(list(resampled([NOISE], window)))
    from_px, _ = window.rows(128, 129)
    later = np.concatenate(list(resampled(bands(NOISE[from_px:], 10), window, start_px=128, first_px=from_px)))
    assert np.array_equal(later, at_once[128:])


def test_a_part_of_the_picture_is_that_part() -> None:
    board = np.zeros((40, 40), np.uint8)
    board[10:20, 20:30] = 255
    part = np.concatenate(list(resampled([board], Window((40, 40), (30, 30), (20.0, 10.0, 30.0, 20.0)))))
    assert part.shape == (30, 30)
    assert part[5:25, 5:25].min() > 240


def test_the_same_size_is_the_same_picture() -> None:
    assert np.array_equal(whole(NOISE, 10, (97, 41)), NOISE)


def test_light_is_averaged_and_not_its_code() -> None:
    """A fine checkerboard of black and white seen from afar is half the light: level 188, not 128."""
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    assert whole(board, 16, (8, 8))[4, 4] == pytest.approx(188, abs=2)


def test_alpha_comes_in_the_same_rows_at_any_cut() -> None:
    alpha, window = NOISE[..., 0], Window.whole((97, 41), (200, 100))
    at_once = coverage(alpha, window, 0, 200)
    cut = np.concatenate([coverage(alpha, window, top_px, top_px + 50) for top_px in range(0, 200, 50)])
    assert np.array_equal(cut, at_once)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_hidden_colour_is_taken_from_what_is_next_to_it(dtype: type[np.uint8 | np.uint16]) -> None:
    colour, alpha = np.zeros((20, 33, 3), dtype), np.zeros((20, 33), dtype)
    colour[5:9, 5:9], alpha[5:9, 5:9] = (200, 100, 50), 255
    assert np.abs(bled(colour, alpha).astype(int) - (200, 100, 50)).max() <= 6


def test_a_picture_of_nothing_stays_nothing() -> None:
    nothing = np.zeros((7, 5), np.uint8)
    assert bled(nothing, nothing).max() == 0
