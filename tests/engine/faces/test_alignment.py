from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pixelift.engine.faces import alignment, warping
from pixelift.engine.faces.warping import Matrix


def _turned(degrees: float, scale: float, x: float = 0, y: float = 0) -> Matrix:
    """Return what brings a face that was turned, scaled and then moved back to where it was."""
    cosine, sine = scale * np.cos(np.radians(degrees)), scale * np.sin(np.radians(degrees))
    return warping.inverse(np.array([[cosine, -sine, x], [sine, cosine, y]]))


@pytest.mark.parametrize(("degrees", "scale"), [(0, 1), (25, 0.2), (-160, 3.0)])
def test_a_face_is_turned_upright_and_to_one_size(degrees: float, scale: float) -> None:
    back = _turned(degrees, scale, 40, 500)
    x, y = warping.transformed(warping.inverse(back), *alignment.TEMPLATE.T)
    found = alignment.similarity(np.stack([x, y], 1).astype(np.float32))
    assert np.abs(found - back).max() < 0.01


def test_a_portrait_shows_the_picture_s_own_pixels() -> None:
    picture = np.random.default_rng(0).integers(0, 65_536, (600, 700, 3), np.uint16)
    portrait = alignment.portrait(picture, np.array([[1.0, 0, -100], [0, 1, -50]]))
    assert np.abs(portrait * 65_535 - picture[50:562, 100:612]).max() < 8


def test_beyond_the_picture_there_is_grey() -> None:
    picture = np.full((512, 512), 255, np.uint8)
    portrait = alignment.portrait(picture, np.array([[1.0, 0, -256], [0, 1, 0]]))
    assert portrait[:, :256].min() == 1
    assert np.rint(portrait[:, 256:] * 255).reshape(-1, 3)[[0, -1]].tolist() == [[132, 133, 135]] * 2
    away = alignment.portrait(picture, np.array([[1.0, 0, -2000], [0, 1, 0]]))
    assert np.ptp(away.reshape(-1, 3), 0).max() == 0


def test_a_face_larger_than_the_portrait_loses_no_light() -> None:
    stripes = np.zeros((2048, 2048), np.uint8)
    stripes[:, ::2] = 255
    portrait = alignment.portrait(stripes, np.array([[0.25, 0, 0], [0, 0.25, 0]]))
    assert np.abs(portrait[8:-8, 8:-8] - 0.5).max() < 0.01


def test_a_face_in_a_very_wide_picture_is_cut_out_like_any_other() -> None:
    face = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    wide: NDArray[np.uint8] = np.zeros((64, 40_000, 3), np.uint8)
    wide[:, 39_900:39_964] = face
    scale = np.array([[8.0, 0, 0], [0, 8, 0]])
    moved = np.array([[8.0, 0, -8 * 39_900], [0, 8, 0]])
    inside = (slice(8, -16), slice(8, -16))
    expected = alignment.portrait(face, scale)[inside]
    assert np.abs(alignment.portrait(wide, moved)[inside] - expected).max() < 1e-4
