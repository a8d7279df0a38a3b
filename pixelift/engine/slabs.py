"""Wide pictures, slab after slab of columns, where the rows that a network holds back would not fit the memory.

A slab is computed with all columns that the network sees around it, so its pixels are those of the whole picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Slab:
    """Columns [left, right) of a picture, and the columns [from, to) that are computed for them."""

    left_px: int
    right_px: int
    from_px: int
    to_px: int

    @property
    def share(self) -> float:
        """Which part of the work is for what it keeps."""
        return (self.right_px - self.left_px) / (self.to_px - self.from_px)


def cut(width_px: int, slab_px: int, reach_px: int, align_px: int) -> list[Slab]:
    """Cut into as few slabs as can be of which each is computed on at most about `slab_px` columns.

    Each begins at a multiple of `align_px`, and so does what is computed for it.
    """
    core_px = max(align_px, slab_px - 2 * reach_px)
    count = 1 if width_px <= slab_px else -(-width_px // core_px)
    edges = [width_px * index // count // align_px * align_px for index in range(count)] + [width_px]
    return [
        Slab(left, right, max(0, left - reach_px) // align_px * align_px, min(width_px, right + reach_px))
        for left, right in pairwise(edges)
        if left < right
    ]
