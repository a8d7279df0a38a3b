"""Restored faces laid over the rows of a result, in linear light and with an edge that nobody sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import interpolate

from pixelift.engine.faces import warping
from pixelift.engine.faces.alignment import SIDE_PX, Portrait
from pixelift.engine.faces.warping import Matrix, Places
from pixelift.engine.geometry import Window
from pixelift.engine.pixels import Pixels, full_scale

_CENTRE, _RADII = np.array([256, 272]), np.array([200, 238])  # of the mask, in the square's pixels
_ROUNDNESS = 3  # 2 would be an ellipse
_WHOLE = 0.8  # of the radius; from there on the mask fades to nothing
_KNEE = 0.04045  # IEC 61966-2-1: below it the curve of sRGB is a straight line
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709
_PIXELS_AT_ONCE = 1 << 19

Light = NDArray[np.float32]


@dataclass(frozen=True)
class Patch:
    """A restored face in linear light (N, N, 3), and what brings the result's pixels onto its square of 512 px."""

    light: Light
    to_face: Matrix


def patch(face: Portrait, to_face: Matrix, window: Window) -> Patch:
    """Make a face ready for a result. `to_face` begins at the source, and `window` says what the result shows of it."""
    from_result = _from_result(to_face, window)
    return Patch(_fitted(_linear(face), warping.magnification(from_result)), from_result)


def paste(rows: Pixels, top_px: int, patches: Sequence[Patch], strength: float) -> None:
    """Lay faces over the result's rows (H, W) or (H, W, 3) from `top_px` on, in place.

    A pixel becomes the same whatever rows it is handed over with. Strength 0 changes none; 1 leaves nothing of what
    was there in the middle of a face.
    """
    for face in patches if strength else ():
        for part, x, y in _parts(rows, top_px, face.to_face):
            u, v = warping.transformed(face.to_face, x, y)
            weight = _mask(u, v) * np.float32(strength)
            light = warping.sampled(face.light, (u + 0.5) / SIDE_PX, (v + 0.5) / SIDE_PX, "bicubic").clip(0, 1)
            _mix(part, light, weight)


def _from_result(to_face: Matrix, window: Window) -> Matrix:
    """Return what brings the result's pixels onto the face."""
    left, top, right, bottom = window.box
    step = np.array([right - left, bottom - top]) / window.target[::-1]
    start = np.array([left, top]) + step / 2 - 0.5
    return np.column_stack([to_face[:, :2] * step, to_face[:, :2] @ start + to_face[:, 2]])


def _parts(rows: Pixels, top_px: int, to_face: Matrix) -> Iterator[tuple[Pixels, Places, Places]]:
    """Yield what the face may cover of the rows, some of them at a time, and where they lie in the result."""
    corners = np.array([[0, SIDE_PX, 0, SIDE_PX], [0, 0, SIDE_PX, SIDE_PX]], np.float64)
    x, y = warping.transformed(warping.inverse(to_face), *corners)
    left, right = (int(side.clip(0, rows.shape[1])) for side in (np.floor(x.min()), np.ceil(x.max()) + 1))
    top, bottom = (int((side - top_px).clip(0, len(rows))) for side in (np.floor(y.min()), np.ceil(y.max()) + 1))
    height_px = max(1, _PIXELS_AT_ONCE // max(1, right - left))
    for start in range(top, bottom if left < right else top, height_px):
        end = min(start + height_px, bottom)
        y, x = np.mgrid[start + top_px : end + top_px, left:right].astype(np.float64)
        yield rows[start:end, left:right], x, y


def _fitted(light: Light, magnification: float) -> Light:
    """Return the face with no more pixels than the result has for it."""
    if magnification <= 1:
        return light
    side_px = max(1, round(SIDE_PX / magnification))
    planes = torch.from_numpy(light).permute(2, 0, 1)[None]
    small = interpolate(planes, (side_px, side_px), mode="bicubic", antialias=True)
    return np.asarray(small[0].permute(1, 2, 0).contiguous())


def _mask(u: Places, v: Places) -> Light:
    """Return 1 on a face, 0 around it, and a smooth slope between."""
    across = np.abs(np.stack([u, v], -1) - _CENTRE) / _RADII
    radius = (across**_ROUNDNESS).sum(-1) ** (1 / _ROUNDNESS)
    inwards = ((1 - radius) / (1 - _WHOLE)).clip(0, 1)
    mask: Light = (inwards**2 * (3 - 2 * inwards)).astype(np.float32)
    return mask


def _mix(part: Pixels, light: Light, weight: Light) -> None:
    white = np.float32(full_scale(part))
    own = _linear(part.astype(np.float32) / white)
    if part.ndim == 2:  # noqa: PLR2004
        light = light @ _LUMINANCE
    else:
        weight = weight[..., None]
    mixed = _curved(own + weight * (light - own))
    part[:] = np.where(weight > 0, np.rint(mixed * white).astype(part.dtype), part)


def _linear(levels: Light) -> Light:
    return np.where(levels <= _KNEE, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _curved(light: Light) -> Light:
    return np.where(light <= _KNEE / 12.92, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)
