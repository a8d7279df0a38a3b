"""What a job takes against the pixels of its source: time by stage, and the peak memory of the engine's child.

Every case has a fresh child, which does a small picture first, so that loading the network does not count.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from bench.parts import machine
from bench.parts.load import SHAPES, Case

FAST, PHOTO = "realesr-animevideov3", "realesrgan-x4plus"
SIZES_MP = {FAST: (1, 4, 16, 64), PHOTO: (0.25, 1)}
QUICK_MP = {FAST: (0.25, 1), PHOTO: (0.03, 0.06)}
SHAPES_UP_TO_MP = 16
EXTRAPOLATED_MP = (4, 16, 64)
PACKAGES = ("torch", "pillow", "numpy")

HEAD = """
| model | source | Mpx | decoding | network | encoding | all | s/Mpx | peak memory | of it anonymous |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"""


def main(argv: list[str]) -> None:
    arguments = _arguments(argv)
    print(machine.sentence(PACKAGES))
    print(
        f"Results are {arguments.scale:g} times as wide and high, in PNG. Memory allowed: {arguments.memory} MB.",
        HEAD,
        sep="\n",
        flush=True,
    )
    for model in arguments.models:
        sizes_mp = arguments.megapixels or (QUICK_MP if arguments.quick else SIZES_MP)[model]
        squares = []
        for case in _cases(model, sizes_mp, arguments.shapes):
            load = case.measure(arguments.scale, arguments.memory)
            print(load.row(), flush=True)
            squares += [load] * (case.shape == "square")
        for size_mp in EXTRAPOLATED_MP if squares and model == PHOTO else ():
            if size_mp > max(sizes_mp):
                print(squares[-1].extrapolated(size_mp))


def _cases(model: str, sizes_mp: tuple[float, ...], shapes: list[str]) -> Iterator[Case]:
    """Yield every size as a square, and one that does not take too long in the other shapes."""
    if "square" in shapes:
        yield from (Case(model, size_mp, "square") for size_mp in sizes_mp)
    bounded_mp = max([size_mp for size_mp in sizes_mp if size_mp <= SHAPES_UP_TO_MP], default=min(sizes_mp))
    yield from (Case(model, bounded_mp, shape) for shape in shapes if shape != "square")


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small pictures, to see that it works")
    parser.add_argument("--models", nargs="+", default=[FAST, PHOTO], choices=[FAST, PHOTO], metavar="MODEL")
    parser.add_argument("--megapixels", nargs="+", type=float, help="sizes of the sources [by model]")
    parser.add_argument("--shapes", nargs="+", default=list(SHAPES), choices=list(SHAPES))
    parser.add_argument("--scale", type=float, default=2, help="[2; the network always computes at 4]")
    parser.add_argument("--memory", type=int, default=2000, help="MB that the child may take beside networks [2000]")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main(sys.argv[1:])
