"""A restoring network at work on aligned faces."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pixelift.engine import warm, weights
from pixelift.engine.catalogue import Model
from pixelift.engine.checkpoints import Foreign
from pixelift.engine.faces.alignment import Portrait
from pixelift.engine.orders import Untouched

_FLAT, _VARIED = 2 / 255, 24 / 255  # a span up to the first is blank, a portrait with more than the second is not
_COMPARED_PX = 64
_BATCH = 4

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Restorer:
    """GFPGAN, RestoreFormer or CodeFormer, in fp32: a face is small, and half the digits may pick another one."""

    network: nn.Module
    device: torch.device
    batch: int

    def restored(self, portraits: list[Portrait]) -> list[Portrait | Untouched]:
        """Return what became of each, the same every time; what fails together is tried one by one."""
        try:
            restored = self._run(np.stack(portraits))
        except RuntimeError as error:  # PyTorch's own, out of memory too
            if len(portraits) > 1:
                return [became for one in portraits for became in self.restored([one])]
            _log.warning("a face could not be restored: %s", error)
            return [Untouched.FAILED]
        return [one if _plausible(one, own) else Untouched.BLANK for one, own in zip(restored, portraits, strict=True)]

    def _run(self, portraits: NDArray[np.float32]) -> NDArray[np.float32]:
        faces = torch.from_numpy(portraits).permute(0, 3, 1, 2).contiguous().to(self.device)
        return np.asarray(asked(self.network, faces).clamp(0, 1).permute(0, 2, 3, 1).contiguous().cpu())


@torch.inference_mode()
def asked(network: nn.Module, faces: Tensor) -> Tensor:
    """Return what such a network makes of faces (N, 3, 512, 512) in [0, 1]; it may leave that range a little."""
    out: Tensor = network(faces * 2 - 1, return_rgb=False, randomize_noise=False)[0]
    return (out + 1) / 2


@warm.kept
def restorer(model: Model, device: torch.device) -> Restorer:
    """Return the model at work; it stays warm between pictures. Raises ModelNotInstalled."""
    loaded = weights.load(model)
    network = loaded.network if isinstance(loaded, Foreign) else loaded
    return Restorer(network.to(device), device, 1 if device.type == "cpu" else _BATCH)


def likeness(restored: Portrait, own: Portrait) -> float:
    """Return the correlation of light and dark in both faces, seen from afar: 1 is the same, 0 has nothing to do."""
    pair = [_from_afar(face) for face in (restored, own)]
    spread = float(np.linalg.norm(pair[0]) * np.linalg.norm(pair[1]))
    return round(float((pair[0] * pair[1]).sum()) / spread, 3) + 0.0 if spread else 0.0  # not -0.0


def _from_afar(face: Portrait) -> NDArray[np.float32]:
    small = cv2.resize(
        cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), (_COMPARED_PX, _COMPARED_PX), interpolation=cv2.INTER_AREA
    )
    return np.asarray(small - small.mean())


def _plausible(restored: Portrait, own: Portrait) -> bool:
    varied = np.ptp(restored) > _FLAT or np.ptp(own) <= _VARIED
    return bool(varied and np.isfinite(restored).all())
