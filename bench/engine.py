"""Pixelift beside its peers: same weights, same picture, same threads, in turns.

Every runner has a process of its own, and only one works at a time. Paste what this prints into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from pathlib import Path

from PIL import Image

from bench.parts import contest, machine
from bench.parts.arena import apart
from bench.parts.entrants import PEERS
from bench.parts.machine import Limits
from bench.parts.score import HEAD
from bench.parts.task import Task

SIDES_PX = {"realesr-animevideov3": 256, "realesrgan-x4plus-anime": 128, "realesrgan-x4plus": 128}
PACKAGES = ("torch", "realesrgan", "ncnn", "openvino", "onnxruntime")


def main(argv: list[str]) -> None:
    arguments = _arguments(argv)
    print(machine.sentence(PACKAGES), flush=True)
    limits = apart("parts.limits.measure", busy=arguments.busy)
    print(_sentence(limits, arguments), flush=True)
    for model in arguments.models:
        side_px = arguments.side or SIDES_PX[model]
        print(f"\n**{model}**, a picture of {side_px} by {side_px} pixels:", HEAD, sep="\n", flush=True)
        with tempfile.TemporaryDirectory() as scratch:
            source = _picture(Path(scratch), side_px)
            _race(Task(model, source, Path(scratch), limits.threads, arguments.busy), arguments, limits)


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench engine", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="timed runs of each runner [3]")
    parser.add_argument("--side", type=int, help="height and width of the picture, at most 512 [256 and 128]")
    parser.add_argument("--models", nargs="+", default=list(SIDES_PX), choices=list(SIDES_PX), metavar="MODEL")
    parser.add_argument("--peers", nargs="+", default=list(PEERS), choices=list(PEERS), metavar="PEER")
    parser.add_argument("--busy", action="store_true", help="others use this machine: processor time of one thread")
    return parser.parse_args(argv)


def _sentence(limits: Limits, arguments: argparse.Namespace) -> str:
    clock = "Processor time" if arguments.busy else "Wall time"
    peaks = " and ".join(f"{peak:.0f} GFLOP/s in {name}" for name, peak in limits.peaks.items())
    return (
        f"{clock}, threads: {limits.threads}, rounds: {arguments.rounds}. Pixelift computes in {limits.precision}. "
        f"The best plain 3 by 3 convolution of 64 to 64 channels reached {peaks}."
    )


def _race(task: Task, arguments: argparse.Namespace, limits: Limits) -> None:
    scores = contest.hold(task, arguments.peers, arguments.rounds)
    height_px, width_px = task.picture.shape[:2]
    gflop = apart("parts.limits.gflop", task.model, height_px * width_px)
    for score in scores.values():
        peak = limits.peaks[score.peer.precision or limits.precision]
        print(score.row(scores.get(score.peer.against), gflop, peak), flush=True)


def _picture(folder: Path, side_px: int) -> Path:
    astronaut = Image.fromarray(importlib.import_module("skimage.data").astronaut())
    left_px = min(100, astronaut.width - side_px)
    path = folder / "source.png"
    astronaut.crop((left_px, 0, left_px + side_px, side_px)).save(path)
    return path


if __name__ == "__main__":
    main(sys.argv[1:])
