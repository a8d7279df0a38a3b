from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from spandrel.architectures.GFPGAN import GFPGAN
from torch import Tensor

from pixelift.engine import pipeline, planning
from pixelift.engine import shelf as shelves
from pixelift.engine.catalogue import File, Kind, Model
from pixelift.engine.faces import restoration
from pixelift.engine.inspection import Facts
from pixelift.engine.options import Fit, Options
from pixelift.engine.orders import Order, Outcome, Progress, Stage
from pixelift.engine.shelf import Shelf
from pixelift.errors import ModelNotInstalled
from tests.engine.faces.conftest import Make

Bytes = NDArray[np.uint8]
Run = Callable[..., tuple[Bytes, Outcome]]

PHOTO = Facts("jpeg", 300, 200, False, 8, "RGB", False, False)


def _model(path: Path) -> Model:
    return Model(
        name="restorer",
        title="",
        description="",
        architecture="GFPGANv1Clean",
        native_scale=1,
        licence="",
        size_bytes=path.stat().st_size,
        files=(File(path.name, hashlib.sha256(path.read_bytes()).hexdigest()),),
        remedy="pixelift models pull restorer",
        kind=Kind.FACE,
    )


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the whole engine in this process, with the small network and a face model that lies in `tmp_path`."""

    def run(
        source: Bytes | Path,
        heard: list[Progress] | None = None,
        network_bytes: int = 1_000_000_000,
        chunk_px: int = 512,
        **asked: Any,
    ) -> tuple[Bytes, Outcome]:
        path = source if isinstance(source, Path) else tmp_path / "source.png"
        if not isinstance(source, Path):
            Image.fromarray(source).save(path)
        (tmp_path / "face.pth").touch()
        monkeypatch.setattr(shelves, "PUBLISHED", (_model(tmp_path / "face.pth"),))
        options = Options(**{"model": "realesr-animevideov3", "scale": 2, "enhance_face": 1, **asked})
        kit = replace(pipeline.tools("cpu", "fp32", tmp_path), network_bytes=network_bytes, chunk_px=chunk_px)
        outcome = pipeline.run(Order(path, tmp_path / "result", options), kit, ([] if heard is None else heard).append)
        return np.asarray(Image.open(tmp_path / "result")), outcome

    return run


@pytest.fixture
def painted(run: Run, toy: Make, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run it with a restorer that paints red and black stripes."""

    def stripes(faces: Tensor) -> Tensor:
        out = torch.full_like(faces, -1)
        out[:, 0, ::2] = 1
        return out

    monkeypatch.setattr(restoration, "restorer", lambda _model, _device: toy(stripes))
    return run


@pytest.fixture(scope="module")
def head(astronaut: Bytes) -> Bytes:
    return astronaut[24:216, 128:320].copy()


