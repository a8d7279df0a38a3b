"""ONNX Runtime, its CPU provider, in fp32: it has no bf16 convolutions."""

from __future__ import annotations

import onnxruntime

from bench.parts.task import Pixels, Run, Task


def fp32(task: Task) -> Run:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = task.threads
    session = onnxruntime.InferenceSession(task.graph("onnx"), options, providers=["CPUExecutionProvider"])
    levels = task.picture[None]

    def run() -> Pixels:
        pixels: Pixels = session.run(None, {"levels": levels})[0][0]
        return pixels

    return run
