from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from pixelift.engine.faces import pasting
from pixelift.engine.faces.alignment import Portrait
from pixelift.engine.geometry import Window
from pixelift.engine.pixels import Pixels

SIZE = (96, 128)
EYES = ((70, 47), (86, 45))  # x, y in the source of what to_face brings onto the template's eyes
RED: Portrait = np.broadcast_to(np.array([1, 0, 0], np.float32), (512, 512, 3))
TO_FACE = np.array([[7.8, -0.9, -311.0], [0.9, 7.8, -187.0]])  # turned by seven degrees, 7.85 times as large


def _face(*rgb: float) -> Portrait:
    return np.broadcast_to(np.array(rgb, np.float32), (512, 512, 3))


def _textured(dtype: type = np.uint8, size: tuple[int, int] = SIZE) -> Pixels:
    return np.random.default_rng(3).integers(0, np.iinfo(dtype).max, (*size, 3)).astype(dtype)


def _pasted(rows: Pixels, strength: float, face: Portrait = RED, window: Window | None = None) -> Pixels:
    out = rows.copy()
    patch = pasting.patch(face, TO_FACE, window or Window.whole(SIZE, (out.shape[0], out.shape[1])))
    pasting.paste(out, 0, [patch], strength)
    return out


def test_a_red_face_lands_on_the_eyes_and_nowhere_else() -> None:
    for factor in (1, 3):
        background = np.zeros((SIZE[0] * factor, SIZE[1] * factor, 3), np.uint8)
        red = _pasted(background, 1)[..., 0] / 255
        for x, y in EYES:
            assert red[y * factor, x * factor] == 1
        rows, columns = np.nonzero(red)
        assert (rows.min() // factor, columns.min() // factor) >= (16, 44)
        assert (rows.max() // factor, columns.max() // factor) <= (88, 112)


def test_the_face_s_edge_is_a_slope_and_no_border() -> None:
    deep = np.zeros((SIZE[0] * 8, SIZE[1] * 8, 3), np.uint16)
    light = (_pasted(deep, 1)[..., 0] / 65_535) ** 2.2
    assert max(np.abs(np.diff(light, axis=axis)).max() for axis in (0, 1)) < 0.05


def test_strength_0_leaves_every_byte_and_more_means_more() -> None:
    rows = _textured()
    assert np.array_equal(_pasted(rows, 0), rows)
    steps = [_pasted(rows, strength).astype(int)[..., 0] for strength in (0, 0.2, 0.4, 0.6, 0.8, 1)]
    assert all((more >= less).all() and more.sum() > less.sum() for less, more in pairwise(steps))


def test_half_a_face_is_half_of_the_light() -> None:
    black = np.zeros((*SIZE, 3), np.uint8)
    x, y = EYES[0]
    assert _pasted(black, 0.5)[y, x].tolist() == [188, 0, 0]  # sRGB's level of half the light


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_no_face_covers_keeps_every_bit(dtype: type) -> None:
    rows = _textured(dtype)
    pasted = _pasted(rows, 1)
    assert np.array_equal(pasted[:10], rows[:10])
    assert np.array_equal(pasted[:, :40], rows[:, :40])
    assert pasted.dtype == dtype


def test_16_bits_stay_16_bits() -> None:
    x, y = EYES[0]
    grey = _pasted(np.zeros((*SIZE, 3), np.uint16), 1, _face(0.30001, 0.5, 0.69999))
    assert np.abs(grey[y, x] / 65_535 - [0.30001, 0.5, 0.69999]).max() < 2 / 65_535


def test_grey_rows_take_the_face_s_luminance() -> None:
    x, y = EYES[0]
    assert _pasted(np.zeros(SIZE, np.uint8), 1)[y, x] == 127  # of sRGB's red, IEC 61966-2-1


@pytest.mark.parametrize("height_px", [1, 7, 64])
def test_bands_make_the_very_same_picture_as_the_whole(height_px: int) -> None:
    noise = np.random.default_rng(1).random((512, 512, 3), np.float32)
    window = Window.whole(SIZE, (250, 333))
    moved = TO_FACE + np.array([[0, 0, 200], [0, 0, 50]])
    patches = [pasting.patch(noise, TO_FACE, window), pasting.patch(noise[::-1], moved, window)]
    rows = _textured(np.uint16, (250, 333))
    whole, banded = rows.copy(), rows.copy()
    pasting.paste(whole, 0, patches, 0.7)
    for top_px in range(0, 250, height_px):
        pasting.paste(banded[top_px : top_px + height_px], top_px, patches, 0.7)
    assert np.array_equal(banded, whole)


def test_a_part_of_the_picture_shows_its_part_of_the_face() -> None:
    black = np.zeros((SIZE[0] * 4, SIZE[1] * 4, 3), np.uint8)
    part = Window(SIZE, (4 * 60, 4 * 50), (50.0, 20.0, 100.0, 80.0))
    shown = _pasted(black[: 4 * 60, : 4 * 50], 1, RED, part)
    assert np.array_equal(shown, _pasted(black, 1)[80:320, 200:400])


def test_a_stretched_picture_stretches_the_face() -> None:
    black = np.zeros((SIZE[0], SIZE[1] * 2, 3), np.uint8)
    x, y = EYES[1]
    assert _pasted(black, 1)[y, 2 * x].tolist() == [255, 0, 0]


def test_a_fine_pattern_on_a_small_face_becomes_its_mean() -> None:
    stripes = np.zeros((512, 512, 3), np.float32)
    stripes[:, ::2] = 1
    x, y = EYES[0]
    pasted = _pasted(np.zeros((*SIZE, 3), np.uint8), 1, stripes)
    assert np.abs(pasted[y - 2 : y + 3, x - 2 : x + 3].astype(int) - 188).max() <= 2
