from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from spandrel.architectures.RestoreFormer import RestoreFormer
from torch import Tensor, nn

from pixelift.engine.faces import portraits
from pixelift.engine.faces.centerface import CenterFace
from pixelift.engine.faces.portraits import Portraits
from pixelift.engine.faces.restoration import Restorer
from pixelift.engine.geometry import Window
from pixelift.engine.orders import Untouched
from pixelift.engine.pixels import Pixels
from tests.engine.faces.conftest import Make

Bytes = NDArray[np.uint8]


def _restored(source: Pixels, restorer: Restorer, factor: int = 1) -> Portraits:
    window = Window.whole((source.shape[0], source.shape[1]), (source.shape[0] * factor, source.shape[1] * factor))
    return portraits.restored(source, window, CenterFace(), restorer, lambda _part: None)


def _pasted(source: Pixels, found: Portraits, strength: float = 1) -> Pixels:
    ((_top_px, rows),) = found.pasted(iter([(0, source.copy())]), strength)
    return rows


def _stripes(faces: Tensor) -> Tensor:
    out = torch.full_like(faces, -1)
    out[:, 0, ::2] = 1
    return out


def test_a_restorer_that_changes_nothing_changes_nothing(astronaut: Bytes, toy: Make) -> None:
    blurred = np.asarray(Image.fromarray(astronaut).resize((64, 64)).resize((512, 512), Image.Resampling.BICUBIC))
    deep = blurred.astype(np.uint16) * 257
    for source, levels in ((blurred, 2), (deep, 2 * 257)):
        found = _restored(source, toy())
        assert [face.similarity for face in found.faces] == [1.0]
        pasted = _pasted(source, found)
        assert np.abs(pasted.astype(int) - source).max() <= levels
        assert pasted.dtype == source.dtype


def test_what_a_restorer_paints_lands_on_the_face_and_nowhere_else(astronaut: Bytes, toy: Make) -> None:
    found = _restored(astronaut, toy(_stripes))
    changed = (_pasted(astronaut, found) != astronaut).any(2)
    assert changed[95:112, 196:254].all()  # around the eyes
    rows, columns = np.nonzero(changed)
    assert (rows.min(), columns.min()) > (20, 140)
    assert (rows.max(), columns.max()) < (200, 310)


def test_faces_in_one_batch_become_what_they_become_one_by_one(two_faces: Bytes, narrow: nn.Module) -> None:
    alone, together = (_restored(two_faces, Restorer(narrow, torch.device("cpu"), batch)) for batch in (1, 2))
    assert len(alone.patches) == len(together.patches) == 2
    assert [face.box for face in alone.faces] == [face.box for face in together.faces]
    for one, other in zip(alone.patches, together.patches, strict=True):
        assert np.abs(one.light - other.light).max() < 1e-4


def test_restoreformer_is_asked_in_the_same_way() -> None:
    how = {"ch": 32, "embed_dim": 32, "z_channels": 32, "n_embed": 8, "num_res_blocks": 1, "attn_resolutions": (16,)}
    torch.manual_seed(0)
    network = RestoreFormer(**how, ch_mult=(1, 2, 2, 4, 4, 8), head_size=8, double_z=False, enable_mid=True)
    portrait = np.random.default_rng(0).random((64, 64, 3), np.float32)
    (face,) = Restorer(network.eval(), torch.device("cpu"), 1).restored([portrait])
    assert not isinstance(face, Untouched)
    with torch.inference_mode():
        expected = network(torch.from_numpy(portrait).permute(2, 0, 1)[None] * 2 - 1)[0][0].permute(1, 2, 0)
    assert np.abs(face * 2 - 1 - np.asarray(expected).clip(-1, 1)).max() < 1e-5


def test_a_result_is_the_same_every_time(astronaut: Bytes, narrow: nn.Module) -> None:
    restorer = Restorer(narrow, torch.device("cpu"), 1)
    torch.manual_seed(1)
    first = _restored(astronaut, restorer)
    torch.manual_seed(2)
    assert np.array_equal(_restored(astronaut, restorer).patches[0].light, first.patches[0].light)


def test_a_face_on_which_the_network_stops_stays_and_is_reported(two_faces: Bytes, toy: Make) -> None:
    def stops(faces: Tensor) -> Tensor:
        if len(faces) > 1 or faces[0, :, :, :256].mean() > faces[0, :, :, 256:].mean():
            raise RuntimeError("no")
        return _stripes(faces)

    found = _restored(two_faces, toy(stops, batch=2))
    assert {(face.restored, face.reason) for face in found.faces} == {(True, None), (False, Untouched.FAILED)}
    (left,) = (face for face in found.faces if not face.restored)
    pasted = _pasted(two_faces, found)
    box = (slice(left.box[1], left.box[3]), slice(left.box[0], left.box[2]))
    assert left.similarity is None
    assert np.array_equal(pasted[box], two_faces[box])
    assert not np.array_equal(pasted, two_faces)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.1])
def test_what_cannot_be_a_face_is_not_pasted(astronaut: Bytes, toy: Make, value: float) -> None:
    found = _restored(astronaut, toy(lambda faces: torch.full_like(faces, value)))
    assert [(face.restored, face.reason) for face in found.faces] == [(False, Untouched.BLANK)]
    assert np.array_equal(_pasted(astronaut, found), astronaut)


def test_a_face_too_small_to_say_anything_is_left_alone(astronaut: Bytes, toy: Make, monkeypatch: Any) -> None:
    monkeypatch.setattr(portraits, "_NEAREST_EYES_PX", 60)
    assert [face.reason for face in _restored(astronaut, toy()).faces] == [Untouched.TOO_SMALL]


def test_of_too_many_faces_the_largest_are_restored(two_faces: Bytes, toy: Make, monkeypatch: Any) -> None:
    monkeypatch.setattr(portraits, "_MOST", 1)
    assert [face.reason for face in _restored(two_faces, toy()).faces] == [None, Untouched.TOO_MANY]


def test_similarity_falls_the_less_the_face_is_the_same(astronaut: Bytes, toy: Make) -> None:
    changes = (lambda faces: faces * 0.8, lambda faces: faces + torch.roll(faces, 60, 3), _stripes)
    same, doubled, other = (_restored(astronaut, toy(change)).faces[0].similarity or 0 for change in changes)
    assert same == pytest.approx(1)
    assert other < doubled < 0.95


def test_a_picture_without_a_face_has_none(toy: Make) -> None:
    found = _restored(np.full((64, 64), 90, np.uint8), toy())
    assert found == Portraits("centerface")


def test_work_can_be_stopped_between_batches(two_faces: Bytes, toy: Make) -> None:
    class Stopped(Exception): ...

    def stop(part: float) -> None:
        assert part == 0.5
        raise Stopped

    with pytest.raises(Stopped):
        portraits.restored(two_faces, Window.whole((256, 512), (256, 512)), CenterFace(), toy(), stop)
