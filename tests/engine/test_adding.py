"""Networks of strangers: taken in when they are networks, refused in a sentence otherwise, and never run."""

from __future__ import annotations

import dataclasses
import io
import os
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from spandrel.architectures.RestoreFormer import RestoreFormer

from pixelift.engine import adding, checkpoints, pipeline, weights
from pixelift.engine.adding import Label
from pixelift.engine.catalogue import Kind
from pixelift.engine.faces import restoration
from pixelift.engine.ncnn import ForeignWeights
from pixelift.engine.options import Options
from pixelift.engine.orders import Order, Untouched
from pixelift.engine.shelf import Shelf
from pixelift.errors import Conflict, ModelNotInstalled, ValidationFailed
from tests.engine import toys
from tests.engine.conftest import Make, Save


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "models")


class Hostile:
    """Runs a command when it is unpickled freely."""

    def __init__(self, sign: Path) -> None:
        self._sign = sign

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self._sign}",)


def hostile(sign: Path) -> bytes:
    return pickle.dumps({"params": Hostile(sign)}, protocol=2)


def hostile_archive(sign: Path) -> bytes:
    file = io.BytesIO()
    torch.save({"weight": torch.zeros(2)}, file)
    out = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.infolist():
            target.writestr(part.filename, hostile(sign) if part.filename.endswith("data.pkl") else source.read(part))
    return out.getvalue()


def bomb(_sign: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(50_000_000))
    return out.getvalue()


def truncated(_sign: Path) -> bytes:
    file = io.BytesIO()
    torch.save(toys.state("SPAN x4"), file)
    return file.getvalue()[:-2000]


def incoherent(_sign: Path) -> bytes:
    """An archive of the old kind whose list of storages names another one."""
    file = io.BytesIO()
    torch.save({"weight": torch.zeros(2)}, file, _use_new_zipfile_serialization=False)
    head, key, rest = file.getvalue().rpartition(re.findall(rb"\d{9,}", file.getvalue())[-1])
    return head + key[::-1] + rest


def foreign(_sign: Path) -> bytes:
    file = io.BytesIO()
    torch.save({"weight": torch.zeros(3, 3)}, file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (hostile, "plain weights"),
        (hostile_archive, "plain weights"),
        (bomb, "unpacks to more"),
        (truncated, "plain weights"),
        (incoherent, "plain weights"),
        (foreign, "architecture is not one"),
        (lambda _sign: b"hello", "plain weights"),
    ],
    ids=["pickle", "archive", "bomb", "truncated", "incoherent", "foreign", "text"],
)
def test_bad_files_are_no_networks_and_nothing_in_them_runs(
    tmp_path: Path, make: Callable[[Path], bytes], reason: str
) -> None:
    with pytest.raises(ForeignWeights, match=reason):
        checkpoints.describe(checkpoints.read(make(tmp_path / "it-ran"), ".pth"))
    assert not (tmp_path / "it-ran").exists()


def test_a_hostile_file_is_refused_in_a_sentence_and_leaves_nothing(shelf: Shelf, tmp_path: Path) -> None:
    file = tmp_path / "bad.pth"
    file.write_bytes(hostile(tmp_path / "it-ran"))
    with pytest.raises(ValidationFailed, match=r"^bad.pth was refused: it does not hold plain weights\.$"):
        adding.add(file, shelf)
    assert not (tmp_path / "it-ran").exists()
    assert list(tmp_path.glob("models/*")) == []


@pytest.mark.parametrize("name", ["empty.pth", "weights.ckpt"])
def test_files_are_refused_by_what_they_are_called_and_how_large_they_are(
    shelf: Shelf, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).touch()
    with pytest.raises(ValidationFailed, match=f"{name} was refused"):
        adding.add(tmp_path / name, shelf)


def test_what_is_no_file_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pth")
    for path in adding.files(tmp_path / "pipe.pth"):
        with pytest.raises(ValidationFailed, match="it is no file"):
            adding.add(path, shelf)


def test_the_hostile_file_is_one(tmp_path: Path) -> None:
    pickle.loads(hostile(tmp_path / "it-ran"))
    assert (tmp_path / "it-ran").exists()


