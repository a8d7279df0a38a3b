"""Convolutions as oneDNN likes them: weights laid out once, and what follows done to the sums before they are rounded.

Only bf16 on a CPU. Rows are tensors (1, C, H, W), channels last. A convolution takes them as groups of channels that
lie one behind the other, (1, C, G, H, W), so that a group can be added without moving the others.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

_ONEDNN: Any = torch.ops.mkldnn  # private, but what torch.compile writes into its programs
_GROUPED = torch.channels_last_3d


def serves(weight: Tensor) -> bool:
    """Whether oneDNN computes in this precision here."""
    at_home = weight.device.type == "cpu" and weight.dtype == torch.bfloat16
    return at_home and bool(_ONEDNN._is_mkldnn_bf16_supported())


class Convolution:
    """A convolution of groups, and the LeakyReLU after it."""

    def __init__(self, weight: Tensor, bias: Tensor, *, groups: int = 1, slope: float | None = None) -> None:
        grouped = (
            weight.reshape(len(weight), groups, -1, *weight.shape[2:])
            .transpose(1, 2)
            .to(torch.bfloat16, memory_format=_GROUPED)
        )
        self._shape = ((0, weight.shape[2] // 2, weight.shape[3] // 2), (1, 1, 1), (1, 1, 1), 1)
        self._weight = _ONEDNN._reorder_convolution_weight(grouped, *self._shape)
        self._bias = bias.to(torch.bfloat16)
        self._activation = ("none", [], "") if slope is None else ("leaky_relu", [slope], "")

    def __call__(self, groups: Tensor) -> Tensor:
        out: Tensor = _ONEDNN._convolution_pointwise(groups, self._weight, self._bias, *self._shape, *self._activation)
        return out

    def joined(self, groups: Tensor, how: str, other: Tensor) -> Tensor:
        """Return the convolution "add" or "sub" another tensor, without the LeakyReLU."""
        out: Tensor = _ONEDNN._convolution_pointwise.binary(
            groups, other, self._weight, self._bias, *self._shape, how, None, None, [], None
        )
        return out


class Flat:
    """A layer of the network as it stands."""

    def __init__(self, layer: nn.Conv2d, slope: float | None = None) -> None:
        self._convolution = Convolution(layer.weight, _bias(layer), slope=slope)

    def __call__(self, rows: Tensor) -> Tensor:
        return self._convolution(rows.unsqueeze(2)).squeeze(2)


class Opening:
    """A layer that takes fp32: each number as the sum of two, since bf16 tells no more than 256 levels apart."""

    def __init__(self, layer: nn.Conv2d, slope: float | None = None) -> None:
        self._convolution = Convolution(torch.cat([layer.weight, layer.weight], 1), _bias(layer), slope=slope)

    def __call__(self, rows: Tensor) -> Tensor:
        high = rows.to(torch.bfloat16)
        both = torch.cat([high, (rows - high).to(torch.bfloat16)], 1)
        return self._convolution(both.unsqueeze(2)).squeeze(2)


class Closing:
    """A layer that gives fp32 in the same way, without an activation."""

    def __init__(self, layer: nn.Conv2d) -> None:
        self._convolution = Convolution(layer.weight, _bias(layer))

    def __call__(self, rows: Tensor) -> Tensor:
        groups = rows.unsqueeze(2)
        high = self._convolution(groups)
        return (high.float() + self._convolution.joined(groups, "sub", high)).squeeze(2)


class Dense:
    """A dense block. Each of its convolutions adds a group of channels behind all that it has seen."""

    def __init__(self, growing: list[nn.Conv2d], last: nn.Conv2d, slope: float, factor: float) -> None:
        self._first = growing[0].in_channels // growing[0].out_channels
        self._growing = [
            Convolution(layer.weight, _bias(layer), groups=count, slope=slope)
            for count, layer in enumerate(growing, self._first)
        ]
        self._count = self._first + len(growing)
        self._last = Convolution(last.weight.float() * factor, _bias(last).float() * factor, groups=self._count)

    def __call__(self, rows: Tensor) -> Tensor:
        _, channels, height_px, width_px = rows.shape
        each = channels // self._first
        groups = rows.new_empty(1, self._count, height_px, width_px, each).permute(0, 4, 1, 2, 3)
        groups[:, :, : self._first] = rows.view(1, self._first, each, height_px, width_px).transpose(1, 2)
        for index, convolution in enumerate(self._growing, self._first):
            groups[:, :, index : index + 1] = convolution(groups[:, :, :index])
        return self._last.joined(groups, "add", rows.unsqueeze(2)).squeeze(2)


def _bias(layer: nn.Conv2d) -> Tensor:
    return torch.zeros(layer.out_channels) if layer.bias is None else layer.bias
