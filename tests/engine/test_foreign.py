"""Networks that cannot be taken apart go tile by tile, behind the same interface and within a stated bound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from pixelift.engine import gate, networks
from pixelift.engine.checkpoints import Foreign, describe
from pixelift.engine.streaming import Step, Tiling
from pixelift.engine.tiling import Tiled
from pixelift.engine.upscaler import Upscaler
from tests.engine import toys

pytestmark = [
    pytest.mark.filterwarnings("ignore:torch.meshgrid"),  # spandrel's, of SwinIR
    pytest.mark.filterwarnings("ignore:Initializing zero-element"),  # spandrel's, of DAT
]
NEAR = ("SwinIR x2", "SwinIR x1", "DAT x2", "SPAN x4")  # they see no further than a tile is padded
FAR = ("OmniSR x2", "RealPLKSR x1")  # they weigh channels by the whole picture
CPU = torch.device("cpu")


def waves(height_px: int, width_px: int) -> Tensor:
    """Return a picture (1, 3, H, W) that looks alike everywhere, and nowhere the same."""
    y, x = torch.meshgrid(torch.arange(height_px), torch.arange(width_px), indexing="ij")
    planes = [(torch.sin(y / (3 + c)) * torch.cos(x / (4 + c)) + 1) / 2 for c in range(3)]
    return (torch.stack(planes)[None] * 255).round() / 255


@torch.inference_mode()
def flowed(step: Step, picture: Tensor, strip_px: int = 64, chunk_px: int = 512) -> Tensor:
    height_px = picture.shape[2]
    pieces = (
        (picture[:, :, top : top + strip_px], top + strip_px >= height_px) for top in range(0, height_px, strip_px)
    )
    return torch.cat([rows for rows, _last in step.flow(pieces, Tiling(strip_px, chunk_px))], 2)


@pytest.mark.parametrize(("name", "levels"), [*((name, 0.01) for name in NEAR), *((name, 12) for name in FAR)])
def test_tiles_give_the_whole_picture_within_the_bound(name: str, levels: float) -> None:
    network, picture = Foreign(describe(toys.state(name))).eval(), waves(260, 232)
    apart = (flowed(networks.steps(network), picture) - network(picture)).abs()
    assert apart.max() * 255 <= levels


@pytest.mark.parametrize("size", [(1, 1), (3, 250), (17, 31), (223, 9)])
@pytest.mark.parametrize("name", ["SwinIR x2", "SPAN x4"])
def test_awkward_sizes_come_out_whole(name: str, size: tuple[int, int]) -> None:
    network = Foreign(describe(toys.state(name))).eval()
    out = flowed(networks.steps(network), waves(*size), 16)
    assert out.shape[2:] == (size[0] * network.scale, size[1] * network.scale)
    assert torch.allclose(out, network(waves(*size)), atol=1e-4)


def test_tiles_that_disagree_fade_into_each_other() -> None:
    """The bound: a disagreement is spread evenly over 16 source pixels, in both directions."""
    shades = iter(torch.linspace(0, 1, 20)[torch.randperm(20)])
    step = Tiled(
        lambda rows: torch.full_like(rows, float(next(shades))).repeat_interleave(2, 2).repeat_interleave(2, 3), 2, 1
    )
    out = flowed(step, torch.zeros(1, 3, 500, 450))
    assert out.shape == (1, 3, 1000, 900)
    steps = [out.diff(dim=axis).abs().max() for axis in (2, 3)]
    assert 0 < max(steps) <= 1 / (16 * 2 + 1) + 1e-6


def source_of(picture: Tensor) -> NDArray[np.uint8]:
    return (picture[0].permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()


def test_the_same_rows_come_out_wherever_the_work_begins(tmp_path: Path) -> None:
    upscaler, source = Upscaler(toys.model("SPAN x4", tmp_path), CPU, "fp32"), source_of(waves(900, 40))
    whole = torch.cat(list(upscaler.rows(source, 0, 900, Tiling())), 2)
    for top_px, bottom_px in ((0, 50), (333, 500), (700, 900)):
        part = torch.cat(list(upscaler.rows(source, top_px, bottom_px, Tiling(strip_px=96))), 2)
        assert torch.equal(part, whole[:, :, top_px * 4 : bottom_px * 4])


def test_the_gate_and_its_progress_do_not_know_the_difference(tmp_path: Path) -> None:
    upscaler, source, done = Upscaler(toys.model("SPAN x4", tmp_path), CPU, "fp32"), source_of(waves(230, 240)), 0.0

    def tick(work: float) -> None:
        nonlocal done
        done += work

    rows = np.concatenate(list(gate.enlarged(upscaler, source, Tiling(tick=tick))))
    at_once = Foreign(describe(toys.state("SPAN x4"))).eval()(waves(230, 240)).clamp(0, 1)
    assert np.abs(rows.astype(int) - source_of(at_once)).max() <= 3
    assert done == pytest.approx(upscaler.work(230 * 240))
