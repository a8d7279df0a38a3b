"""Our engine against stock RealESRGANer: same weights, same pictures, same threads, file to file, in turns.

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
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from pixelift.engine import catalogue, hardware, pipeline, weights
from pixelift.engine.options import Format, Options
from pixelift.engine.orders import Order

PICTURES = {"realesr-animevideov3": (512, 512), "realesrgan-x4plus-anime": (256, 256), "realesrgan-x4plus": (192, 192)}

Pixels = NDArray[np.uint8]


@dataclass
class Contest:
    """What one model took on one picture, engine by engine."""

    model: str
    size: str
    seconds: dict[str, list[float]] = field(default_factory=dict)
    psnr_db: dict[str, float] = field(default_factory=dict)


def main(argv: list[str]) -> None:
    arguments = _arguments(argv)
    torch.set_num_threads(hardware.cores())
    contests = [_contest(name, arguments.rounds) for name in arguments.models]
    print(_machine())
    print(_table(contests))


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.engine", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", nargs="+", default=list(PICTURES), choices=list(PICTURES))
    return parser.parse_args(argv)


def _contest(name: str, rounds: int) -> Contest:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        source = _picture(folder, PICTURES[name])
        runners: dict[str, Callable[[Path], None]] = {
            "RealESRGANer": _stock(name, source, folder),
            "Pixelift": _ours(name, source),
        }
        contest = Contest(name, "{} by {}".format(*PICTURES[name]), {runner: [] for runner in runners})
        exact = _untiled(name, source)
        for number in range(rounds + 1):  # the first round only warms up
            for runner, run in runners.items():
                target = folder / f"{runner}.png"
                started = time.perf_counter()
                run(target)
                if number:
                    contest.seconds[runner].append(time.perf_counter() - started)
                contest.psnr_db[runner] = _psnr(np.asarray(Image.open(target)), exact)
    return contest


def _picture(folder: Path, size: tuple[int, int]) -> Path:
    astronaut = Image.fromarray(importlib.import_module("skimage.data").astronaut())
    path = folder / "source.png"
    astronaut.crop((100, 0, 100 + size[0], size[1])).save(path) if max(size) < 400 else astronaut.save(path)
    return path


def _ours(name: str, source: Path) -> Callable[[Path], None]:
    tools = pipeline.tools()

    def run(target: Path) -> None:
        pipeline.run(Order(source, target, Options(4, name, Format.PNG)), tools, lambda _progress: None)

    return run


def _stock(name: str, source: Path, folder: Path) -> Callable[[Path], None]:
    """Return RealESRGANer with its own defaults: tile=0, pre_pad=10, half=False."""
    sys.modules["torchvision.transforms.functional_tensor"] = importlib.import_module(
        "torchvision.transforms.functional"
    )  # its old name, which basicsr imports
    checkpoint = folder / "weights.pth"
    torch.save({"params": weights.state(catalogue.find(name))}, checkpoint)
    upsampler = importlib.import_module("realesrgan").RealESRGANer(4, str(checkpoint), model=_stock_network(name))

    def run(target: Path) -> None:
        result, _mode = upsampler.enhance(cv2.imread(str(source), cv2.IMREAD_UNCHANGED))
        cv2.imwrite(str(target), result)

    return run


def _stock_network(name: str) -> Any:
    if name == "realesr-animevideov3":
        kind = importlib.import_module("realesrgan.archs.srvgg_arch").SRVGGNetCompact
        return kind(num_in_ch=3, num_out_ch=3, num_feat=64, num_conv=16, upscale=4, act_type="prelu")
    kind = importlib.import_module("basicsr.archs.rrdbnet_arch").RRDBNet
    return kind(num_in_ch=3, num_out_ch=3, num_feat=64, num_block=6 if "anime" in name else 23, scale=4)


@torch.inference_mode()
def _untiled(name: str, source: Path) -> Pixels:
    levels = torch.tensor(np.asarray(Image.open(source))).permute(2, 0, 1)[None]
    rows = weights.load(catalogue.find(name))(levels.float() / 255)
    pixels: Pixels = rows[0].clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).numpy()
    return pixels


def _psnr(result: Pixels, exact: Pixels) -> float:
    error = float(((result.astype(np.float32) - exact) ** 2).mean())
    return 10 * float(np.log10(255**2 / error)) if error else float("inf")


def _machine() -> str:
    cpu = next((line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")), platform.machine())
    precision = hardware.precision("auto", hardware.device())
    return (
        f"{cpu}, {hardware.cores()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"torch {torch.__version__}; Pixelift in {precision} on {hardware.device().type}, RealESRGANer in fp32.\n"
    )


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def _table(contests: list[Contest]) -> str:
    head = "| model | picture | RealESRGANer | Pixelift | faster by | PSNR of RealESRGANer | PSNR of Pixelift |"
    return "\n".join([head, "|---|---|---|---|---|---|---|", *map(_row, contests)])


def _row(contest: Contest) -> str:
    times = {runner: statistics.median(seconds) for runner, seconds in contest.seconds.items()}
    shown = [f"{times[name]:.2f} s ({min(all_s):.2f}–{max(all_s):.2f})" for name, all_s in contest.seconds.items()]  # noqa: RUF001
    ratio = f"**{times['RealESRGANer'] / times['Pixelift']:.2f} ×**"  # noqa: RUF001
    quality = [f"{db:.1f} dB" for db in contest.psnr_db.values()]
    return "| " + " | ".join([contest.model, contest.size, *shown, ratio, *quality]) + " |"


if __name__ == "__main__":
    main(sys.argv[1:])
