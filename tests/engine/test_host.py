"""The child computes; the parent hears of it, stops it, and survives it."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelift.engine import host
from pixelift.engine.host import Engine, Order, Progress, Stage
from pixelift.engine.options import Options
from pixelift.errors import EngineFailed, InvalidImage, ValidationFailed

Make = Callable[..., Image.Image]
Save = Callable[..., Path]

FAST = Options(scale=2, model="realesr-animevideov3")
SLOW = Options(scale=4, model="realesrgan-x4plus")


WAITING = """
import time
from pixelift.engine.host import Engine
engine = Engine()
engine.warm()
print(engine.pid, flush=True)
time.sleep(60)
"""


class Changed(Exception):
    """Somebody changed their mind."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    engine.warm()
    yield engine
    engine.close()


def ignore(_progress: Progress | None) -> None:
    return


def test_progress_is_told_in_order_and_ends_at_100(engine: Engine, picture: Make, save: Save, tmp_path: Path) -> None:
    heard: list[Progress] = []
    order = Order(save(picture(200, 300)), tmp_path / "result", FAST, strips_dir=tmp_path)
    outcome = engine.run(order, lambda progress: heard.append(progress) if progress else None)
    percents = [progress.percent for progress in heard]
    assert percents == sorted(percents)
    assert [percent for percent in percents if percent == 100] == percents[-1:]
    stages = [stage for stage in Stage if stage is not Stage.FACES]
    assert list(dict.fromkeys(progress.stage for progress in heard)) == stages
    assert (outcome.width_px, outcome.height_px) == (400, 600)


def test_strips_show_the_whole_result_without_a_gap(engine: Engine, picture: Make, save: Save, tmp_path: Path) -> None:
    heard: list[Progress] = []
    order = Order(save(picture(60, 300)), tmp_path / "result", FAST, strips_dir=tmp_path)
    engine.run(order, lambda progress: heard.append(progress) if progress else None)
    strips = [strip for progress in heard for strip in progress.strips]
    assert [strip.index for strip in strips] == list(range(strips[0].count))
    assert {progress.strip_count for progress in heard if progress.stage is Stage.ENCODING} == {len(strips)}
    together = Image.new("RGB", (120, 600))
    for strip in strips:
        with Image.open(strip.path) as image:
            assert (image.format, image.size) == ("WEBP", (120, strip.height_px))
            together.paste(image, (0, strip.top_px))
    with Image.open(order.destination) as result:
        assert np.abs(np.asarray(together, np.int32) - np.asarray(result, np.int32)).mean() < 3
    assert all(one.top_px + one.height_px > other.top_px for one, other in pairwise(strips))


def test_copies_of_the_result_are_made_on_demand(engine: Engine, picture: Make, save: Save, tmp_path: Path) -> None:
    thumbnail, preview = tmp_path / "t.webp", tmp_path / "p.png"
    order = Order(save(picture(300, 20), "source.tif"), tmp_path / "result", FAST, None, thumbnail, preview)
    assert engine.run(order, ignore).has_preview
    with Image.open(thumbnail) as small, Image.open(preview) as shown:
        assert (small.size, shown.format, shown.size) == ((480, 32), "PNG", (600, 40))


def test_a_change_of_mind_stops_the_work_within_two_seconds(
    engine: Engine, picture: Make, save: Save, tmp_path: Path
) -> None:
    order = Order(save(picture(500, 500)), tmp_path / "result", SLOW, strips_dir=tmp_path)
    asked_at = 0.0

    def watch(progress: Progress | None) -> None:
        nonlocal asked_at
        if progress and progress.stage is Stage.UPSCALING and progress.percent > 2:
            asked_at = time.monotonic()
            raise Changed

    with pytest.raises(Changed):
        engine.run(order, watch)
    assert time.monotonic() - asked_at < 2
    assert [path.name for path in tmp_path.iterdir()] == ["source.png"]
    engine.run(Order(save(picture()), tmp_path / "result", FAST), ignore)


def test_a_child_that_does_not_stop_is_ended(engine: Engine, picture: Make, save: Save, tmp_path: Path) -> None:
    def watch(_progress: Progress | None) -> None:
        assert engine.pid
        os.kill(engine.pid, signal.SIGSTOP)
        raise Changed

    started = time.monotonic()
    with pytest.raises(Changed):
        engine.run(Order(save(picture()), tmp_path / "result", FAST), watch)
    assert time.monotonic() - started < 3
    assert engine.run(Order(save(picture()), tmp_path / "result", FAST), ignore).width_px == 48


def test_a_picture_goes_on_when_the_child_is_killed(engine: Engine, save: Save, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (900, 300, 3), np.uint8)
    source, killed = save(Image.fromarray(noise)), list[int]()
    whole = engine.run(Order(source, tmp_path / "whole", FAST), ignore)

    def watch(progress: Progress | None) -> None:
        if progress and progress.percent > 60 and not killed and engine.pid:
            killed.append(engine.pid)
            os.kill(engine.pid, signal.SIGKILL)

    again = engine.run(Order(source, tmp_path / "result", FAST, scratch_dir=tmp_path / "scratch"), watch)
    assert killed
    assert again.sha256 == whole.sha256
    _key, *claims = (tmp_path / "scratch" / "ledger").read_text().splitlines()
    done_px = [json.loads(claim)[1] for claim in claims]
    assert done_px == sorted(set(done_px)), "rows that were finished were computed again"


