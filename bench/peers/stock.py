"""Stock RealESRGANer with its own defaults: tile=0, pre_pad=10, half=False, in fp32 on a CPU."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch

from bench.parts import reference
from bench.parts.task import Pixels, Run, Task


def pixels(task: Task) -> Run:
    enhance, picture = _enhance(task), task.picture[..., ::-1]
    return lambda: enhance(picture)[..., ::-1]


def files(task: Task) -> Run:
    enhance, result = _enhance(task), task.folder / "stock.png"

    def run() -> Path:
        cv2.imwrite(str(result), enhance(np.asarray(cv2.imread(str(task.source)), np.uint8)))
        return result

    return run


def _enhance(task: Task) -> Callable[[Pixels], Pixels]:
    torch.set_num_threads(task.threads)
    stock = reference.upsampler(task.model, task.folder)
    return lambda picture: stock.enhance(picture)[0]
