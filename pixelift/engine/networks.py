"""The networks that spandrel builds, taken apart into steps of known reach."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from spandrel.architectures.Compact import Compact
from spandrel.architectures.ESRGAN import ESRGAN
from torch import Tensor, nn

from pixelift.engine import fused
from pixelift.engine.checkpoints import Foreign
from pixelift.engine.folding import Folded
from pixelift.engine.streaming import Chain, Skip, Stage, Step
from pixelift.engine.tiling import Tiled

_CONVOLUTIONS_AT_ONCE = 4


def steps(network: nn.Module) -> Chain:
    """Return the network as steps: those of exact kinds compute the very same pixels, others go tile by tile."""
    if isinstance(network, Foreign):
        return Chain(Tiled(fused.form(network, opens=True), network.scale, sum(map(torch.numel, network.parameters()))))
    return _rrdb(network) if isinstance(network, ESRGAN) else _compact(network)


def is_exact(network: nn.Module) -> bool:
    """Whether the network can be taken apart: every convolution 3 by 3, enlarged by repetition or at the very end."""
    if isinstance(network, ESRGAN):
        kernels = {layer.kernel_size for layer in network.modules() if isinstance(layer, nn.Conv2d)}
        foreign = (nn.PixelShuffle, nn.BatchNorm2d, nn.InstanceNorm2d)
        return kernels == {(3, 3)} and not any(isinstance(layer, foreign) for layer in network.modules())
    return isinstance(network, Compact)


def _rrdb(network: ESRGAN) -> Chain:
    first, body, *tail = network.model
    *blocks, closing = body.sub
    residual = Skip(Chain(*map(_block, blocks), _stage(closing)), lambda out, rows: rows + out)
    chain = Chain(_stage(first, opens=True), residual, *_tail(tail))
    return Chain(Folded(chain, network.shuffle_factor)) if network.shuffle_factor else chain


def _block(block: Any) -> Step:
    dense = Chain(*(_stage(part) for part in (block.RDB1, block.RDB2, block.RDB3)))
    return Skip(dense, lambda out, rows: out.mul_(0.2).add_(rows))


def _tail(layers: list[nn.Module]) -> list[Step]:
    """Cut before every layer that enlarges; the last cut holds the two closing convolutions."""
    starts = [index for index, layer in enumerate(layers) if isinstance(layer, nn.Upsample)]
    closing = starts[-1] + 3 if starts else 0  # enlarge, convolve, activate
    cuts = [*starts, closing, len(layers)]
    return [_stage(nn.Sequential(*layers[top:end]), closes=end == len(layers)) for top, end in pairwise(cuts)]


def _compact(network: Compact) -> Chain:
    layers = list(network.body)
    *body, last = layers
    groups = [
        body[index : index + 2 * _CONVOLUTIONS_AT_ONCE] for index in range(0, len(body), 2 * _CONVOLUTIONS_AT_ONCE)
    ]
    enlarged = fused.form(nn.Sequential(last, network.upsampler))
    enlarging = Stage(enlarged, radius=1, scale=network.upscale, work=last.weight.numel())

    def joined(out: Tensor, rows: Tensor) -> Tensor:
        return _repeated(rows, network.upscale) + out

    return Chain(
        Skip(Chain(*(_stage(nn.Sequential(*group), opens=group is groups[0]) for group in groups), enlarging), joined)
    )


def _stage(module: Any, *, opens: bool = False, closes: bool = False) -> Stage:
    """Every convolution of ours is 3 by 3, so each adds one pixel of reach, counted before the enlarging."""
    factors: list[Any] = [layer.scale_factor for layer in module.modules() if isinstance(layer, nn.Upsample)]
    convolutions = [layer for layer in module.modules() if isinstance(layer, nn.Conv2d)]
    scale = int(factors[0]) if factors else 1
    work = float(sum(layer.weight.numel() for layer in convolutions) * scale**2)
    return Stage(
        fused.form(module, opens=opens, closes=closes), radius=-(-len(convolutions) // scale), scale=scale, work=work
    )


def _repeated(rows: Tensor, factor: int) -> Tensor:
    """Enlarge by repeating pixels, channels last: columns and then whole rows, at half the cost of interpolate."""
    _, channels, height_px, width_px = rows.shape
    each = rows.permute(0, 2, 3, 1).reshape(height_px, width_px, 1, channels)
    wide = each.expand(-1, -1, factor, -1).reshape(height_px, 1, -1)
    tall = wide.expand(-1, factor, -1).reshape(1, height_px * factor, width_px * factor, channels)
    return tall.permute(0, 3, 1, 2)
