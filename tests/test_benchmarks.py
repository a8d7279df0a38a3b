"""The benchmarks still run, and what they print is a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from bench import scale
from bench.parts import contest
from bench.parts.load import Case
from bench.parts.score import HEAD
from bench.parts.task import Task

FAST = "realesr-animevideov3"


def test_peers_of_the_same_weights_make_the_same_picture(tmp_path: Path) -> None:
    noise = np.random.default_rng(4).integers(0, 256, (16, 20, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "source.png")
    scores = contest.hold(Task(FAST, tmp_path / "source.png", tmp_path, threads=1), ["ncnn-fp32", "pixelift-files"], 2)
    assert scores["ncnn-fp32"].psnr_db > 70
    assert 45 < scores["pixelift-files"].psnr_db < scores["ncnn-fp32"].psnr_db
    for score in scores.values():
        assert len(score.seconds) == 2
        assert min(score.seconds) > 0
        assert 20 < score.loaded_mb <= score.peak_mb
        assert score.row(None, 1.0, 100.0).count("|") == HEAD.splitlines()[1].count("|")


def test_a_picture_of_any_shape_is_measured_in_the_engines_child() -> None:
    case = Case(FAST, 0.004, "wide")
    assert case.size_px == (253, 16)
    load = case.measure(2, 1000)
    assert 50 < load.anonymous_mb < load.peak_mb
    assert sum(load.stages_s.values()) <= load.all_s
    columns = scale.HEAD.splitlines()[1].count("|")
    assert load.row().count("|") == load.extrapolated(4).count("|") == columns
