"""Reading .pth and .safetensors: numbers and names only, nothing that the file would have run."""

from __future__ import annotations

import contextlib
import importlib
import io
import pickle
import struct
import warnings
import zipfile
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from spandrel import MAIN_REGISTRY, ImageModelDescriptor, MaskedImageModelDescriptor, UnsupportedModelError
from spandrel import canonicalize_state_dict as canonical
from torch import Tensor, nn

from pixelift.engine.ncnn import ForeignWeights

# What PyTorch has to say of spandrel's code concerns nobody who adds a network.
warnings.filterwarnings("ignore", "torch.meshgrid|Initializing zero-element", UserWarning)
_BROKEN = (
    SafetensorError,
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    struct.error,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


class Foreign(nn.Module):
    """A network of any architecture that spandrel knows, called as spandrel does: padded to the sizes it needs."""

    def __init__(self, descriptor: ImageModelDescriptor[nn.Module]) -> None:
        super().__init__()
        self.network = descriptor.model
        self._descriptor = descriptor
        self.scale: int = descriptor.scale

    def forward(self, rows: Tensor) -> Tensor:
        out: Tensor = self._descriptor(rows)
        return out


def read(content: bytes, suffix: str) -> dict[str, Tensor]:
    """Return the numbers by name. Raises ForeignWeights."""
    try:
        if suffix == ".safetensors":
            return dict(canonical(safetensors.torch.load(content)))
        _refuse_bomb(content)
        return dict(canonical(torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)))
    except ForeignWeights:
        raise
    except _BROKEN as error:
        raise ForeignWeights("it does not hold plain weights") from error


def describe(state: dict[str, Any]) -> ImageModelDescriptor[nn.Module]:
    """Build the network that these numbers belong to. Raises ForeignWeights."""
    with contextlib.suppress(ImportError):
        importlib.import_module("spandrel_extra_arches").install(ignore_duplicates=True)
    try:
        descriptor = MAIN_REGISTRY.load(state)
    except UnsupportedModelError as error:
        raise ForeignWeights("its architecture is not one that we know") from error
    except _BROKEN as error:
        raise ForeignWeights("its numbers do not fit its architecture") from error
    if isinstance(descriptor, MaskedImageModelDescriptor):
        raise ForeignWeights("it wants a mask beside the picture, and we have none")
    return descriptor


def _refuse_bomb(content: bytes) -> None:
    """PyTorch stores without compression, so an archive that unpacks to more than its own size is none of it."""
    file = io.BytesIO(content)
    if zipfile.is_zipfile(file) and sum(part.file_size for part in zipfile.ZipFile(file).infolist()) > len(content):
        raise ForeignWeights("it unpacks to more than its own size")
