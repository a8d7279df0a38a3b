"""How long small pictures wait while a large one is made by the same engine: their latency without and with it.

The small ones come one after the other, as one customer's would; the large one is under way all the time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median, quantiles

import numpy as np
from PIL import Image

from bench.parts import machine
from pixelift.engine.host import Engine, Order, Progress, Stage
from pixelift.engine.options import Options

HEAD = """
| small ones | beside them | pictures | median | p95 | slowest |
|---|---|--:|--:|--:|--:|"""


class Enough(Exception):
    """The small ones are done."""


def main(argv: list[str]) -> None:
    arguments = _arguments(argv)
    print(machine.sentence(("torch", "numpy")), HEAD, sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as folder, closing(Engine()) as engine:
        small = _order(Path(folder), "small", arguments.small_px, arguments.small_model)
        large = _order(Path(folder), "large", round((arguments.large_mp * 1e6) ** 0.5), arguments.large_model)
        _latencies(engine, small, 1)  # loads the network
        row = f"| {arguments.small_px} px, {arguments.small_model} |"
        print(row, "nothing |", _figures(_latencies(engine, small, arguments.pictures)), flush=True)
        with _under_way(engine, large):
            figures = _figures(_latencies(engine, small, arguments.pictures))
        print(row, f"{arguments.large_mp:g} Mpx, {arguments.large_model} |", figures)


@contextmanager
def _under_way(engine: Engine, order: Order) -> Iterator[None]:
    """Have the engine at work on an order, from its first strip until it is no longer needed."""
    begun, over = threading.Event(), threading.Event()

    def watch(progress: Progress | None) -> None:
        if over.is_set():
            raise Enough
        if progress and progress.stage is Stage.UPSCALING and progress.reached > 2:
            begun.set()

    def run() -> None:
        try:
            engine.run(order, watch)
        except Enough:
            return
        sys.exit("The large picture was done before the small ones. Make it larger: --large-mp")

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait()
    yield
    over.set()
    thread.join()


def _latencies(engine: Engine, order: Order, pictures: int) -> list[float]:
    taken_s = []
    for _ in range(pictures):
        began_s = time.perf_counter()
        engine.run(order, lambda _progress: None)
        taken_s.append(time.perf_counter() - began_s)
    return taken_s


def _figures(taken_s: list[float]) -> str:
    p95_s = quantiles(taken_s, n=20, method="inclusive")[-1]
    return f"{len(taken_s)} | {median(taken_s):.2f} s | {p95_s:.2f} s | {max(taken_s):.2f} s |"


def _order(folder: Path, name: str, side_px: int, model: str) -> Order:
    rough = np.random.default_rng(0).integers(0, 256, (max(1, side_px // 16), max(1, side_px // 16), 3), np.uint8)
    source = folder / f"{name}.jpg"
    Image.fromarray(rough).resize((side_px, side_px), Image.Resampling.BICUBIC).save(source, quality=92)
    return Order(source, folder / f"{name}.png", Options(model=model, scale=2))


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench fairness", description=__doc__)
    parser.add_argument("--pictures", type=int, default=40, help="small ones each time [40]")
    parser.add_argument("--small-px", type=int, default=128, help="side of a small one [128]")
    parser.add_argument("--small-model", default="realesr-animevideov3")
    parser.add_argument("--large-mp", type=float, default=16, help="megapixels of the large one [16]")
    parser.add_argument("--large-model", default="realesrgan-x4plus")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main(sys.argv[1:])
