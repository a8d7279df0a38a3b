"""Where the faces of a picture are, looked for once and at a bounded size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pixelift.engine.pixels import Pixels, averaged, eight_bits

LONGEST_SIDE_PX = 1280
_SAME_FACE = 0.3  # of two boxes' union that they share


@dataclass(frozen=True)
class Find:
    """One face: `box` (4,) left, top, right, bottom; `landmarks` (5, 2) x, y of eyes, nose and mouth's corners."""

    box: NDArray[np.float32]
    score: float
    landmarks: NDArray[np.float32]

    @property
    def between_the_eyes_px(self) -> float:
        return float(np.linalg.norm(self.landmarks[0] - self.landmarks[1]))


class Detector(Protocol):
    """Finds faces in RGB (H, W, 3) uint8, the same face perhaps several times."""

    @property
    def name(self) -> str: ...
    def candidates(self, rgb: NDArray[np.uint8]) -> list[Find]: ...


def find(source: Pixels, detector: Detector) -> list[Find]:
    """Return the faces of a picture in its own pixels, those with the most room first."""
    shrink = max(1.0, max(source.shape[:2]) / LONGEST_SIDE_PX)
    finds = _single(detector.candidates(_small(source, shrink)))
    enlarged = [Find(one.box * shrink, one.score, one.landmarks * shrink) for one in finds]
    return sorted(enlarged, key=lambda one: -one.between_the_eyes_px)


def _small(source: Pixels, shrink: float) -> NDArray[np.uint8]:
    height_px, width_px = (max(1, round(side / shrink)) for side in source.shape[:2])
    small = averaged(source, (height_px, width_px)) if shrink > 1 else source
    levels = eight_bits(small)
    return levels if levels.ndim == 3 else np.dstack([levels] * 3)  # noqa: PLR2004


def _single(finds: list[Find]) -> list[Find]:
    """Keep of every face the surest find."""
    left, kept = sorted(finds, key=lambda one: -one.score), []
    while left:
        best, *left = left
        kept.append(best)
        left = [one for one in left if _shared(best.box, one.box) < _SAME_FACE]
    return kept


def _shared(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return which part of what two boxes cover together they both cover."""
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    both = float(sides.clip(0).prod())
    return both / max(1.0, float((one[2:] - one[:2]).prod() + (other[2:] - other[:2]).prod()) - both)
