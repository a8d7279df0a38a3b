"""The network as spandrel builds it, the whole picture at once, pixels to pixels in torch."""

from __future__ import annotations

import torch
from spandrel import ModelLoader
from torch import Tensor, nn

from bench.parts.task import Run, Task
from pixelift.engine import weights
from pixelift.engine.shelf import Shelf


class Whole(nn.Module):
    """From levels (1, H, W, 3) to levels, in the precision of the network."""

    def __init__(self, network: nn.Module, precision: torch.dtype) -> None:
        super().__init__()
        self._network, self._precision = network, precision

    def forward(self, levels: Tensor) -> Tensor:
        rows = levels.permute(0, 3, 1, 2).float().div(255).to(self._precision)
        out: Tensor = self._network(rows).float()
        return out.clamp(0, 1).mul(255).round().permute(0, 2, 3, 1).to(torch.uint8)


def network(model: str) -> nn.Module:
    """Return it with torch's own convolutions."""
    built: nn.Module = ModelLoader().load_from_state_dict(weights.state(Shelf().find(model))).model
    return built.eval().requires_grad_(requires_grad=False)


def fp32(task: Task) -> Run:
    return _run(task, Whole(network(task.model), torch.float32))


def bf16(task: Task) -> Run:
    fast = network(task.model).to(torch.bfloat16).to(memory_format=torch.channels_last)
    return _run(task, Whole(fast, torch.bfloat16))


def _run(task: Task, whole: Whole) -> Run:
    torch.set_num_threads(task.threads)
    levels = torch.tensor(task.picture)[None]

    @torch.inference_mode()
    def run() -> object:
        return whole(levels)[0].contiguous().numpy()

    return run  # type: ignore[return-value]
