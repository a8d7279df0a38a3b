"""Networks stay warm as long as the budget holds them, and none is loaded twice."""

from __future__ import annotations

import threading
import time

import pytest
from torch import nn

from pixelift.engine.warm import Warm


class Loader:
    def __init__(self) -> None:
        self.loaded: list[str] = []

    def __call__(self, name: str) -> nn.Module:
        self.loaded.append(name)
        return nn.Linear(250, 1, bias=False)  # 1,000 bytes


def take(warm: Warm, load: Loader, name: str) -> nn.Module:
    return warm.take(name, lambda: load(name))


def test_the_least_recently_used_makes_room() -> None:
    warm, load = Warm(2_000), Loader()
    for name in ("a", "b", "a", "c", "a", "b"):
        take(warm, load, name)
    assert load.loaded == ["a", "b", "c", "b"]
    assert warm.size_bytes == 2_000


def test_the_newest_stays_however_small_the_budget() -> None:
    warm, load = Warm(0), Loader()
    assert take(warm, load, "a") is take(warm, load, "a")
    assert load.loaded == ["a"]


def test_threads_that_want_the_same_load_it_once_and_others_do_not_wait() -> None:
    warm, load, begun, go = Warm(9_000), Loader(), threading.Event(), threading.Event()

    def slow() -> nn.Module:
        begun.set()
        go.wait(5)
        return load("slow")

    threads = [threading.Thread(target=warm.take, args=("slow", slow)) for _ in range(3)]
    for thread in threads:
        thread.start()
    begun.wait(5)
    began_s = time.monotonic()
    take(warm, load, "other")
    assert time.monotonic() - began_s < 1
    go.set()
    for thread in threads:
        thread.join()
    assert load.loaded == ["other", "slow"]


def test_a_load_that_failed_is_tried_again() -> None:
    warm, load = Warm(2_000), Loader()
    with pytest.raises(ZeroDivisionError):
        warm.take("a", lambda: 1 / 0)
    assert take(warm, load, "a")
