"""Pixelift, as its engine's child runs it."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # as in the engine's child, and to be set before torch comes

import numpy as np
import torch

from bench.parts.task import Pixels, Run, Task
from pixelift.engine import gate, pipeline
from pixelift.engine.options import Format, Options
from pixelift.engine.orders import Order
from pixelift.engine.shelf import Shelf
from pixelift.engine.upscaler import Upscaler


def pixels(task: Task) -> Run:
    """From decoded to finished pixels."""
    tools, picture = _tools(task), task.picture
    upscaler = _loaded(task, tools)
    tiling = tools.tiling(upscaler, picture.shape[1], lambda _work: None)

    def run() -> Pixels:
        return np.concatenate(list(gate.enlarged(upscaler, picture, tiling)))

    return run


def files(task: Task) -> Run:
    """From a PNG to a PNG, with all that a job has: fidelity figure, fsync, checksum."""
    tools, result = _tools(task), task.folder / "ours.png"
    _loaded(task, tools)
    order = Order(task.source, result, Options(model=task.model, format=Format.PNG))

    def run() -> Path:
        pipeline.run(order, tools, lambda _progress: None)
        return result

    return run


def _tools(task: Task) -> pipeline.Tools:
    torch.set_num_threads(task.threads)
    return pipeline.tools()


def _loaded(task: Task, tools: pipeline.Tools) -> Upscaler:
    upscaler = Upscaler(Shelf().find(task.model), tools.device, tools.precision)
    upscaler.work(0)  # asks the network, which is kept from then on
    return upscaler