def test_a_photo_s_face_goes_through_the_network_of_the_true_architecture(
    head: Bytes, run: Run, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    torch.save({"params_ema": GFPGAN().state_dict()}, tmp_path / "face.pth")
    plain, before = run(head, enhance_face=0)
    pixels, outcome = run(head, enhance_face=0.8)
    (face,) = outcome.faces
    assert (face.restored, face.reason) == (True, None)
    assert np.abs(np.array(face.box) - (54, 34, 142, 154)).max() < 5
    assert (outcome.face_model, outcome.face_detector) == ("restorer", "centerface")
    assert (before.face_model, before.face_detector, before.faces) == (None, None, ())
    changed = (pixels != plain).any(2)
    assert changed[2 * 60 : 2 * 130, 2 * 70 : 2 * 125].mean() > 0.95
    assert not changed[:, :12].any()
    assert not changed[-12:].any()


def test_alpha_is_untouched_and_what_lies_outside_of_faces_keeps_every_byte(head: Bytes, painted: Run) -> None:
    alpha = np.linspace(100, 255, head.shape[1]).astype(np.uint8)
    source = np.dstack([head, np.broadcast_to(alpha, head.shape[:2])])
    plain, _ = painted(source, enhance_face=0)
    pixels, _ = painted(source)
    assert np.array_equal(pixels[..., 3], plain[..., 3])
    assert np.array_equal(pixels[:, :40], plain[:, :40])
    assert pixels[2 * 78, 2 * 76, 0] > 150


def test_faces_are_where_a_cut_and_stretched_picture_has_them(head: Bytes, painted: Run) -> None:
    eyes = ((203 - 128, 102 - 24), (247 - 128, 105 - 24))
    cut, _ = painted(head, width_px=300, height_px=200, fit=Fit.COVER)
    stretched, _ = painted(head, width_px=500, height_px=130, fit=Fit.EXACT)
    for x, y in eyes:
        for pixels, column, row in (
            (cut, x * 300 / 192, y * 300 / 192 - 50),
            (stretched, x * 500 / 192, y * 130 / 192),
        ):
            red, green, blue = pixels[round(row) - 2 : round(row) + 3, round(column)].mean(0)
            assert red > 150
            assert max(green, blue) < 5


def test_boxes_are_told_in_the_source_s_pixels_though_a_smaller_picture_is_made(head: Bytes, painted: Run) -> None:
    _, enlarged = painted(head)
    pixels, shrunk = painted(head, width_px=144)
    assert np.abs(np.array(shrunk.faces[0].box) - enlarged.faces[0].box).max() <= 12
    assert pixels[round(78 * 0.75), round(75 * 0.75), 0] > 150


def test_16_bits_stay_16_bits_with_faces_and_strips_of_any_height_give_the_same_bytes(
    head: Bytes, painted: Run, tmp_path: Path
) -> None:
    deep = head[16:].astype(np.uint16) * 257 + np.arange(192, dtype=np.uint16)[:, None] % 100
    cv2.imwrite(str(tmp_path / "deep.png"), deep[..., ::-1])
    _, outcome = painted(tmp_path / "deep.png")
    pixels = np.asarray(cv2.imread(str(tmp_path / "result"), cv2.IMREAD_UNCHANGED))
    assert (str(pixels.dtype), outcome.bit_depth) == ("uint16", 16)
    assert len(np.unique(pixels)) > 10_000
    assert [face.restored for face in outcome.faces] == [True]
    _, again = painted(tmp_path / "deep.png", network_bytes=0, chunk_px=64)
    assert again.sha256 == outcome.sha256


def test_a_grey_picture_with_a_face_stays_grey(head: Bytes, painted: Run) -> None:
    grey = head[..., 1].copy()
    plain, _ = painted(grey, enhance_face=0)
    pixels, outcome = painted(grey)
    assert pixels.shape == plain.shape == (384, 384)
    assert [face.restored for face in outcome.faces] == [True]
    assert not np.array_equal(pixels, plain)


def test_without_a_face_the_result_is_what_it_would_be_anyway(painted: Run) -> None:
    empty = np.random.default_rng(0).integers(0, 256, (40, 30, 3), np.uint8)
    _, plain = painted(empty, enhance_face=0)
    _, outcome = painted(empty)
    assert (outcome.faces, outcome.sha256) == ((), plain.sha256)
    assert (outcome.face_model, outcome.face_detector) == ("restorer", "centerface")


def test_faces_have_a_stage_of_their_own_and_percent_never_falls(head: Bytes, painted: Run) -> None:
    heard: list[Progress] = []
    _, outcome = painted(head, heard)
    stages = list(dict.fromkeys(progress.stage for progress in heard))
    assert stages == [Stage.DECODING, Stage.FACES, Stage.UPSCALING, Stage.ENCODING]
    percents = [progress.percent for progress in heard]
    assert percents == sorted(percents)
    assert outcome.seconds["faces"] > 0


def test_faces_without_a_network_for_them_are_refused_with_the_command_that_brings_one(tmp_path: Path) -> None:
    with pytest.raises(ModelNotInstalled, match=r"Run: pixelift models pull GFPGANv1\.4$"):
        planning.plan(PHOTO, Options(enhance_face=0.1), Shelf(tmp_path))
    assert planning.plan(PHOTO, Options(), Shelf(tmp_path)).face_model is None


def test_any_face_network_that_is_here_will_do(tmp_path: Path) -> None:
    (tmp_path / "RestoreFormer.pth").touch()
    plan = planning.plan(PHOTO, Options(enhance_face=1), Shelf(tmp_path))
    assert plan.face_model is not None
    assert plan.face_model.name == "RestoreFormer"


def test_codeformer_is_installed_when_the_package_of_its_architecture_is_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "codeformer.pth").touch()
    (model,) = (model for model in Shelf(tmp_path).all(Kind.FACE) if model.package)
    assert model.name == "CodeFormer"
    assert not model.installed
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: sys.modules[__name__])
    assert model.installed