def test_a_poison_picture_fails_alone(engine: Engine, picture: Make, save: Save, tmp_path: Path) -> None:
    """Its child dies whenever it is in the middle of the network, and then it is the only one to blame."""
    poison = Order(save(picture(90, 90), "poison.png"), tmp_path / "poison", SLOW)
    neighbours = [Order(save(picture(90, 90)), tmp_path / f"good-{index}", SLOW) for index in range(2)]

    is_armed = True

    def die(progress: Progress | None) -> None:
        """What is still told of a killed child must not kill the next one; silence comes between the two."""
        nonlocal is_armed
        if is_armed and progress and progress.stage is Stage.UPSCALING and progress.percent > 2 and engine.pid:
            os.kill(engine.pid, signal.SIGKILL)
            is_armed = False
        is_armed = is_armed or progress is None

    with ThreadPoolExecutor() as pool:
        failing = pool.submit(engine.run, poison, die)
        working = [pool.submit(engine.run, order, ignore) for order in neighbours]
        assert [future.result().width_px for future in working] == [360, 360]
        with pytest.raises(EngineFailed):
            failing.result()
    assert not poison.destination.exists()


def test_want_of_memory_fails_one_order_and_leaves_the_child(
    engine: Engine, picture: Make, save: Save, tmp_path: Path
) -> None:
    small = Order(save(picture(), "small.png"), tmp_path / "small", FAST)
    engine.run(small, ignore)
    pid = engine.pid or 0
    address_space_bytes = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
    resource.prlimit(pid, resource.RLIMIT_AS, (address_space_bytes + 40_000_000, resource.RLIM_INFINITY))
    with pytest.raises(EngineFailed):
        engine.run(Order(save(picture(3000, 60)), tmp_path / "large", FAST), ignore)
    resource.prlimit(pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert engine.run(small, ignore).width_px == 48
    assert engine.pid == pid


def test_a_small_picture_overtakes_a_large_one(engine: Engine, picture: Make, save: Save, tmp_path: Path) -> None:
    large = Order(save(picture(200, 200)), tmp_path / "large", SLOW)
    small = Order(save(picture(), "small.png"), tmp_path / "small", SLOW)
    ended: list[str] = []
    is_under_way = threading.Event()

    def watch(progress: Progress | None) -> None:
        if progress and progress.stage is Stage.UPSCALING:
            is_under_way.set()

    def run_large() -> None:
        engine.run(large, watch)
        ended.append("large")

    thread = threading.Thread(target=run_large)
    thread.start()
    assert is_under_way.wait(30)
    engine.run(small, ignore)
    ended.append("small")
    thread.join()
    assert ended == ["small", "large"]


def test_a_change_of_mind_about_one_leaves_the_other(engine: Engine, picture: Make, save: Save, tmp_path: Path) -> None:
    one = Order(save(picture(300, 300)), tmp_path / "one", SLOW)
    other = Order(save(picture(100, 100), "other.png"), tmp_path / "other", SLOW)
    pid = engine.pid

    def give_up(progress: Progress | None) -> None:
        if progress and progress.stage is Stage.UPSCALING:
            raise Changed

    with ThreadPoolExecutor() as pool:
        running = pool.submit(engine.run, other, ignore)
        with pytest.raises(Changed):
            engine.run(one, give_up)
        assert running.result().width_px == 400
    assert engine.pid == pid
    assert not one.destination.exists()


def test_a_child_that_hangs_is_ended_and_the_order_goes_on(picture: Make, save: Save, tmp_path: Path) -> None:
    engine = Engine(quiet_s=4)
    stopped: list[int] = []

    def watch(progress: Progress | None) -> None:
        if progress and progress.stage is Stage.UPSCALING and not stopped and engine.pid:
            stopped.append(engine.pid)
            os.kill(engine.pid, signal.SIGSTOP)

    assert engine.run(Order(save(picture(80, 80)), tmp_path / "result", SLOW), watch).width_px == 320
    assert engine.pid not in [None, *stopped]
    engine.close()


def test_silence_is_told_too(engine: Engine, picture: Make, save: Save, tmp_path: Path) -> None:
    engine.close()
    heard: list[Progress | None] = []
    engine.run(Order(save(picture()), tmp_path / "result", FAST), heard.append)
    assert None in heard


def test_what_is_wrong_with_an_order_comes_back_as_it_is(
    engine: Engine, picture: Make, tmp_path: Path, save: Save
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(save(picture(100, 100)).read_bytes()[:200])
    with pytest.raises(InvalidImage):
        engine.run(Order(broken, tmp_path / "result", FAST), ignore)
    with pytest.raises(ValidationFailed, match="scale"):
        engine.run(Order(save(picture()), tmp_path / "result", Options(scale=9)), ignore)


def test_the_child_ends_with_its_parent(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WAITING], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}/status").exists() and "zombie" not in Path(f"/proc/{child}/status").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_orders_travel_unchanged(tmp_path: Path) -> None:
    order = Order(tmp_path / "a", tmp_path / "b", FAST, strips_dir=tmp_path)
    assert host.Order.from_json(order.to_json()) == order
