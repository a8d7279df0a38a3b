"""Which detector looks for faces."""

from __future__ import annotations

import torch

from pixelift.engine.catalogue import Kind
from pixelift.engine.faces import retinaface
from pixelift.engine.faces.centerface import CenterFace
from pixelift.engine.faces.detection import Detector
from pixelift.engine.shelf import Shelf


def best(shelf: Shelf, device: torch.device) -> Detector:
    """Return RetinaFace where its weights were pulled, and otherwise the one that came with the installation."""
    for model in shelf.installed(Kind.DETECTION):
        return retinaface.detector(model, device)
    return CenterFace()
