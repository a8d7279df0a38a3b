"""After a child died: those it had in hand are tried one at a time, and nobody new comes in until that is done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PATIENCE_S = 0.5


class Quarantine:
    """For any number of threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._suspects = 0
        self._trial: Place | None = None

    @contextmanager
    def admitted(self, patience: Callable[[], None], *, suspect: bool) -> Iterator[Place]:
        """Wait for a place. `patience` is called every half second meanwhile, and may raise."""
        place = Place(self, suspect=suspect)
        self._count(suspect)
        try:
            while not self._is_in(place):
                patience()
            yield place
        finally:
            place.clear()

    def clear(self, place: Place) -> None:
        with self._changed:
            self._suspects -= place.is_suspect
            place.is_suspect = False
            if self._trial is place:
                self._trial = None
            self._changed.notify_all()

    def _count(self, suspect: int) -> None:
        with self._changed:
            self._suspects += suspect

    def _is_in(self, place: Place) -> bool:
        def may_enter() -> bool:
            return self._trial is None if place.is_suspect else not self._suspects

        with self._changed:
            if not self._changed.wait_for(may_enter, _PATIENCE_S):
                return False
            if place.is_suspect:
                self._trial = place
            return True


class Place:
    """A place among the orders in hand, under suspicion or not."""

    def __init__(self, quarantine: Quarantine, *, suspect: bool) -> None:
        self._quarantine, self.is_suspect = quarantine, suspect

    def clear(self) -> None:
        """End the trial: it has shown that it does no harm."""
        if self.is_suspect:
            self._quarantine.clear(self)
