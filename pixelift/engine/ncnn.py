"""Reading ncnn's weights: a text that lists the layers, and a file of numbers in the same order."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_MAGIC = "7767517"
_FP32, _FP16 = 0, 0x01306B47  # the flag before a tagged block: ncnn/src/modelbin.cpp
_OUTPUTS, _KERNEL, _HAS_BIAS, _WEIGHTS = 0, 1, 5, 6  # parameter ids: ncnn/src/layer/convolution.cpp, prelu.cpp
_WITHOUT_NUMBERS = frozenset({"Input", "Split", "Concat", "BinaryOp", "Eltwise", "Interp", "PixelShuffle"})


class ForeignWeights(ValueError):
    """The files are not what ncnn would take for this network."""


@dataclass(frozen=True)
class Layer:
    """A convolution (weight (out, in, k, k) and bias) or the slopes of a PReLU (weight alone)."""

    weight: Floats
    bias: Floats | None


def read(structure: str, numbers: bytes) -> list[Layer]:
    """Return the layers that hold numbers, in order, all numbers used. Raises ForeignWeights."""
    try:
        return _read(structure, numbers)
    except (ValueError, KeyError, IndexError, struct.error) as error:
        raise ForeignWeights(str(error)) from error


def _read(structure: str, numbers: bytes) -> list[Layer]:
    source = _Numbers(numbers)
    layers = []
    for kind, parameters in _lines(structure):
        if kind == "Convolution":
            layers.append(_convolution(source, parameters))
        elif kind == "PReLU":
            layers.append(Layer(source.plain(int(parameters[_OUTPUTS])), None))
        elif kind not in _WITHOUT_NUMBERS:
            raise ForeignWeights(f"a layer of an unknown kind, {kind}")
    if source.left_bytes:
        raise ForeignWeights(f"{source.left_bytes} bytes too many")
    return layers


def _lines(structure: str) -> Iterator[tuple[str, dict[int, str]]]:
    magic, counts, *lines = structure.strip().splitlines()
    if magic.strip() != _MAGIC:
        raise ForeignWeights("not a description of ncnn's")
    if int(counts.split()[0]) != len(lines):
        raise ForeignWeights("layers are missing")
    for line in lines:
        kind, _name, inputs, outputs, *rest = line.split()
        pairs = (pair.split("=", 1) for pair in rest[int(inputs) + int(outputs) :])
        yield kind, {int(key): value for key, value in pairs}


def _convolution(source: _Numbers, parameters: dict[int, str]) -> Layer:
    outputs, kernel, count = (int(parameters[key]) for key in (_OUTPUTS, _KERNEL, _WEIGHTS))
    weight = source.tagged(count).reshape(outputs, -1, kernel, kernel)
    return Layer(weight, source.plain(outputs) if int(parameters.get(_HAS_BIAS, 0)) else None)


class _Numbers:
    """The file of numbers, and how far it is read."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left_bytes(self) -> int:
        return len(self._data) - self._at

    def plain(self, count: int) -> Floats:
        return self._take(count, "<f4")

    def tagged(self, count: int) -> Floats:
        (flag,) = struct.unpack_from("<I", self._data, self._at)
        self._at += 4
        if flag not in {_FP32, _FP16}:
            raise ForeignWeights(f"a block of an unknown kind, {flag:#x}")
        numbers = self._take(count, "<f2" if flag == _FP16 else "<f4")
        self._at = -(-self._at // 4) * 4
        return numbers

    def _take(self, count: int, kind: str) -> Floats:
        numbers = np.frombuffer(self._data, kind, count, self._at)
        self._at += numbers.nbytes
        return numbers.astype(np.float32)
