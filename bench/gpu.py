"""Check what a GPU makes of our networks, and how fast. Without a GPU it says so.

PSNR is against fp32 on the CPU. "Apart" is the most levels between results in chunks of 512, 256 and 128 pixels.
"Starved" is the PSNR of a result for which the GPU had too little memory. The speed is from decoded to finished pixels.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import statistics
import sys
import time
from dataclasses import replace

import numpy as np
import torch

from pixelift.engine import gate
from pixelift.engine.pixels import Pixels
from pixelift.engine.shelf import Shelf
from pixelift.engine.streaming import Tiling
from pixelift.engine.upscaler import Upscaler

_GPU, _ROUNDS = torch.device("cuda"), 5
_HEAD = """\
| model | PSNR | apart | starved | recordings refused | Mpx of source a second | memory |
|---|---|---|---|---|---|---|"""


class _Refusals(logging.Handler):
    """Counts the warnings of `pixelift.engine.graphs`."""

    count = 0

    def emit(self, _record: logging.LogRecord) -> None:
        self.count += 1


def main(argv: list[str]) -> None:
    argparse.ArgumentParser(prog="bench gpu", description=__doc__).parse_args(argv)
    if not torch.cuda.is_available():
        print("There is no GPU here that torch can use, so nothing was checked or measured.")
        return
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, fp16, median of {_ROUNDS}.\n\n{_HEAD}")
    for model in Shelf().installed():
        print(_row(Upscaler(model, _GPU, "fp16")), flush=True)


def _row(gpu: Upscaler) -> str:
    refusals = _Refusals()
    logging.getLogger("pixelift.engine.graphs").addHandler(refusals)
    astronaut = importlib.import_module("skimage.data").astronaut()
    picture = astronaut[:192, 100:356]
    exact = _enlarged(replace(gpu, device=torch.device("cpu"), precision="fp32"), picture)
    results = [_enlarged(gpu, picture, chunk_px) for chunk_px in (512, 256, 128)]
    apart = max(int(np.abs(results[0].astype(int) - result).max()) for result in results)
    megapixels_s, gigabytes = _pace(gpu, np.tile(astronaut, (4, 4, 1)))
    cells = [
        gpu.model.name,
        f"{_psnr(results[0], exact):.1f} dB",
        f"{apart}",
        f"{_psnr(_starved(gpu, picture), exact):.1f} dB",
        f"{refusals.count}",
        f"{megapixels_s:.2f}",
        f"{gigabytes:.2f} GB",
    ]
    return f"| {' | '.join(cells)} |"


def _enlarged(upscaler: Upscaler, picture: Pixels, chunk_px: int = 512) -> Pixels:
    return np.concatenate(list(gate.enlarged(upscaler, picture, Tiling(chunk_px // 4, chunk_px))))


def _starved(gpu: Upscaler, picture: Pixels) -> Pixels:
    """Enlarge with little more memory than is taken already."""
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(_GPU).total_memory
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 64 * 2**20) / total)
    try:
        return _enlarged(gpu, picture)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def _pace(gpu: Upscaler, picture: Pixels) -> tuple[float, float]:
    """Return megapixels of source a second, and the most memory that was allocated; recordings are made before."""
    _enlarged(gpu, picture)
    torch.cuda.reset_peak_memory_stats()
    seconds = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        _enlarged(gpu, picture)
        seconds.append(time.perf_counter() - started)
    pixels: int = picture.shape[0] * picture.shape[1]
    return pixels / 1e6 / statistics.median(seconds), torch.cuda.max_memory_allocated() / 2**30


def _psnr(result: Pixels, exact: Pixels) -> float:
    error = float(((result.astype(float) - exact) ** 2).mean())
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))


if __name__ == "__main__":
    main(sys.argv[1:])
