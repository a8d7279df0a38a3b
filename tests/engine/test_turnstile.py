"""Shares of the machine, with a clock that only moves while somebody computes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from pixelift.engine.turnstile import Turn, Turnstile


class Machine:
    """Computes chunks for orders that are threads, and notes whose each was."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.done: list[str] = []
        self.turnstile = Turnstile(lambda: self.now_s)

    def compute(
        self, name: str, chunks: int, cost_s: float = 1, at: dict[int, Callable[[], None]] | None = None
    ) -> None:
        with self.turnstile.turn() as turn:
            for index in range(chunks):
                (at or {}).get(index, int)()
                self.done.append(name)
                self.now_s += cost_s
                turn.make_way()

    def begin(self, name: str, chunks: int, cost_s: float = 1) -> threading.Thread:
        """Start an order and return when it waits."""
        before = self.turnstile.waiting
        thread = threading.Thread(target=self.compute, args=(name, chunks, cost_s))
        thread.start()
        while self.turnstile.waiting == before:
            time.sleep(0.001)
        return thread


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_a_newcomer_waits_for_one_chunk_however_much_the_other_has_left(machine: Machine) -> None:
    small: list[threading.Thread] = []
    machine.compute("large", 50, at={20: lambda: small.append(machine.begin("small", 3))})
    small[0].join()
    assert machine.done[20:28].count("small") == 3
    assert machine.done[20:22].count("small") >= 1


def test_two_that_work_long_have_the_same_share(machine: Machine) -> None:
    threads: list[threading.Thread] = []
    machine.compute("one", 40, cost_s=1, at={0: lambda: threads.append(machine.begin("two", 20, cost_s=2))})
    threads[0].join()
    first = machine.done[:30]
    assert abs(first.count("one") - 2 * first.count("two")) <= 3


def test_who_computed_long_before_others_came_is_not_made_to_wait_for_it(machine: Machine) -> None:
    threads: list[threading.Thread] = []
    machine.compute("old", 100, at={90: lambda: threads.append(machine.begin("new", 50))})
    threads[0].join()
    assert machine.done[90:110].count("old") >= 9


def test_nobody_is_owed_what_they_did_not_use(machine: Machine) -> None:
    idle = machine.turnstile.turn()
    with idle:
        machine.now_s += 1
    threads: list[threading.Thread] = []
    machine.compute("busy", 50, at={49: lambda: threads.append(_again(machine, idle))})
    threads[0].join()
    assert idle.used_s >= 49


def _again(machine: Machine, turn: Turn) -> threading.Thread:
    def enter() -> None:
        with turn:
            pass

    thread = threading.Thread(target=enter)
    thread.start()
    while not machine.turnstile.waiting:
        time.sleep(0.001)
    return thread


def test_who_loses_patience_goes_and_holds_nobody_up(machine: Machine) -> None:
    def give_up() -> None:
        raise TimeoutError

    with machine.turnstile.turn():
        with pytest.raises(TimeoutError), machine.turnstile.turn(give_up):
            pass
        assert machine.turnstile.waiting == 0
    with machine.turnstile.turn() as turn:
        turn.make_way()


def test_items_are_computed_inside_and_used_outside(machine: Machine) -> None:
    turn = machine.turnstile.turn()
    for index in turn.through(iter(range(3))):
        with machine.turnstile.turn(lambda: pytest.fail("the machine is not free")):
            assert index < 3
