"""The most that this machine can do, and what a network asks of it."""

from __future__ import annotations

import time

import torch
from torch import nn
from torch.nn.functional import conv2d

from bench.parts.machine import Limits
from bench.peers import plain
from pixelift.engine import hardware

_CHANNELS, _SIDES_PX, _ROUNDS = 64, (128, 192, 256), 12
_LOOK_PX = 32


def measure(*, busy: bool) -> Limits:
    """Return what Pixelift computes with on this machine, and the most that is in it; one thread where it is busy."""
    threads = 1 if busy else hardware.cores()
    torch.set_num_threads(threads)
    peaks = {
        name: max(_gflop_s(side_px, hardware.PRECISIONS[name], busy=busy) for side_px in _SIDES_PX)
        for name in ("fp32", "bf16")
    }
    return Limits(threads, hardware.precision("auto", hardware.device()), peaks)


@torch.inference_mode()
def gflop(model: str, pixels: int) -> float:
    """Count the multiplications and additions of all convolutions for so many pixels of a source."""
    network, counted = plain.network(model), 0

    def count(layer: nn.Module, _rows: object, out: torch.Tensor) -> None:
        nonlocal counted
        counted += 2 * layer.get_parameter("weight").numel() * out.shape[2] * out.shape[3]

    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(count)
    network(torch.zeros(1, 3, _LOOK_PX, _LOOK_PX))
    return counted / _LOOK_PX**2 * pixels / 1e9


@torch.inference_mode()
def _gflop_s(side_px: int, precision: torch.dtype, *, busy: bool) -> float:
    rows = torch.rand(1, _CHANNELS, side_px, side_px).to(precision).contiguous(memory_format=torch.channels_last)
    weight = torch.rand(_CHANNELS, _CHANNELS, 3, 3).to(precision).contiguous(memory_format=torch.channels_last)
    clock, seconds = time.process_time if busy else time.perf_counter, []
    for _ in range(_ROUNDS):
        started = clock()
        conv2d(rows, weight, padding=1)
        seconds.append(clock() - started)
    return 2 * weight.numel() * side_px**2 / min(seconds) / 1e9
