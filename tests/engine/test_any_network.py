"""Streaming is the whole network, whatever the network, the picture and the cuts."""

from __future__ import annotations

import copy
import functools

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spandrel import ModelLoader
from spandrel.architectures.Compact import Compact
from spandrel.architectures.ESRGAN import ESRGAN
from torch import Tensor, nn

from pixelift.engine import hardware, networks
from pixelift.engine.convolution import steady
from pixelift.engine.shelf import Shelf
from pixelift.engine.streaming import Chain, Tiling
from pixelift.engine.upscaler import Upscaler

few = settings(max_examples=40, deadline=None)

precisions = st.sampled_from(["fp32", "bf16"])
tilings = st.builds(Tiling, st.integers(1, 40), st.integers(1, 40))
sides = st.integers(1, 45)


@functools.cache
def compact(scale: int, convolutions: int, features: int) -> nn.Module:
    torch.manual_seed(convolutions)
    return built(Compact(num_feat=features, num_conv=convolutions, upscale=scale))


@functools.cache
def dense(blocks: int, features: int) -> nn.Module:
    torch.manual_seed(blocks)
    return built(ESRGAN(num_filters=features, num_blocks=blocks, scale=4))


def built(network: nn.Module) -> nn.Module:
    """As weights are: from a state dict alone, by spandrel."""
    found = ModelLoader().load_from_state_dict({name: value.clone() for name, value in network.state_dict().items()})
    return steady(found.model.eval().requires_grad_(requires_grad=False))


anything = st.one_of(
    st.builds(compact, st.sampled_from([1, 2, 3, 4]), st.integers(1, 6), st.sampled_from([8, 24])),
    st.builds(dense, st.sampled_from([1, 2]), st.sampled_from([8, 16])),
)


@few
@given(anything, precisions, sides, sides, tilings, st.integers(1, 45))
@torch.inference_mode()
def test_any_cut_of_any_picture_gives_the_whole(
    network: nn.Module, precision: str, height_px: int, width_px: int, tiling: Tiling, fed_px: int
) -> None:
    picture = noise(height_px, width_px)
    exact = network(picture)
    converted = copy.deepcopy(network).to(hardware.PRECISIONS[precision])
    steps = networks.steps(converted.to(memory_format=torch.channels_last))
    whole, _ends = flowed(steps, picture, height_px, Tiling(10_000, 10_000))
    cut, ends = flowed(steps, picture, fed_px, tiling)
    assert torch.equal(cut, whole)
    assert ends == [False] * (len(ends) - 1) + [True]
    bound = 0.02 if precision == "bf16" else 1e-5
    assert (whole - exact).abs().max() <= bound * exact.abs().max()


@settings(few, max_examples=25)
@given(precisions, st.integers(1, 90), st.integers(1, 24), tilings, st.data())
def test_any_rows_are_those_of_the_whole(
    precision: str, height_px: int, width_px: int, tiling: Tiling, data: st.DataObject
) -> None:
    """This is what going on with a half finished picture rests on."""
    top_px = data.draw(st.integers(0, height_px - 1))
    bottom_px = data.draw(st.integers(top_px + 1, height_px))
    upscaler = Upscaler(Shelf().find("realesr-animevideov3"), torch.device("cpu"), precision)
    source = np.random.default_rng(height_px).integers(0, 256, (height_px, width_px, 3), np.uint8)
    whole = torch.cat(list(upscaler.rows(source, 0, height_px, Tiling())), 2)
    part = torch.cat(list(upscaler.rows(source, top_px, bottom_px, tiling)), 2)
    assert torch.equal(part, whole[:, :, top_px * 4 : bottom_px * 4])


def flowed(steps: Chain, picture: Tensor, fed_px: int, tiling: Tiling) -> tuple[Tensor, list[bool]]:
    """Return all rows, and of every piece whether it said that it was the last."""
    tops = range(0, picture.shape[2], fed_px)
    pieces = ((picture[:, :, top : top + fed_px], top == tops[-1]) for top in tops)
    rows, ends = zip(*steps.flow(pieces, tiling), strict=True)
    return torch.cat(rows, 2), list(ends)


def noise(height_px: int, width_px: int) -> Tensor:
    torch.manual_seed(height_px * 100 + width_px)
    return torch.rand(1, 3, height_px, width_px).contiguous(memory_format=torch.channels_last)
