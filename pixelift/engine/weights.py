"""From files to a network: checked, converted, and built by spandrel."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from torch import Tensor, nn

from pixelift.engine import checkpoints, ncnn, networks
from pixelift.engine.catalogue import Model
from pixelift.engine.checkpoints import Foreign
from pixelift.engine.convolution import steady
from pixelift.engine.ncnn import ForeignWeights
from pixelift.errors import ModelNotInstalled

_AROUND_THE_BLOCKS = 6  # conv_first, conv_body, conv_up1, conv_up2, conv_hr, conv_last
_CONVOLUTIONS_PER_BLOCK = 15


def load(model: Model) -> nn.Module:
    """Return the network in fp32, ready to infer. Raises ModelNotInstalled when files are missing or changed."""
    return _built(state(model), model)


def state(model: Model) -> dict[str, Tensor]:
    """Return the numbers alone, named as in the official checkpoints, mixed if asked. Raises ModelNotInstalled."""
    if model.mix is None:
        return _read(model)
    other, share = model.mix
    added = _read(other)
    return {name: torch.lerp(own, added[name], share) for name, own in _read(model).items()}


def _read(model: Model) -> dict[str, Tensor]:
    *structure, numbers = (
        _checked(path, file.sha256, model) for path, file in zip(model.paths, model.files, strict=True)
    )
    try:
        if structure:
            return _state(ncnn.read(structure[0].decode(), numbers))
        return checkpoints.read(numbers, model.paths[-1].suffix)
    except ForeignWeights as error:
        raise _damaged(model, str(error)) from error


def build(structure: str, numbers: bytes, model: Model) -> nn.Module:
    """Convert ncnn's form. Raises ModelNotInstalled when it is not a network of a known kind, to the last byte."""
    try:
        return _built(_state(ncnn.read(structure, numbers)), model)
    except ForeignWeights as error:
        raise _damaged(model, str(error)) from error


def _built(numbers: dict[str, Tensor], model: Model) -> nn.Module:
    try:
        descriptor = checkpoints.describe(numbers)
    except ForeignWeights as error:
        raise _damaged(model, str(error)) from error
    ours = networks.is_exact(descriptor.model)
    network = steady(descriptor.model) if ours else Foreign(descriptor)
    return network.eval().requires_grad_(requires_grad=False)


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
        raise ForeignWeights(f"{count} convolutions make no RRDBNet")
    body = [f"body.{b}.rdb{r}.conv{c}" for b in range(blocks) for r in (1, 2, 3) for c in range(1, 6)]
    return ["conv_first", *body, "conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last"]
