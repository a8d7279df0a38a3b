"""Networks of true architectures, made small, with random weights; spandrel's own constructors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import safetensors.torch
import torch
from spandrel.architectures.DAT import DAT
from spandrel.architectures.OmniSR import OmniSR
from spandrel.architectures.PLKSR import RealPLKSR
from spandrel.architectures.SPAN import SPAN
from spandrel.architectures.SwinIR import SwinIR
from torch import nn

from pixelift.engine.catalogue import File, Model

TOYS: Mapping[str, Callable[[], nn.Module]] = {
    "SwinIR x2": lambda: SwinIR(
        embed_dim=8, depths=[1], num_heads=[2], window_size=8, upscale=2, upsampler="pixelshuffledirect"
    ),
    "SwinIR x1": lambda: SwinIR(embed_dim=8, depths=[1], num_heads=[2], window_size=8, upscale=1, upsampler=""),
    "DAT x2": lambda: DAT(embed_dim=16, depth=[1], num_heads=[2], split_size=[4, 8], expansion_factor=2.0, upscale=2),
    "SPAN x4": lambda: SPAN(num_in_ch=3, num_out_ch=3, feature_channels=8, upscale=4),
    "OmniSR x2": lambda: OmniSR(num_feat=32, up_scale=2),
    "RealPLKSR x1": lambda: RealPLKSR(dim=16, n_blocks=2, kernel_size=9, upscaling_factor=1),
}


def state(name: str) -> dict[str, torch.Tensor]:
    torch.manual_seed(7)
    return {key: value.contiguous() for key, value in TOYS[name]().state_dict().items()}


def write(name: str, path: Path) -> Path:
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(state(name), path)
    else:
        torch.save({"params": state(name)}, path)
    return path


def model(name: str, folder: Path) -> Model:
    """Return the toy as it stands on a shelf."""
    path = write(name, folder / "toy.safetensors")
    return Model(
        name="toy",
        title="Toy",
        description="",
        architecture=name,
        native_scale=int(name[-1]),
        licence="",
        size_bytes=path.stat().st_size,
        files=(File(path.name, hashlib.sha256(path.read_bytes()).hexdigest()),),
        remedy="",
        home=folder,
        halves=False,
    )
