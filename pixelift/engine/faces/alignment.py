"""From a face in the picture to the upright square of 512 px that restoring networks were trained on."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelift.engine.faces import warping
from pixelift.engine.faces.warping import Matrix
from pixelift.engine.pixels import Pixels, averaged, full_scale

Portrait = NDArray[np.float32]  # (512, 512, 3) RGB in [0, 1]

SIDE_PX = 512
TEMPLATE = np.array(
    [
        [192.98138, 239.94708],
        [318.90277, 240.1936],
        [256.63416, 314.01935],
        [201.26117, 371.41043],
        [313.08905, 371.15118],
    ]
)  # FFHQ's eyes, nose and corners of the mouth, as in facexlib's FaceRestoreHelper
_BEYOND = np.array([132, 133, 135], np.float32) / np.float32(255)  # what lies around the picture, there too
_MARGIN_PX = 2


def similarity(landmarks: NDArray[np.float32]) -> Matrix:
    """Return what turns, moves and scales five landmarks (5, 2), not all in one place, onto the template's."""
    matrix, _ = cv2.estimateAffinePartial2D(landmarks.astype(np.float64), TEMPLATE, method=cv2.LMEDS)
    return np.asarray(matrix)


def portrait(source: Pixels, to_face: Matrix) -> Portrait:
    """Cut the square out of a picture (H, W) or (H, W, 3)."""
    v, u = np.mgrid[:SIDE_PX, :SIDE_PX].astype(np.float64)
    x, y = warping.transformed(warping.inverse(to_face), u, v)
    left, top, right, bottom = _bounds(source, x, y)
    if left >= right or top >= bottom:
        return np.broadcast_to(_BEYOND, (SIDE_PX, SIDE_PX, 3)).copy()
    region = _shrunk(source[top:bottom, left:right], 1 / warping.magnification(to_face))
    rgb = np.dstack([region] * 3) if region.ndim == 2 else region  # noqa: PLR2004
    light = rgb.astype(np.float32) / full_scale(source)
    shares = (x + 0.5 - left) / (right - left), (y + 0.5 - top) / (bottom - top)
    return warping.sampled(light - _BEYOND, *shares, "bilinear") + _BEYOND


def _bounds(source: Pixels, x: warping.Places, y: warping.Places) -> tuple[int, int, int, int]:
    """Return the part of the picture that the square shows: left, top, right, bottom."""
    low = np.floor([x.min(), y.min()]).astype(int) - _MARGIN_PX
    high = np.ceil([x.max(), y.max()]).astype(int) + _MARGIN_PX + 1
    left, top = low.clip(0)
    right, bottom = np.minimum(high, source.shape[1::-1])
    return int(left), int(top), int(right), int(bottom)


def _shrunk(region: Pixels, factor: float) -> Pixels:
    """Average a face that is larger than the square, since sampling alone would skip pixels."""
    height_px, width_px = (max(1, round(side / factor)) for side in region.shape[:2])
    return averaged(region, (height_px, width_px)) if factor >= 2 else region  # noqa: PLR2004
