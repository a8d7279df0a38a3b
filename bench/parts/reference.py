"""The upstream packages, as they run beside a torchvision of today."""

from __future__ import annotations

import importlib
import sys
import warnings
from pathlib import Path
from typing import Any

import torch

from pixelift.engine import weights
from pixelift.engine.shelf import Shelf


def package(name: str) -> Any:
    """Import realesrgan, basicsr or gfpgan, which still call torchvision's and scipy's modules by their old names."""
    new_name = importlib.import_module("torchvision.transforms.functional")
    sys.modules.setdefault("torchvision.transforms.functional_tensor", new_name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def upsampler(model: str, folder: Path, **options: Any) -> Any:
    """Return a RealESRGANer with the weights that we use; what is not in `options` is its own default."""
    checkpoint = folder / f"{model}.pth"
    torch.save({"params": weights.state(Shelf().find(model))}, checkpoint)
    return package("realesrgan").RealESRGANer(4, str(checkpoint), model=_network(model), **options)


def _network(model: str) -> Any:
    if model == "realesr-animevideov3":
        kind = package("realesrgan.archs.srvgg_arch").SRVGGNetCompact
        return kind(num_in_ch=3, num_out_ch=3, num_feat=64, num_conv=16, upscale=4, act_type="prelu")
    kind = package("basicsr.archs.rrdbnet_arch").RRDBNet
    return kind(num_in_ch=3, num_out_ch=3, num_feat=64, num_block=6 if "anime" in model else 23, scale=4)
