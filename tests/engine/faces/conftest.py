from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage import data
from spandrel.architectures.GFPGAN import GFPGAN
from torch import Tensor, nn

from pixelift.engine.faces.restoration import Restorer

Change = Callable[[Tensor], Tensor]
Make = Callable[..., Restorer]


class Toy(nn.Module):
    """A network that does one simple thing to faces (N, 3, 512, 512) in [-1, 1]."""

    def __init__(self, change: Change) -> None:
        super().__init__()
        self.change = change

    def forward(self, faces: Tensor, **_how: Any) -> tuple[Tensor, list[Tensor]]:
        return self.change(faces), []


@pytest.fixture(scope="session")
def toy() -> Make:
    def make(change: Change = lambda faces: faces, batch: int = 1) -> Restorer:
        return Restorer(Toy(change), torch.device("cpu"), batch)

    return make


@pytest.fixture(scope="session")
def narrow() -> nn.Module:
    """GFPGAN's architecture with few channels and random numbers, its noise as loud as in a trained network."""
    torch.manual_seed(1)
    network: nn.Module = GFPGAN(narrow=0.0625, channel_multiplier=1)
    for name, parameter in network.get_submodule("stylegan_decoder").named_parameters():
        if name.startswith("style_conv") and parameter.numel() == 1:
            parameter.data.fill_(0.5)
    return network.eval().requires_grad_(requires_grad=False)


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.uint8]:
    """Eileen Collins in 1999, (512, 512, 3), looking into the camera."""
    return np.asarray(data.astronaut())  # type: ignore[no-untyped-call]


@pytest.fixture(scope="session")
def two_faces(astronaut: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same face twice, one of them mirrored."""
    face = astronaut[:256, 96:352]
    return np.hstack([face, face[:, ::-1]])
