"""ncnn on the processor, from the very files that our weights are read from."""

from __future__ import annotations

import ncnn
import numpy as np

from bench.parts.task import Pixels, Run, Task
from pixelift.engine.shelf import Shelf


def fp32(task: Task) -> Run:
    return _run(task, bf16_storage=False)


def bf16(task: Task) -> Run:
    return _run(task, bf16_storage=True)


def _run(task: Task, *, bf16_storage: bool) -> Run:
    net = ncnn.Net()
    net.opt.num_threads = task.threads
    net.opt.use_vulkan_compute = False
    net.opt.use_bf16_storage = bf16_storage
    structure, numbers = Shelf().find(task.model).paths
    net.load_param(str(structure))
    net.load_model(str(numbers))
    picture = np.ascontiguousarray(task.picture)
    height_px, width_px = picture.shape[:2]

    def run() -> Pixels:
        source = ncnn.Mat.from_pixels(picture, ncnn.Mat.PixelType.PIXEL_RGB, width_px, height_px)
        source.substract_mean_normalize([], [1 / 255] * 3)
        extractor = net.create_extractor()
        extractor.input("data", source)
        _status, out = extractor.extract("output")
        return _levels(out)

    return run


def _levels(out: ncnn.Mat) -> Pixels:
    levels = np.array(out)
    np.multiply(levels, 255, out=levels).round(out=levels)
    np.clip(levels, 0, 255, out=levels)
    return np.ascontiguousarray(levels.astype(np.uint8).transpose(1, 2, 0))
