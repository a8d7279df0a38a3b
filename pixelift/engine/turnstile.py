"""Whose turn it is at the machine: one order computes at a time, and whoever had the least of it goes next.

Start-time fair queueing (Goyal, Vin, Cheng 1996): a newcomer begins where the one inside was when it was let in, so it
neither waits for what others had before it came nor is owed what it did not use.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Self, TypeVar

_PATIENCE_S = 0.5
T = TypeVar("T")


class Turnstile:
    """For any number of threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: list[Turn] = []
        self._inside: Turn | None = None
        self._since_s = self._start_s = 0.0

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def turn(self, patience: Callable[[], None] = lambda: None) -> Turn:
        """Return one order's way in. `patience` is called every half second that it waits, and may raise."""
        return Turn(self, patience)

    def enter(self, turn: Turn) -> None:
        with self._changed:
            turn.used_s = max(turn.used_s, self._start_s)
            self._wait(turn)

    def leave(self, turn: Turn) -> None:
        with self._changed:
            self._charge(turn)
            self._let_in()

    def make_way(self, turn: Turn) -> None:
        """Let somebody else in who had less; come back when it is this one's turn again."""
        with self._changed:
            self._charge(turn)
            if all(turn.used_s <= other.used_s for other in self._waiting):
                self._admit(turn)
            else:
                self._wait(turn)

    def _wait(self, turn: Turn) -> None:
        self._waiting.append(turn)
        self._let_in()
        try:
            while self._inside is not turn:
                if not self._changed.wait(_PATIENCE_S):
                    turn.patience()
        except BaseException:
            if self._inside is turn:
                self._charge(turn)
            else:
                self._waiting.remove(turn)
            self._let_in()
            raise

    def _let_in(self) -> None:
        if self._inside is None and self._waiting:
            least = min(self._waiting, key=lambda turn: turn.used_s)
            self._waiting.remove(least)
            self._admit(least)
            self._changed.notify_all()

    def _admit(self, turn: Turn) -> None:
        self._inside, self._since_s, self._start_s = turn, self._clock(), turn.used_s

    def _charge(self, turn: Turn) -> None:
        took_s = self._clock() - self._since_s
        turn.used_s += took_s
        turn.had_s += took_s
        self._inside = None


class Turn:
    """A context in which its thread has the machine, entered as often as needed. For one thread.

    `used_s` orders the turns and may begin above 0; `had_s` is how long this one really had the machine.
    """

    def __init__(self, turnstile: Turnstile, patience: Callable[[], None]) -> None:
        self._turnstile, self.patience = turnstile, patience
        self._has_it = False
        self.used_s = self.had_s = 0.0

    def __enter__(self) -> Self:
        self._turnstile.enter(self)
        self._has_it = True
        return self

    def __exit__(self, *_error: object) -> None:
        if self._has_it:
            self._has_it = False
            self._turnstile.leave(self)

    def make_way(self) -> None:
        """Say that this is a good moment for others; nothing happens outside of the context."""
        if self._has_it:
            self._has_it = False
            self._turnstile.make_way(self)
            self._has_it = True

    def through(self, items: Iterator[T]) -> Iterator[T]:
        """Yield the items, each computed with the machine in hand and used without."""
        while True:
            with self:
                item = next(items, None)
            if item is None:
                return
            yield item
