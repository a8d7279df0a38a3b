"""From files to a network: checked, converted, and built by spandrel."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from spandrel import ModelLoader
from torch import Tensor, nn

from pixelift.engine import ncnn
from pixelift.engine.catalogue import Model
from pixelift.engine.convolution import steady
from pixelift.errors import ModelNotInstalled

_AROUND_THE_BLOCKS = 6  # conv_first, conv_body, conv_up1, conv_up2, conv_hr, conv_last
_CONVOLUTIONS_PER_BLOCK = 15


def load(model: Model) -> nn.Module:
    """Return the network in fp32, ready to infer. Raises ModelNotInstalled when files are missing or changed."""
    return build(*_files(model), model)


def state(model: Model) -> dict[str, Tensor]:
    """Return the numbers alone, named as in the official checkpoints. Raises ModelNotInstalled."""
    structure, numbers = _files(model)
    return _state(ncnn.read(structure, numbers))


def build(structure: str, numbers: bytes, model: Model) -> nn.Module:
    """Convert ncnn's form. Raises ModelNotInstalled when it is not a network of a known kind, to the last byte."""
    try:
        network = ModelLoader().load_from_state_dict(_state(ncnn.read(structure, numbers))).model
    except (ncnn.ForeignWeights, RuntimeError, ValueError) as error:
        raise _damaged(model, str(error)) from error
    return steady(network.eval().requires_grad_(requires_grad=False))


def _files(model: Model) -> tuple[str, bytes]:
    structure, numbers = (
        _checked(path, file.sha256, model) for path, file in zip(model.paths, model.files, strict=True)
    )
    return structure.decode(), numbers


def _checked(path: Path, sha256: str, model: Model) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _damaged(model, f"{path.name} cannot be read") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _damaged(model, f"{path.name} is not the published file")
    return content


def _damaged(model: Model, reason: str) -> ModelNotInstalled:
    return ModelNotInstalled(f"The weights of {model.name} are damaged: {reason}. Install them again: {model.remedy}")


def _state(layers: list[ncnn.Layer]) -> dict[str, Tensor]:
    compact = any(layer.bias is None for layer in layers)
    names = [f"body.{index}" for index in range(len(layers))] if compact else _rrdb_names(len(layers))
    state = {}
    for name, layer in zip(names, layers, strict=True):
        state[f"{name}.weight"] = torch.from_numpy(layer.weight)
        if layer.bias is not None:
            state[f"{name}.bias"] = torch.from_numpy(layer.bias)
    return state


def _rrdb_names(count: int) -> list[str]:
    blocks, rest = divmod(count - _AROUND_THE_BLOCKS, _CONVOLUTIONS_PER_BLOCK)
    if rest or blocks < 1:
        raise ncnn.ForeignWeights(f"{count} convolutions make no RRDBNet")
    body = [f"body.{b}.rdb{r}.conv{c}" for b in range(blocks) for r in (1, 2, 3) for c in range(1, 6)]
    return ["conv_first", *body, "conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last"]
