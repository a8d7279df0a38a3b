"""The networks that spandrel builds, taken apart into steps of known reach."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from spandrel.architectures.Compact import Compact
from spandrel.architectures.ESRGAN import ESRGAN
from torch import Tensor, nn
from torch.nn.functional import interpolate

from pixelift.engine.streaming import Chain, Skip, Stage, Step

_CONVOLUTIONS_AT_ONCE = 4


def steps(network: nn.Module) -> Chain:
    """Return the network as steps that compute the very same pixels. Raises NotImplementedError for other kinds."""
    if isinstance(network, ESRGAN):
        return _rrdb(network)
    if isinstance(network, Compact):
        return _compact(network)
    raise NotImplementedError(f"{type(network).__name__} is not taken apart yet")


def _rrdb(network: ESRGAN) -> Chain:
    first, body, *tail = network.model
    *blocks, closing = body.sub
    residual = Skip(Chain(*map(_block, blocks), _stage(closing)), lambda out, rows: rows + out)
    return Chain(_stage(first), residual, *_tail(tail))


def _block(block: Any) -> Step:
    dense = Chain(*(_stage(part) for part in (block.RDB1, block.RDB2, block.RDB3)))
    return Skip(dense, lambda out, rows: out * 0.2 + rows)


def _tail(layers: list[nn.Module]) -> list[Step]:
    """Cut before every layer that enlarges; the last cut holds the two closing convolutions."""
    starts = [index for index, layer in enumerate(layers) if isinstance(layer, nn.Upsample)]
    closing = starts[-1] + 3  # enlarge, convolve, activate
    cuts = [*starts, closing, len(layers)]
    return [_stage(nn.Sequential(*layers[top:end])) for top, end in pairwise(cuts)]


def _compact(network: Compact) -> Chain:
    layers = list(network.body)
    *body, last = layers
    groups = [
        body[index : index + 2 * _CONVOLUTIONS_AT_ONCE] for index in range(0, len(body), 2 * _CONVOLUTIONS_AT_ONCE)
    ]
    enlarging = Stage(nn.Sequential(last, network.upsampler), radius=1, scale=network.upscale, work=last.weight.numel())

    def joined(out: Tensor, rows: Tensor) -> Tensor:
        return out + interpolate(rows, scale_factor=network.upscale, mode="nearest")

    return Chain(Skip(Chain(*(_stage(nn.Sequential(*group)) for group in groups), enlarging), joined))


def _stage(module: Any) -> Stage:
    """Every convolution of ours is 3 by 3, so each adds one pixel of reach, counted before the enlarging."""
    factors: list[Any] = [layer.scale_factor for layer in module.modules() if isinstance(layer, nn.Upsample)]
    convolutions = [layer for layer in module.modules() if isinstance(layer, nn.Conv2d)]
    scale = int(factors[0]) if factors else 1
    work = float(sum(layer.weight.numel() for layer in convolutions) * scale**2)
    return Stage(module, radius=-(-len(convolutions) // scale), scale=scale, work=work)
