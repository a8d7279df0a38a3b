"""Convolution that rounds in the same way whatever the size of its input."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SteadyConv2d(nn.Conv2d):
    """On a CPU, PyTorch takes another kernel for fewer than 20,480 numbers (aten/native/Convolution.cpp).

    Its sums are as true but rounded otherwise, so that a low strip would differ from the whole in the last bit.
    """

    def forward(self, rows: Tensor) -> Tensor:
        if rows.device.type != "cpu" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
            return super().forward(rows)
        shape = (self.padding, self.stride, self.dilation, self.groups)
        out: Tensor = torch.ops.aten.mkldnn_convolution(rows, self.weight, self.bias, *shape)
        return out


def steady(network: nn.Module) -> nn.Module:
    """Have every plain convolution of the network compute so, in place."""
    for module in network.modules():
        if type(module) is nn.Conv2d:
            module.__class__ = SteadyConv2d
    return network
