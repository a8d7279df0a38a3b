"""ICC profiles of three primaries and one tone curve, for files that tell their colours in numbers (ICC.1:2022)."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from pixelift.engine import profiles

Chromaticities = tuple[float, ...]  # x and y of white, red, green and blue

_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_VERSION, _FIXED = 0x04300000, 65536
_SRGB_TONES = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # IEC 61966-2-1
_MOST = 3.0  # of any figure in a matrix; beyond, the primaries span next to nothing


def profile(name: str, chromaticities: Chromaticities, gamma: float | None) -> bytes:
    """Return an RGB profile with the tones of a gamma, or of sRGB. Raises ValueError where no light is white."""
    adaptation = _to_d50(chromaticities[:2])
    columns = adaptation @ _matrix(chromaticities)
    colours = zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns.T, strict=True)
    tags = {tag: b"XYZ " + _fixed(column) for tag, column in colours}
    tags[b"chad"] = b"sf32" + _fixed(adaptation.ravel())
    return _whole(b"RGB ", name, tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _tones(gamma)))


def grey(name: str, gamma: float) -> bytes:
    """Return a grey profile."""
    return _whole(b"GRAY", name, {b"kTRC": _tones(gamma)})


def _whole(space: bytes, name: str, tags: dict[bytes, bytes]) -> bytes:
    told = {b"desc": _text(name), b"cprt": _text("CC0"), b"wtpt": b"XYZ " + _fixed(_D50), **tags}
    kind = struct.pack(">4x4sI4s4s4s", b"none", _VERSION, b"mntr", space, b"XYZ ")
    return profiles.packed(kind + bytes(12) + b"acsp" + bytes(28) + _fixed(_D50)[4:] + bytes(48), told)


def _matrix(chromaticities: Chromaticities) -> NDArray[np.float64]:
    """Return what turns light of the primaries into XYZ, so that equal parts are white."""
    white, *primaries = (_xyz(*chromaticities[at : at + 2]) for at in (0, 2, 4, 6))
    columns = np.stack(primaries, 1)
    matrix = columns * np.linalg.solve(columns, white)
    if np.abs(matrix).max() > _MOST:
        raise ValueError
    return matrix


def _to_d50(white: Chromaticities) -> NDArray[np.float64]:
    cones = (_BRADFORD @ _D50) / (_BRADFORD @ _xyz(*white))
    return np.asarray(np.linalg.solve(_BRADFORD, cones[:, None] * _BRADFORD))


def _xyz(x: float, y: float) -> NDArray[np.float64]:
    """Return the colour of luminance 1."""
    if not 0 < y < 1:
        raise ValueError
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _tones(gamma: float | None) -> bytes:
    told, function = (_SRGB_TONES, 3) if gamma is None else ((gamma,), 0)
    return b"para" + struct.pack(">IHH", 0, function, 0) + _fixed(np.array(told))[4:]


def _fixed(numbers: NDArray[np.float64]) -> bytes:
    return bytes(4) + b"".join(struct.pack(">i", round(number * _FIXED)) for number in numbers.tolist())


def _text(text: str) -> bytes:
    content = text.encode("utf-16-be")
    return b"mluc" + struct.pack(">III2s2sII", 0, 1, 12, b"en", b"US", len(content), 28) + content
