"""OpenVINO, compiled for this size of picture and for the shortest time of one call."""

from __future__ import annotations

import openvino

from bench.parts.task import Pixels, Run, Task


def fp32(task: Task) -> Run:
    return _run(task, "f32")


def bf16(task: Task) -> Run:
    return _run(task, "bf16")


def _run(task: Task, precision: str) -> Run:
    wishes = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": task.threads,
    }
    compiled = openvino.Core().compile_model(task.graph("xml"), "CPU", wishes)
    levels = task.picture[None]

    def run() -> Pixels:
        pixels: Pixels = compiled(levels)[0][0].copy()
        return pixels

    return run
