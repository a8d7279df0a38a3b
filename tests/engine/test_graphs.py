"""Recordings stand in for a function only where they give the very same numbers."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from pixelift.engine.graphs import Function, Replayed


class Recorder:
    """Where there is no GPU: "records" by keeping the function, off by `error`."""

    def __init__(self, error: float = 0.0) -> None:
        self.shapes: list[torch.Size] = []
        self.replays = 0
        self._error = error

    def __call__(self, function: Function, rows: Tensor) -> Function:
        self.shapes.append(rows.shape)

        def replay(rows: Tensor) -> Tensor:
            self.replays += 1
            return function(rows) + self._error

        return replay


def rows(width_px: int) -> Tensor:
    return torch.rand(1, 3, 4, width_px)


def test_a_shape_is_recorded_when_it_comes_again_and_replayed_from_then_on() -> None:
    recorder = Recorder()
    doubled = Replayed(lambda rows: rows * 2, recorder)
    for width_px in (8, 5, 8, 8, 8):
        picture = rows(width_px)
        assert torch.equal(doubled(picture), picture * 2)
    assert recorder.shapes == [torch.Size((1, 3, 4, 8))]
    assert recorder.replays == 3  # the check, and two in earnest


def test_a_recording_that_gives_other_numbers_is_not_used(caplog: pytest.LogCaptureFixture) -> None:
    doubled = Replayed(lambda rows: rows * 2, Recorder(error=1e-3))
    for _ in range(4):
        picture = rows(8)
        assert torch.equal(doubled(picture), picture * 2)
    assert "gave other numbers" in caplog.text


def test_few_shapes_are_kept() -> None:
    recorder = Recorder()
    doubled = Replayed(lambda rows: rows * 2, recorder)
    for width_px in (*range(1, 9), 1, 1):
        doubled(rows(width_px))
    assert recorder.shapes == [torch.Size((1, 3, 4, 1))]


def test_out_of_memory_lets_go_of_all_recordings() -> None:
    def record(_function: Function, _rows: Tensor) -> Function:
        raise torch.OutOfMemoryError

    doubled = Replayed(lambda rows: rows * 2, record)
    doubled(rows(8))
    with pytest.raises(torch.OutOfMemoryError):
        doubled(rows(8))
    picture = rows(8)
    assert torch.equal(doubled(picture), picture * 2)
