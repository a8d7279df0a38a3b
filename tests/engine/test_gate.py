"""What the network says is looked at before it becomes a result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from pixelift.engine import gate
from pixelift.engine.shelf import Shelf
from pixelift.engine.streaming import Tiling
from pixelift.engine.upscaler import Upscaler
from pixelift.errors import EngineOutputRejected

CPU = torch.device("cpu")
FAST = Shelf().find("realesr-animevideov3")
SOURCE = np.random.default_rng(5).integers(0, 256, (80, 24, 3), np.uint8)
TILING = Tiling(strip_px=16)


def enlarged(upscaler: Upscaler, source: Any = SOURCE) -> Any:
    return np.concatenate(list(gate.enlarged(upscaler, source, TILING)))


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have one precision come out wrong."""
    rows = Upscaler.rows

    def install(precisions: set[str], value: float) -> None:
        def spoilt(self: Upscaler, *arguments: Any) -> Iterator[Tensor]:
            for number, tensor in enumerate(rows(self, *arguments)):
                wrong = self.precision in precisions and (number in {0, 2} or self.precision == "fp32")
                yield torch.full_like(tensor, value) if wrong else tensor

        monkeypatch.setattr(Upscaler, "rows", spoilt)

    return install


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0, 0.7])
def test_blank_rows_are_computed_again_in_full_precision(value: float, spoil: Any) -> None:
    expected = enlarged(Upscaler(FAST, CPU, "fp32"))
    spoil({"bf16"}, value)
    result = enlarged(Upscaler(FAST, CPU, "bf16"))
    assert np.array_equal(result[:28], expected[:28])
    assert np.abs(result.astype(int) - expected).max() < 16


def test_rows_that_stay_blank_are_no_result(spoil: Any) -> None:
    spoil({"bf16", "fp32"}, 0.0)
    with pytest.raises(EngineOutputRejected):
        enlarged(Upscaler(FAST, CPU, "bf16"))


@pytest.mark.parametrize("level", [0, 130, 255])
def test_a_flat_source_may_stay_flat(level: int) -> None:
    result = enlarged(Upscaler(FAST, CPU, "bf16"), np.full((20, 20, 3), level, np.uint8))
    assert np.abs(result[16:-16, 16:-16].astype(int) - level).max() < 12


def test_a_speck_may_be_taken_for_noise() -> None:
    night = np.zeros((64, 64, 3), np.uint8)
    night[32, 32] = 30
    assert enlarged(Upscaler(FAST, CPU, "bf16"), night).max() <= 2


def test_out_of_memory_goes_on_in_smaller_chunks_with_the_same_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    expected, rows, chunks = enlarged(Upscaler(FAST, CPU, "bf16")), Upscaler.rows, []

    def tight(self: Upscaler, source: Any, top_px: int, bottom_px: int, tiling: Tiling) -> Iterator[Tensor]:
        chunks.append((tiling.chunk_px, top_px))
        for number, tensor in enumerate(rows(self, source, top_px, bottom_px, tiling)):
            if number == 2 and tiling.chunk_px > 128:
                raise torch.OutOfMemoryError
            yield tensor

    monkeypatch.setattr(Upscaler, "rows", tight)
    assert np.array_equal(enlarged(Upscaler(FAST, CPU, "bf16")), expected)
    assert [chunk for chunk, _top in chunks] == [512, 256, 128]
    assert [top for _chunk, top in chunks] == sorted({top for _chunk, top in chunks})


def test_any_rows_of_a_picture_are_those_of_the_whole() -> None:
    upscaler = Upscaler(FAST, CPU, "bf16")
    whole = torch.cat(list(upscaler.rows(SOURCE, 0, 80, TILING)), 2)
    part = torch.cat(list(upscaler.rows(SOURCE, 33, 58, TILING)), 2)
    assert torch.equal(part, whole[:, :, 33 * 4 : 58 * 4])
