"""Turned, moved and scaled pictures."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import grid_sample

Matrix = NDArray[np.float64]  # (2, 3): x and y of what (x, y, 1) becomes; a pixel's centre has whole numbers
Places = NDArray[np.float64]  # (..., H, W): one coordinate of every pixel


def inverse(matrix: Matrix) -> Matrix:
    turned = np.linalg.inv(matrix[:, :2])
    return np.column_stack([turned, -turned @ matrix[:, 2]])


def transformed(matrix: Matrix, x: Places, y: Places) -> tuple[Places, Places]:
    """Return where the points x, y come to lie."""
    (a, b, c), (d, e, f) = matrix
    return a * x + b * y + c, d * x + e * y + f


def magnification(matrix: Matrix) -> float:
    return float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))


def sampled(picture: NDArray[np.float32], x: Places, y: Places, how: str) -> NDArray[np.float32]:
    """Return the values (H, W, C) of a picture at x, y as shares of its width and height; beyond its edges 0.

    `how` is bilinear or bicubic. A place's value is the same whatever other places are asked for.
    """
    grid = torch.from_numpy(np.stack([2 * x - 1, 2 * y - 1], -1).astype(np.float32))[None]
    planes = torch.from_numpy(picture).permute(2, 0, 1)[None]
    values = grid_sample(planes, grid, how, "zeros", align_corners=False)
    return np.asarray(values[0].permute(1, 2, 0))
