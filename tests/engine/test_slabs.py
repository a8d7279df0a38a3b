"""Wide pictures are computed slab after slab, and nobody can tell."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixelift.engine import gate, memory, pipeline, slabs
from pixelift.engine.options import Options
from pixelift.engine.orders import Order, Outcome, Progress
from pixelift.engine.streaming import Tiling
from pixelift.engine.upscaler import Upscaler
from tests.engine import toys
from tests.engine.conftest import FAST

NARROW_PX = 80  # of which 36 are the small network's surroundings


@given(st.integers(1, 20_000), st.integers(1, 9_000), st.integers(0, 400), st.sampled_from([1, 2, 192]))
def test_slabs_cover_every_column_once(width_px: int, slab_px: int, reach_px: int, align_px: int) -> None:
    cut = slabs.cut(width_px, slab_px, reach_px, align_px)
    assert (cut[0].left_px, cut[-1].right_px) == (0, width_px)
    assert all(one.right_px == other.left_px for one, other in pairwise(cut))
    for slab in cut:
        assert slab.left_px % align_px == slab.from_px % align_px == 0
        assert slab.from_px <= max(0, slab.left_px - reach_px)
        assert slab.to_px == min(width_px, slab.right_px + reach_px)
        assert slab.to_px - slab.from_px <= max(slab_px, align_px + 2 * reach_px) + 2 * align_px


class Made:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        noise = np.random.default_rng(1).integers(0, 255, (20, 300, 3), np.uint8)
        Image.fromarray(noise).save(folder / "source.png")

    def __call__(self, network_bytes: int, scratch: str | None = None, die_at: float = 101, **options: Any) -> Outcome:
        def hear(progress: Progress) -> None:
            if progress.reached >= die_at:
                raise KeyboardInterrupt

        order = Order(
            self.folder / "source.png",
            self.folder / "result",
            Options(**{"model": FAST, **options}),
            scratch_dir=self.folder / scratch if scratch else None,
        )
        return pipeline.run(order, replace(pipeline.tools("cpu"), network_bytes=network_bytes), hear)


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    monkeypatch.setattr(memory, "NARROWEST_SLAB_PX", NARROW_PX)
    return Made(tmp_path)


@pytest.mark.parametrize("options", [{"scale": 4}, {"scale": 2.6}, {"scale": 6}], ids=str)
def test_slabs_give_the_very_same_file(make: Made, options: dict[str, Any]) -> None:
    whole, cut = make(10**9, **options), make(0, **options)
    assert cut.sha256 == whole.sha256
    assert cut.fidelity_db == whole.fidelity_db
    assert cut.network_pixels > whole.network_pixels


@pytest.mark.parametrize("options", [{"scale": 4}, {"scale": 6}], ids=str)
def test_what_was_killed_goes_on_with_the_slab_it_was_at(
    make: Made, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    monkeypatch.setattr("pixelift.engine.meter._QUIET_S", 0)
    whole = make(0, **options)
    with pytest.raises(KeyboardInterrupt):
        make(0, "scratch", die_at=60, **options)
    resumed = make(0, "scratch", **options)
    assert resumed.sha256 == whole.sha256
    assert resumed.network_pixels < 0.7 * whole.network_pixels


def test_tiles_of_foreign_networks_are_cut_where_they_meet(tmp_path: Path) -> None:
    upscaler = Upscaler(toys.model("SPAN x4", tmp_path), torch.device("cpu"), "fp32")
    source = np.random.default_rng(2).integers(0, 255, (40, 1000, 3), np.uint8)
    whole = np.concatenate(list(gate.enlarged(upscaler, source, Tiling())))
    for slab in slabs.cut(1000, 800, upscaler.reach_px, upscaler.align_px):
        part = np.concatenate(list(gate.enlarged(upscaler, source[:, slab.from_px : slab.to_px], Tiling())))
        own = part[:, (slab.left_px - slab.from_px) * 4 : (slab.right_px - slab.from_px) * 4]
        assert np.array_equal(own, whole[:, slab.left_px * 4 : slab.right_px * 4])
