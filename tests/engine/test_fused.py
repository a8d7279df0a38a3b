"""What is fused for speed computes what the layers compute, and rounds less."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest
import torch
from spandrel.architectures.Compact import Compact
from spandrel.architectures.ESRGAN import ESRGAN
from torch import Tensor, nn

from pixelift.engine import networks, onednn, weights
from pixelift.engine.convolution import steady
from pixelift.engine.shelf import Shelf
from pixelift.engine.streaming import Tiling

pytestmark = pytest.mark.skipif(
    not onednn.serves(torch.empty(0, dtype=torch.bfloat16)), reason="this processor does not compute in bf16"
)


@torch.inference_mode()
def streamed(network: nn.Module, picture: Tensor, strip_px: int = 16) -> Tensor:
    height_px = picture.shape[2]
    pieces = [
        (picture[:, :, top : top + strip_px], top + strip_px >= height_px) for top in range(0, height_px, strip_px)
    ]
    return torch.cat([rows for rows, _last in networks.steps(network).flow(pieces, Tiling(strip_px, 24))], 2)


def halved(network: nn.Module) -> nn.Module:
    return network.to(torch.bfloat16).to(memory_format=torch.channels_last)


def trained_a_little(network: nn.Module) -> nn.Module:
    """Random weights of the size that training leaves: what a layer adds stays about as large as what it gets."""
    torch.manual_seed(7)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, a=0.2)
            if layer.bias is not None:
                nn.init.uniform_(layer.bias, -0.1, 0.1)
    return steady(network.eval().requires_grad_(requires_grad=False))


@pytest.mark.parametrize(
    "make",
    [
        lambda: ESRGAN(num_blocks=2, scale=4),
        lambda: ESRGAN(num_blocks=1, num_filters=32, scale=2),
        lambda: ESRGAN(num_blocks=1, scale=1),
        lambda: ESRGAN(num_blocks=1, num_filters=48, scale=3),
        lambda: ESRGAN(num_blocks=1, plus=True),
        lambda: Compact(num_conv=3, upscale=2),
        lambda: Compact(num_conv=9, upscale=4, num_feat=24),
        lambda: Compact(num_conv=2, upscale=3, act_type="leakyrelu"),
        lambda: Compact(num_conv=2, upscale=1, act_type="relu"),
    ],
)
def test_any_member_of_our_families_comes_out_as_true_as_in_plain_bf16(make: Callable[[], nn.Module]) -> None:
    network = trained_a_little(make())
    picture = torch.rand(1, 3, 37, 45).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        exact = network(picture)
        plain = halved(network)(picture.bfloat16())

    def distance_db(result: Tensor) -> float:
        return float(10 * (exact.square().mean() / (result.float() - exact).square().mean()).log10())

    ours = distance_db(streamed(network, picture))
    assert ours > 35
    assert ours > distance_db(plain) - 1


@pytest.mark.parametrize("name", ["realesr-animevideov3", "realesrgan-x4plus-anime"])
def test_a_photograph_stays_within_50_db_of_fp32_and_nearly_as_smooth(name: str) -> None:
    network = weights.load(Shelf().find(name))
    picture = (
        torch.tensor(importlib.import_module("skimage.data").astronaut()[100:148, 200:248])
        .permute(2, 0, 1)[None]
        .float()
        / 255
    )
    picture = picture.contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        exact = network(picture)
    out = streamed(halved(network), picture)
    assert out.dtype == torch.float32
    assert -10 * (out - exact).square().mean().log10() > 50
    assert (
        len(set(out.flatten().tolist())) > 2_000
    )  # bf16 alone could tell no more than 256 levels apart in the brighter half
