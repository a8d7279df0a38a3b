"""The network in the forms that ONNX Runtime and OpenVINO load, with the conversion of pixels inside the graph.

Written before the race, so that their processes never load torch.
"""

from __future__ import annotations

import warnings

import torch

from bench.parts.task import Task
from bench.peers import plain


def write(task: Task) -> None:
    """Write what is missing, for the size of this picture."""
    whole = plain.Whole(plain.network(task.model), torch.float32)
    levels = torch.tensor(task.picture)[None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the old exporter needs no package more than the new one
        torch.onnx.export(whole, (levels,), task.graph("onnx"), input_names=["levels"], dynamo=False)
        _openvino(task, whole, levels)


def _openvino(task: Task, whole: plain.Whole, levels: torch.Tensor) -> None:
    import openvino as ov  # noqa: PLC0415 - only where it is wanted

    converted = ov.convert_model(whole, example_input=levels, input=[list(levels.shape)])
    ov.save_model(converted, task.graph("xml"), compress_to_fp16=False)
