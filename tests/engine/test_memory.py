from __future__ import annotations

import threading
import time
from contextlib import ExitStack

import pytest

from pixelift.engine import memory, planning
from pixelift.engine.inspection import Facts
from pixelift.engine.memory import Need, Room
from pixelift.engine.options import Options
from pixelift.engine.shelf import Shelf

BUDGET = 1_000_000_000
SRVGG, RRDB = "SRVGGNetCompact, 16 convolutions", "RRDBNet, 23 blocks"


def need(width_px: int, height_px: int, model: str = "realesr-animevideov3") -> Need:
    facts = Facts(
        "jpeg", width_px, height_px, has_alpha=False, bit_depth=8, mode="RGB", has_icc=False, has_preview=False
    )
    return Need.of(planning.plan(facts, Options(model=model, scale=2), Shelf()), "bf16")


@pytest.mark.parametrize("architecture", [SRVGG, RRDB, "something nobody measured"])
@pytest.mark.parametrize("width_px", [1, 100, 2000, 10_000])
def test_strips_are_as_high_as_memory_allows(architecture: str, width_px: int) -> None:
    granted = [0, 400_000_000, 1_000_000_000, 100_000_000_000]
    strips_px = [memory.strip_px(architecture, "bf16", width_px, each) for each in granted]
    assert strips_px == sorted(strips_px)
    assert strips_px[0] == memory.SMALLEST_STRIP_PX
    for strip_px, bytes_ in zip(strips_px, granted, strict=True):
        taken = memory.rates(architecture).bytes(width_px, strip_px, "bf16")
        assert strip_px == memory.SMALLEST_STRIP_PX or taken <= bytes_


def test_a_small_picture_passes_a_large_one() -> None:
    room = Room(BUDGET)
    with room.taken(need(5000, 4000), pytest.fail), room.taken(need(300, 200, "realesrgan-x4plus"), pytest.fail):
        pass


def test_small_ones_pass_however_many_there_are() -> None:
    room = Room(BUDGET)
    with ExitStack() as stack:
        stack.enter_context(room.taken(need(7000, 6000), pytest.fail))
        for _ in range(6):
            stack.enter_context(room.taken(need(256, 256, "realesrgan-x4plus"), pytest.fail))


def test_two_large_ones_go_one_after_the_other() -> None:
    room, order = Room(BUDGET), list[str]()

    def second() -> None:
        with room.taken(need(7000, 6000), lambda: None):
            order.append("second")

    with room.taken(need(7000, 6000), pytest.fail):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.1)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_what_never_fits_is_let_in_alone() -> None:
    with Room(BUDGET).taken(need(10_000, 10_000), pytest.fail) as network_bytes:
        assert network_bytes == need(10_000, 10_000).least_bytes


def test_the_next_try_has_half_as_much() -> None:
    wide = need(3000, 500, "realesrgan-x4plus")
    with Room(4 * BUDGET).taken(wide, pytest.fail) as once:
        pass
    with Room(4 * BUDGET).taken(wide, pytest.fail, halvings=1) as again:
        assert wide.least_bytes < again < once


def test_who_loses_patience_takes_nothing() -> None:
    room = Room(BUDGET)

    def give_up() -> None:
        raise TimeoutError

    with room.taken(need(7000, 6000), pytest.fail):
        with pytest.raises(TimeoutError), room.taken(need(7000, 6000), give_up):
            pass
        with room.taken(need(100, 100), pytest.fail):
            pass
