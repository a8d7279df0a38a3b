"""Exact streaming: a network over a picture of any height, strip by strip, with the same result as at once.

A network is a chain of stages. A stage whose output pixel sees `radius` pixels around it holds back the last
`radius` rows until their neighbours have come, and keeps `2 * radius` rows of its input. So every row is computed with
all its true neighbours, and the picture's own edge is the only place where zeros pad. Columns are computed in
chunks with the same halo. Rows are tensors (1, C, H, W), the next H rows of one picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

Piece = tuple[Tensor, bool]  # the next rows, and whether they are the last


@dataclass(frozen=True)
class Tiling:
    """How much is computed at once, and who hears of it: `tick(work)` after every chunk, without the halo."""

    strip_px: int = 128
    chunk_px: int = 512
    tick: Callable[[float], None] = lambda _work: None


class Step(Protocol):
    """Something that rows flow through. `radius` counts in input rows, `work` in multiplications an input pixel.

    What flows through must begin at a row of the picture that is a multiple of `align`.
    """

    scale: int
    radius: int
    work: float
    align: int

    def flow(self, pieces: Iterable[Piece], tiling: Tiling) -> Iterator[Piece]: ...


class Stage:
    """A function of rows whose output pixel depends on `radius` input pixels around it."""

    align = 1

    def __init__(self, function: Callable[[Tensor], Tensor], *, radius: int, scale: int = 1, work: float = 1) -> None:
        self.function = function
        self.radius, self.scale, self.work = radius, scale, work

    def flow(self, pieces: Iterable[Piece], tiling: Tiling) -> Iterator[Piece]:
        held, done_px = Held(), 0
        for rows, last in pieces:
            held.add(rows)
            del rows  # what a step still refers to while the next ones work is memory they cannot use
            ready_px = held.end_px if last else held.end_px - self.radius
            for top_px, bottom_px in _shares(done_px, ready_px, tiling.strip_px):
                yield self._rows(held, top_px, bottom_px, tiling), last and bottom_px == ready_px
            done_px = max(done_px, ready_px)

    def _rows(self, held: Held, top_px: int, bottom_px: int, tiling: Tiling) -> Tensor:
        rows = held.between(top_px - self.radius, bottom_px + self.radius)
        above_px, height_px = min(self.radius, top_px), bottom_px - top_px
        shares = list(_shares(0, rows.shape[3], tiling.chunk_px))
        width_px = min(rows.shape[3], max(right_px - left_px for left_px, right_px in shares) + 2 * self.radius)
        outs = []
        for left_px, right_px in shares:
            out = self._columns(rows, left_px, right_px, width_px)
            outs.append(out[:, :, above_px * self.scale :][:, :, : height_px * self.scale])
            tiling.tick(height_px * (right_px - left_px) * self.work)
        held.forget(bottom_px - self.radius)
        return outs[0] if len(outs) == 1 else torch.cat(outs, 3)

    def _columns(self, rows: Tensor, left_px: int, right_px: int, width_px: int) -> Tensor:
        """Look at `width_px` columns for every chunk, so that all have one shape: at the edges at more than needed."""
        from_px = min(max(left_px - self.radius, 0), rows.shape[3] - width_px)
        out = self.function(rows[:, :, :, from_px : from_px + width_px])
        return out[:, :, :, (left_px - from_px) * self.scale : (right_px - from_px) * self.scale]


class Chain:
    """Steps one after the other. None but the first may care where rows begin."""

    def __init__(self, *steps: Step) -> None:
        self._steps = steps
        self.align = steps[0].align
        self.scale, self.radius, self.work = 1, 0, 0.0
        for step in steps:
            self.radius += -(-step.radius // self.scale)
            self.work += step.work * self.scale**2
            self.scale *= step.scale

    def flow(self, pieces: Iterable[Piece], tiling: Tiling) -> Iterator[Piece]:
        for step in self._steps:
            pieces = step.flow(pieces, tiling)
        return iter(pieces)


class Skip:
    """A step whose input is joined with its output: `join(output, input)`."""

    def __init__(self, inner: Step, join: Callable[[Tensor, Tensor], Tensor]) -> None:
        self._inner, self._join = inner, join
        self.scale, self.radius, self.work, self.align = inner.scale, inner.radius, inner.work, inner.align

    def flow(self, pieces: Iterable[Piece], tiling: Tiling) -> Iterator[Piece]:
        held, done_px = Held(), 0

        def overheard(piece: Piece) -> Piece:
            held.add(piece[0])
            return piece

        for out, last in self._inner.flow(map(overheard, pieces), tiling):
            end_px = done_px + out.shape[2] // self.scale
            joined = self._join(out, held.between(done_px, end_px))
            held.forget(end_px)
            done_px = end_px
            del out
            yield joined, last


class Held:
    """A window of rows that moves down a picture."""

    def __init__(self) -> None:
        self._rows: Tensor | None = None
        self._top_px = 0

    @property
    def end_px(self) -> int:
        return self._top_px + (0 if self._rows is None else self._rows.shape[2])

    def add(self, rows: Tensor) -> None:
        self._rows = rows if self._rows is None or not self._rows.shape[2] else torch.cat([self._rows, rows], 2)

    def between(self, top_px: int, bottom_px: int) -> Tensor:
        assert self._rows is not None  # noqa: S101 - rows are added before any are asked for
        return self._rows[:, :, max(top_px - self._top_px, 0) : bottom_px - self._top_px]

    def forget(self, above_px: int) -> None:
        """Let go of the rows above; cloned, so that their memory is given back."""
        above_px = min(above_px, self.end_px)
        if self._rows is not None and above_px > self._top_px:
            self._rows = self._rows[:, :, above_px - self._top_px :].clone()
            self._top_px = above_px


def _shares(start: int, end: int, most: int) -> Iterator[tuple[int, int]]:
    """Cut a range into equal shares no longer than half as much again as `most`."""
    length = end - start
    count = max(1, round(length / most))
    for index in range(count if length > 0 else 0):
        yield start + length * index // count, start + length * (index + 1) // count
