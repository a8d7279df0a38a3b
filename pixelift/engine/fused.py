"""Parts of our networks in the form that this machine computes fastest."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from spandrel.architectures.__arch_helpers.block import ResidualDenseBlock_5C
from torch import Tensor, nn

from pixelift.engine import onednn
from pixelift.engine.graphs import Replayed

Function = Callable[[Tensor], Tensor]

_DENSE_FACTOR = 0.2  # what ResidualDenseBlock_5C multiplies its last convolution with


def form(part: nn.Module, *, opens: bool = False, closes: bool = False) -> Function:
    """Return a function that computes this part of a network; the part itself where we know nothing faster.

    What opens a network takes rows in fp32, what closes one may give them so.
    """
    weight = next(part.parameters())
    if onednn.serves(weight):
        if isinstance(part, ResidualDenseBlock_5C):
            return _dense(part)
        layers = list(part) if isinstance(part, nn.Sequential) else [part]
        return _row(list(_fused(layers, opens=opens, closes=closes)))
    function = _row([lambda rows: rows.to(weight.dtype), part]) if opens else part
    return Replayed(function) if weight.device.type == "cuda" else function


def _row(functions: list[Function]) -> Function:
    return lambda rows: functools.reduce(lambda rows, function: function(rows), functions, rows)


def _fused(layers: list[Any], *, opens: bool, closes: bool) -> Iterator[Function]:
    """Join every convolution with the LeakyReLU behind it."""
    while layers:
        layer, *layers = layers
        if not isinstance(layer, nn.Conv2d):
            yield layer
        elif closes and not layers:
            yield onednn.Closing(layer)
        else:
            slope, layers = _slope(layers)
            yield (onednn.Opening if opens else onednn.Flat)(layer, slope)
            opens = False


def _slope(layers: list[Any]) -> tuple[float | None, list[Any]]:
    if layers and isinstance(layers[0], nn.LeakyReLU):
        return layers[0].negative_slope, layers[1:]
    return None, layers


def _dense(block: Any) -> Function:
    *growing, last = (list(getattr(block, f"conv{number}")) for number in range(1, 6))
    first = growing[0][0]
    usual = all([type(layer) for layer in layers[1:]] == [nn.LeakyReLU] for layers in growing) and len(last) == 1
    if block.conv1x1 or not usual or first.in_channels % first.out_channels:
        return block  # type: ignore[no-any-return]
    return onednn.Dense([layers[0] for layers in growing], last[0], growing[0][1].negative_slope, _DENSE_FACTOR)
