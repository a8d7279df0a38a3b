"""The process that reads a stranger's network for the first time. It has limits, and nothing to lose."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import torch
from spandrel import ImageModelDescriptor
from torch import nn

from pixelift.engine import checkpoints, networks
from pixelift.engine.catalogue import Kind
from pixelift.engine.childhood import Voice, messages
from pixelift.engine.faces import restoration
from pixelift.engine.faces.alignment import SIDE_PX
from pixelift.engine.ncnn import ForeignWeights

_MEMORY_BYTES, _MEMORY_PER_BYTE = 6_000_000_000, 6
_CPU_S = 600
_TRIAL_PX = 64


def main() -> None:
    voice = Voice()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    voice.say(ready=True)
    for order in messages():
        voice.say(**_answer(Path(order["path"])))


def _answer(path: Path) -> dict[str, Any]:
    most = _MEMORY_BYTES + _MEMORY_PER_BYTE * path.stat().st_size
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        descriptor = checkpoints.describe(checkpoints.read(path.read_bytes(), path.suffix))
        _check(descriptor)
    except ForeignWeights as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": "it needs too much memory"}
    return {
        "architecture": descriptor.architecture.name,
        "scale": descriptor.scale,
        "exact": networks.is_exact(descriptor.model),
        "kind": Kind.FACE if descriptor.purpose == "FaceSR" else Kind.UPSCALE,
    }


def _check(descriptor: ImageModelDescriptor[nn.Module]) -> None:
    """Have it make one small picture, or one face."""
    if (descriptor.input_channels, descriptor.output_channels) != (3, 3):
        raise ForeignWeights("it does not make colour pictures from colour pictures")
    of_faces = descriptor.purpose == "FaceSR"
    source_px = SIDE_PX if of_faces else _TRIAL_PX
    source = torch.full((1, 3, source_px, source_px), 0.5)
    try:
        out = (
            restoration.asked(descriptor.model.eval(), source) if of_faces else checkpoints.Foreign(descriptor)(source)
        )
    except (RuntimeError, ValueError, TypeError, LookupError, ImportError) as error:
        raise ForeignWeights("it failed on a first small picture") from error
    side_px = source_px * descriptor.scale
    if out.shape != (1, 3, side_px, side_px) or not torch.isfinite(out).all():
        raise ForeignWeights("it made no picture of a first small one")
