from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from pixelift.engine.resampling import Pixels, coverage, resampled
from pixelift.engine.transparency import bled

NOISE = np.random.default_rng(1).integers(0, 256, (97, 41, 3), np.uint8)


def bands(source: Pixels, height_px: int) -> Iterator[Pixels]:
    for top_px in range(0, len(source), height_px):
        yield source[top_px : top_px + height_px]


def whole(source: Pixels, height_px: int, size: tuple[int, int]) -> Pixels:
    return np.concatenate(list(resampled(bands(source, height_px), source.shape[:2], size)))


@pytest.mark.parametrize("size", [(50, 21), (24, 10), (97, 30), (120, 41), (194, 82), (1, 1), (131, 7)])
@pytest.mark.parametrize("source", [NOISE, NOISE[..., 0]], ids=["colour", "grey"])
def test_bands_join_to_what_comes_at_once(source: Pixels, size: tuple[int, int]) -> None:
    at_once = whole(source, 97, size)
    assert at_once.shape == size + source.shape[2:]
    for height_px in (1, 8, 30, 64):
        assert np.abs(whole(source, height_px, size).astype(int) - at_once).max() <= 1


def test_the_same_size_is_the_same_picture() -> None:
    assert np.array_equal(whole(NOISE, 10, (97, 41)), NOISE)


def test_light_is_averaged_and_not_its_code() -> None:
    """A fine checkerboard of black and white seen from afar is half the light: level 188, not 128."""
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    assert whole(board, 16, (8, 8))[4, 4] == pytest.approx(188, abs=2)


def test_alpha_comes_in_the_same_rows_at_any_cut() -> None:
    alpha = NOISE[..., 0]
    at_once = coverage(alpha, (200, 100), 0, 200)
    cut = np.concatenate([coverage(alpha, (200, 100), top_px, top_px + 50) for top_px in range(0, 200, 50)])
    assert np.abs(cut.astype(int) - at_once).max() <= 1


def test_hidden_colour_is_taken_from_what_is_next_to_it() -> None:
    picture = Image.new("RGBA", (33, 20), (0, 0, 0, 0))
    picture.paste((200, 100, 50, 255), (5, 5, 9, 9))
    filled = np.asarray(bled(picture), int)
    assert np.abs(filled - (200, 100, 50)).max() <= 3


def test_a_picture_of_nothing_stays_nothing() -> None:
    assert np.asarray(bled(Image.new("LA", (7, 5)))).max() == 0
