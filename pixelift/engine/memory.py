"""How much memory a picture takes, and who may take it: the orders in hand share one budget.

What is granted decides how much is computed at once, and never a pixel. The rates were measured as peaks of resident
memory above the loaded network: SRVGG in eleven shapes up to 8,192 pixels wide and a whole job of 4,000, RRDB of 6
blocks up to 1,024 (a column of 23 blocks is reckoned from their rows), decoding and encoding on 5.8 megapixels. They
are a little more than those took.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pixelift.engine.options import Format
from pixelift.engine.planning import Plan

SMALLEST_STRIP_PX, STRIP_PX, STRIP_AREA_PX = 16, 128, 1 << 16
NARROWEST_SLAB_PX = 2048  # of which 700 are RRDBNet's surroundings
_DECODING = 15  # bytes a source pixel, at the peak
_ENCODING = {Format.AVIF: 32, Format.WEBP: 12}  # bytes a result pixel; other formats are written band by band
_PATIENCE_S, _PATIENT_S = 0.5, 60.0
_SMALL = 5  # whose least is at most a fifth of the budget


@dataclass(frozen=True)
class Rates:
    """Of one family of networks in 16 bits: bytes at all, a column of the picture, and a pixel of a strip."""

    fixed: int
    column: int
    pixel: int

    def bytes(self, width_px: int, strip_px: int, precision: str) -> int:
        values = 2 if precision == "fp32" else 1
        return self.fixed + (self.column + self.pixel * strip_px) * width_px * values


_SRVGG, _RRDB = Rates(50_000_000, 9_000, 1_500), Rates(70_000_000, 180_000, 7_000)


def rates(architecture: str) -> Rates:
    """Return what is known; of networks that were not measured, that they take what the largest one does."""
    return _SRVGG if architecture.startswith("SRVGG") else _RRDB


def strip_px(architecture: str, precision: str, width_px: int, granted_bytes: int) -> int:
    """Return how many rows to compute at once: about the same area for every width, and no more than memory allows."""
    wanted_px = max(STRIP_PX, STRIP_AREA_PX // width_px)
    each = rates(architecture)
    row_bytes = each.bytes(width_px, 1, precision) - each.bytes(width_px, 0, precision)
    fitting_px = (granted_bytes - each.bytes(width_px, 0, precision)) // row_bytes
    return max(SMALLEST_STRIP_PX, min(wanted_px, fitting_px))


def slab_px(architecture: str, precision: str, width_px: int, granted_bytes: int) -> int:
    """Return how many columns to compute at once: all, if memory allows strips of the smallest height for them."""
    each = rates(architecture)
    column_bytes = each.bytes(1, SMALLEST_STRIP_PX, precision) - each.fixed
    fitting_px = (granted_bytes - each.fixed) // column_bytes
    return min(width_px, max(NARROWEST_SLAB_PX, fitting_px))


@dataclass(frozen=True)
class Need:
    """What one picture takes: `picture` and `result` whatever is granted, and the network something between."""

    picture_bytes: int
    result_bytes: int
    least_bytes: int
    wanted_bytes: int

    @classmethod
    def of(cls, plan: Plan, precision: str) -> Need:
        height_px, width_px = plan.window.source
        widest_px = max(each.source[1] for each in plan.passes) // plan.model.native_scale
        each = rates(plan.model.architecture)
        least = each.bytes(min(widest_px, NARROWEST_SLAB_PX), SMALLEST_STRIP_PX, precision)
        wanted = each.bytes(widest_px, max(STRIP_PX, STRIP_AREA_PX // widest_px), precision)
        result_bytes = plan.width_px * plan.height_px * _ENCODING.get(plan.format, 0)
        return cls(height_px * width_px * _DECODING, result_bytes, least, wanted)

    def total(self, network_bytes: int) -> int:
        return self.picture_bytes + max(self.result_bytes, network_bytes)


class Room:
    """A budget for any number of threads. Everybody leaves half of what is free to those who come later.

    Small ones always pass: what they are reckoned with is mostly used while they compute, and one computes at a time.
    A picture that never fits is let in when nobody else is; for one that waited a minute, larger newcomers stand back.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._budget_bytes = budget_bytes
        self._changed = threading.Condition()
        self._taken: dict[object, int] = {}
        self._waiting: dict[object, float] = {}

    @contextmanager
    def taken(self, need: Need, patience: Callable[[], None], halvings: int = 0) -> Iterator[int]:
        """Wait for room and yield what the network may take of it. `patience` is called meanwhile, and may raise.

        `halvings` make it so many times half of what could be had.
        """
        guest = object()
        try:
            yield self._wait(guest, need, patience, halvings)
        finally:
            with self._changed:
                self._taken.pop(guest, None)
                self._changed.notify_all()

    def _wait(self, guest: object, need: Need, patience: Callable[[], None], halvings: int) -> int:
        with self._changed:
            self._waiting[guest] = time.monotonic()
            try:
                while not self._fits(guest, need.total(need.least_bytes)):
                    if not self._changed.wait(_PATIENCE_S):
                        patience()
            finally:
                del self._waiting[guest]
            offered_bytes = (self._free_bytes // 2 >> halvings) - need.picture_bytes
            network_bytes = max(need.least_bytes, min(need.wanted_bytes, offered_bytes))
            self._taken[guest] = need.total(network_bytes)
            return network_bytes

    @property
    def _free_bytes(self) -> int:
        return self._budget_bytes - sum(self._taken.values())

    def _fits(self, guest: object, least_bytes: int) -> bool:
        if least_bytes <= self._budget_bytes // _SMALL:
            return True
        first = next(iter(self._waiting))
        if first is not guest and time.monotonic() - self._waiting[first] > _PATIENT_S:
            return False
        return not self._taken or least_bytes <= self._free_bytes
