"""The other members of the two families stream exactly too: x1, x2, x3, and those that fold pixels first."""

from __future__ import annotations

import pytest
import torch
from spandrel.architectures.Compact import Compact
from spandrel.architectures.ESRGAN import ESRGAN
from torch import Tensor, nn

from pixelift.engine import networks
from pixelift.engine.convolution import steady
from pixelift.engine.streaming import Tiling


@torch.inference_mode()
def streamed(built: nn.Module, picture: Tensor, strip_px: int) -> Tensor:
    height_px = picture.shape[2]
    pieces = (
        (picture[:, :, top : top + strip_px], top + strip_px >= height_px) for top in range(0, height_px, strip_px)
    )
    return torch.cat([rows for rows, _last in networks.steps(built).flow(pieces, Tiling(strip_px, 24))], 2)


def small(factor: int) -> nn.Module:
    """Return an RRDBNet as x2plus (factor 2) or as an x1 network (factor 4) is built, with one thin block."""
    torch.manual_seed(factor)
    return steady(ESRGAN(in_nc=3 * factor**2, num_filters=8, num_blocks=1, scale=4, shuffle_factor=factor).eval())


@pytest.mark.parametrize("size", [(64, 48), (67, 49), (130, 33), (5, 6)])
@pytest.mark.parametrize("factor", [2, 4])
def test_folded_networks_stream_exactly(factor: int, size: tuple[int, int]) -> None:
    built, picture = small(factor), torch.rand(1, 3, *size)
    with torch.inference_mode():
        whole = built(picture)
    assert networks.is_exact(built)
    assert all(torch.equal(streamed(built, picture, strip_px), whole) for strip_px in (7, 16, 64))


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (3, 1)])
def test_pictures_too_small_to_mirror_are_enlarged_all_the_same(size: tuple[int, int]) -> None:
    assert streamed(small(2), torch.rand(1, 3, *size), 16).shape[2:] == (size[0] * 2, size[1] * 2)


@pytest.mark.parametrize(
    "built",
    [
        *(Compact(num_feat=8, num_conv=3, upscale=scale) for scale in (1, 2, 3)),
        *(ESRGAN(num_filters=8, num_blocks=1, scale=scale) for scale in (1, 2, 8)),
    ],
    ids=["SRVGG x1", "SRVGG x2", "SRVGG x3", "RRDB x1", "RRDB x2", "RRDB x8"],
)
def test_other_scales_stream_exactly(built: nn.Module) -> None:
    picture = torch.rand(1, 3, 67, 50)
    with torch.inference_mode():
        whole = steady(built.eval())(picture)
    assert torch.equal(streamed(built, picture, 16), whole)
