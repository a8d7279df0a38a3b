"""Networks that stay loaded between pictures, as many as a budget of memory holds."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from torch import nn

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class _Seat:
    """A place for one network; who holds its lock loads it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    taken: bool = False
    thing: Any = None
    size_bytes: int = 0


class Warm:
    """For any number of threads: each network is loaded once, and the least recently used make room."""

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self._lock = threading.Lock()
        self._seats: OrderedDict[Hashable, _Seat] = OrderedDict()

    @property
    def size_bytes(self) -> int:
        return sum(seat.size_bytes for seat in self._seats.values())

    def take(self, key: Hashable, load: Callable[[], T]) -> T:
        """Return what was loaded under this key, now or before. The newest stays, however large it is."""
        with self._lock:
            seat = self._seats.setdefault(key, _Seat())
            self._seats.move_to_end(key)
        with seat.lock:
            if not seat.taken:
                seat.thing = load()
                seat.size_bytes, seat.taken = _size_bytes(seat.thing), True
        with self._lock:
            self._make_room()
        thing: T = seat.thing
        return thing

    def _make_room(self) -> None:
        for key in list(self._seats)[:-1]:
            if self.size_bytes <= self.budget_bytes:
                return
            if self._seats[key].taken:
                del self._seats[key]


NETWORKS = Warm(2_000_000_000)


def kept(load: Callable[P, T]) -> Callable[P, T]:
    """Have a function that loads a network keep it warm for the same arguments.

    It returns the network, or something that has it as its attribute `network`.
    """

    @functools.wraps(load)
    def take(*args: P.args, **kwargs: P.kwargs) -> T:
        key = (load.__module__, load.__qualname__, args, tuple(sorted(kwargs.items())))
        return NETWORKS.take(key, functools.partial(load, *args, **kwargs))

    return take


def _size_bytes(thing: Any) -> int:
    network: nn.Module = thing if isinstance(thing, nn.Module) else thing.network
    return sum(tensor.nbytes for tensor in (*network.parameters(), *network.buffers()))
