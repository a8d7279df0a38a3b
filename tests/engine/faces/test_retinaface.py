"""RetinaFace's weights are a download, so its architecture is proved against facexlib's with random numbers."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from bench.parts import reference
from pixelift.engine.faces import retinaface

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 13), reason="the reference is not installed on this Python")


@pytest.fixture(scope="module")
def theirs() -> nn.Module:
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it asks torchvision by an old name
        network: nn.Module = reference.package("facexlib.detection.retinaface").RetinaFace("resnet50")
    network.get_parameter("body.conv1.weight").data.mul_(0.01)  # or the numbers grow beyond all bounds
    return network


def test_the_published_weights_fit_and_find_what_facexlib_finds(
    theirs: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = retinaface.built(theirs.state_dict())
    rgb = np.random.default_rng(0).integers(0, 256, (133, 201, 3), np.uint8)
    scores = ours(torch.from_numpy(rgb[..., ::-1].copy()).permute(2, 0, 1)[None] - retinaface.MEAN_BGR)[0]
    threshold = float(scores.sort().values[-20:].mean())
    monkeypatch.setattr(retinaface, "_THRESHOLD", threshold)
    with torch.no_grad():
        expected = theirs.detect_faces(rgb[..., ::-1], threshold, nms_threshold=2)  # type: ignore[operator]
    found = sorted(ours.candidates(rgb), key=lambda one: -one.score)
    assert len(found) == len(expected) > 2
    for one, row in zip(found, expected, strict=True):
        assert np.abs(np.concatenate([one.box, [one.score], one.landmarks.ravel()]) - row).max() < 1e-3