def test_safetensors_that_lie_are_refused() -> None:
    with pytest.raises(ForeignWeights, match="plain weights"):
        checkpoints.read((1 << 60).to_bytes(8, "little") + b"{}", ".safetensors")


@pytest.mark.parametrize("name", ["auto", "..", "a/b", "-x", "n" * 65])
def test_a_bad_name_is_refused(shelf: Shelf, tmp_path: Path, name: str) -> None:
    file = toys.write("SPAN x4", tmp_path / "toy.pth")
    with pytest.raises(ValidationFailed, match="cannot name a model"):
        adding.add(file, shelf, Label(name=name))


def test_an_added_network_enlarges_pictures(shelf: Shelf, tmp_path: Path, picture: Make, save: Save) -> None:
    label = Label(name="my-span", title="Mine", licence="MIT", licence_text="Do as you like.")
    added = adding.add(toys.write("SPAN x4", tmp_path / "toy.pth"), shelf, label)
    assert Shelf(shelf.folder).find("my-span") == added
    assert (added.title, added.architecture, added.native_scale, added.licence) == ("Mine", "SPAN", 4, "MIT")
    assert (tmp_path / "models" / "my-span.licence.txt").read_text() == "Do as you like."
    order = Order(save(picture(30, 20)), tmp_path / "result", Options(model="my-span", scale=4))
    outcome = pipeline.run(order, pipeline.tools("cpu", models_dir=shelf.folder), lambda _progress: None)
    assert (outcome.width_px, outcome.height_px, outcome.model) == (120, 80, "my-span")
    with pytest.raises(Conflict, match="already"):
        adding.add(tmp_path / "toy.pth", shelf, label)


def test_an_official_file_that_was_downloaded_elsewhere_is_recognised(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    official = dataclasses.replace(toys.model("SPAN x4", tmp_path), name="official")
    monkeypatch.setattr(adding, "PUBLISHED", (official,))
    (tmp_path / "renamed.pth").write_bytes(official.paths[0].read_bytes())
    added = adding.add(tmp_path / "renamed.pth", shelf)
    assert (added.name, added.installed) == ("official", True)
    assert [path.name for path in tmp_path.glob("models/*")] == [official.files[0].name]


@pytest.mark.filterwarnings("ignore:torch.meshgrid")  # spandrel's, of SwinIR
def test_a_file_that_is_changed_afterwards_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    added = adding.add(toys.write("SwinIR x2", tmp_path / "my swin.safetensors"), shelf)
    assert added.name == "my-swin"
    content = bytearray(added.paths[0].read_bytes())
    content[-1] ^= 1
    added.paths[0].write_bytes(content)
    with pytest.raises(ModelNotInstalled, match="damaged"):
        weights.load(shelf.find("my-swin"))


def test_a_record_that_was_tampered_with_is_passed_over(shelf: Shelf, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "x.json").write_text('{"name": "../../etc/passwd", "suffix": ".pth"}')
    (folder / "y.json").write_text("[")
    assert len(shelf.all()) == len(Shelf().all())


def test_a_network_that_restores_faces_is_added_as_one(shelf: Shelf, tmp_path: Path) -> None:
    torch.manual_seed(0)
    how = {"ch": 32, "embed_dim": 32, "z_channels": 32, "n_embed": 8, "num_res_blocks": 1, "attn_resolutions": (16,)}
    network = RestoreFormer(**how, ch_mult=(1, 1, 1, 1, 1, 1), head_size=8, double_z=False, enable_mid=True)
    torch.save({"state_dict": network.state_dict()}, tmp_path / "faces.pth")
    adding.add(tmp_path / "faces.pth", shelf)
    (model,) = shelf.installed(Kind.FACE)
    assert (model.name, model.description) == ("faces", "Added here. RestoreFormer, restores faces.")
    assert model.name not in [other.name for other in shelf.all(Kind.UPSCALE)]
    portrait = np.random.default_rng(0).random((64, 64, 3), np.float32)
    (face,) = restoration.restorer(model, torch.device("cpu")).restored([portrait])
    assert not isinstance(face, Untouched)
