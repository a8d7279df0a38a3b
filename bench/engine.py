"""Our engine against stock RealESRGANer: same weights, same pictures, same threads, in turns.

Each is timed from pixels to pixels (RealESRGANer.enhance, and all that the pipeline does between decoding and encoding)
and from a PNG file to a PNG file.

The reference is no dependency, since it needs its own way to install:
    pip install scikit-image scipy pyyaml requests tqdm
    pip install --no-deps --no-build-isolation basicsr==1.4.2 realesrgan==0.3.0
"""

from __future__ import annotations

import argparse
import importlib
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from pixelift.engine import gate, hardware, pipeline, weights
from pixelift.engine.options import Format, Options
from pixelift.engine.orders import Order
from pixelift.engine.shelf import Shelf
from pixelift.engine.upscaler import Upscaler

PICTURES = {"realesr-animevideov3": (512, 512), "realesrgan-x4plus-anime": (256, 256), "realesrgan-x4plus": (192, 192)}

STOCK, OURS = "RealESRGANer", "Pixelift"

Pixels = NDArray[np.uint8]
Clock = Callable[[], float]
Runners = Mapping[str, Callable[[], Pixels | Path]]

_HEAD = "| model | picture | RealESRGANer | Pixelift | faster by | PSNR of RealESRGANer | PSNR of Pixelift |"


@dataclass
class Contest:
    """What one model took on one picture, engine by engine."""

    model: str
    way: str
    seconds: dict[str, list[float]] = field(default_factory=dict)
    psnr_db: dict[str, float] = field(default_factory=dict)

    def hold(self, runners: Runners, exact: Pixels, rounds: int, clock: Clock) -> None:
        """Run in turns; the first round only warms up and looks at the pixels."""
        for name, run in runners.items():
            result = run()
            self.psnr_db[name] = _psnr(np.asarray(Image.open(result)) if isinstance(result, Path) else result, exact)
            self.seconds[name] = []
        for _ in range(rounds):
            for name, run in runners.items():
                started = clock()
                run()
                self.seconds[name].append(clock() - started)


def main(argv: list[str]) -> None:
    arguments = _arguments(argv)
    torch.set_num_threads(1 if arguments.busy else hardware.cores())
    clock = time.process_time if arguments.busy else time.perf_counter
    print(_machine(busy=arguments.busy), _HEAD, "|---|---|---|---|---|---|---|", sep="\n", flush=True)
    for name in arguments.models:
        for contest in _contests(name, arguments.rounds, clock):
            print(_row(contest), flush=True)


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.engine", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--busy", action="store_true", help="others use this machine: processor time of one thread")
    parser.add_argument("--models", nargs="+", default=list(PICTURES), choices=list(PICTURES))
    return parser.parse_args(argv)


def _contests(name: str, rounds: int, clock: Clock) -> Iterator[Contest]:
    with tempfile.TemporaryDirectory() as scratch:
        source = _picture(Path(scratch), PICTURES[name])
        stock, tools = _stock(name, Path(scratch)), pipeline.tools()
        picture, exact = np.asarray(Image.open(source)), _untiled(name, source)
        result, size = Path(scratch) / "result.png", "{} by {}".format(*PICTURES[name])

        def stock_file() -> Path:
            cv2.imwrite(str(result), _enhanced(stock, np.asarray(cv2.imread(str(source)), np.uint8)))
            return result

        def our_file() -> Path:
            pipeline.run(Order(source, result, Options(model=name, format=Format.PNG)), tools, lambda _progress: None)
            return result

        def stock_pixels() -> Pixels:
            return _enhanced(stock, picture[..., ::-1])[..., ::-1]

        def our_pixels() -> Pixels:
            return _ours(name, picture, tools)

        ways: dict[str, Runners] = {
            "pixels": {STOCK: stock_pixels, OURS: our_pixels},
            "files": {STOCK: stock_file, OURS: our_file},
        }
        for way, runners in ways.items():
            contest = Contest(name, f"{size}, {way}")
            contest.hold(runners, exact, rounds, clock)
            yield contest


def _enhanced(stock: Any, picture: Pixels) -> Pixels:
    result: Pixels = stock.enhance(picture)[0]
    return result


def _ours(name: str, picture: Pixels, tools: pipeline.Tools) -> Pixels:
    upscaler = Upscaler(Shelf().find(name), tools.device, tools.precision)
    tiling = tools.tiling(picture.shape[1], lambda _work: None)
    return np.concatenate(list(gate.enlarged(upscaler, picture, tiling)))


def _picture(folder: Path, size: tuple[int, int]) -> Path:
    astronaut = Image.fromarray(importlib.import_module("skimage.data").astronaut())
    path = folder / "source.png"
    astronaut.crop((100, 0, 100 + size[0], size[1])).save(path) if max(size) < 400 else astronaut.save(path)
    return path


def _stock(name: str, folder: Path) -> Any:
    """Return RealESRGANer with its own defaults: tile=0, pre_pad=10, half=False."""
    sys.modules["torchvision.transforms.functional_tensor"] = importlib.import_module(
        "torchvision.transforms.functional"
    )  # its old name, which basicsr imports
    checkpoint = folder / "weights.pth"
    torch.save({"params": weights.state(Shelf().find(name))}, checkpoint)
    kind = importlib.import_module("realesrgan").RealESRGANer
    return kind(4, str(checkpoint), model=_stock_network(name))


def _stock_network(name: str) -> Any:
    if name == "realesr-animevideov3":
        kind = importlib.import_module("realesrgan.archs.srvgg_arch").SRVGGNetCompact
        return kind(num_in_ch=3, num_out_ch=3, num_feat=64, num_conv=16, upscale=4, act_type="prelu")
    kind = importlib.import_module("basicsr.archs.rrdbnet_arch").RRDBNet
    return kind(num_in_ch=3, num_out_ch=3, num_feat=64, num_block=6 if "anime" in name else 23, scale=4)


@torch.inference_mode()
def _untiled(name: str, source: Path) -> Pixels:
    levels = torch.tensor(np.asarray(Image.open(source))).permute(2, 0, 1)[None]
    rows = weights.load(Shelf().find(name))(levels.float() / 255)
    pixels: Pixels = rows[0].clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).numpy()
    return pixels


def _psnr(result: Pixels, exact: Pixels) -> float:
    error = float(((result.astype(np.float32) - exact) ** 2).mean())
    return 10 * float(np.log10(255**2 / error)) if error else float("inf")


def _machine(*, busy: bool) -> str:
    cpu = next((line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")), platform.machine())
    precision = hardware.precision("auto", hardware.device())
    used = "processor time of one thread" if busy else f"{hardware.cores()} cores, wall time"
    return (
        f"{cpu}, {used}, {platform.system()}, Python {platform.python_version()}, "
        f"torch {torch.__version__}; Pixelift in {precision} on {hardware.device().type}, RealESRGANer in fp32.\n"
    )


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def _row(contest: Contest) -> str:
    times = {runner: statistics.median(seconds) for runner, seconds in contest.seconds.items()}
    shown = [f"{times[name]:.2f} s ({min(all_s):.2f}–{max(all_s):.2f})" for name, all_s in contest.seconds.items()]  # noqa: RUF001
    ratio = f"**{times[STOCK] / times[OURS]:.2f} ×**"  # noqa: RUF001
    quality = [f"{db:.1f} dB" for db in contest.psnr_db.values()]
    return "| " + " | ".join([contest.model, contest.way, *shown, ratio, *quality]) + " |"


if __name__ == "__main__":
    main(sys.argv[1:])
