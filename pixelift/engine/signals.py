"""What a file says of its colours: an ICC profile, code points (ITU-T H.273), or a PNG's own figures."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pi_heif
from PIL import Image

from pixelift.engine import primaries
from pixelift.engine.primaries import Chromaticities
from pixelift.errors import InvalidImage

_D65 = (0.3127, 0.3290)
_SRGB = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_PRIMARIES: Mapping[int, tuple[str, Chromaticities]] = {
    1: ("sRGB", _SRGB),
    5: ("BT.601 625", (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06)),
    6: ("BT.601 525", (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070)),
    9: ("BT.2020", (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046)),
    11: ("DCI-P3", (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)),
    12: ("Display P3", (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)),
}
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}  # of the transfers; the others are so near to sRGB that viewers take them for it
_HDR = {16: "PQ", 18: "HLG"}
_GAMMA_RANGE = (0.2, 5)
_LIKE_SRGB = (2.15, 2.25)  # the gammas that PNG writers tell for sRGB
_NEAR = 0.002  # of chromaticities
_SIGNATURE_BYTES = 8


def profile(image: Image.Image, path: Path) -> bytes | None:
    """Return the file's ICC profile, or one that says the same as its numbers; none means sRGB.

    Raises InvalidImage where light is told that no screen without high dynamic range can show.
    """
    own: bytes | None = image.info.get("icc_profile")
    if (points := _points(image, path)) is not None:
        return _of_points(*points)
    return own or (_of_figures(image) if image.format == "PNG" else None)


def _points(image: Image.Image, path: Path) -> tuple[int, int] | None:
    """Return primaries and transfer, where they count: in a PNG before the profile, elsewhere without one."""
    if image.format == "PNG":
        return _of_png(path)
    if image.format not in {"AVIF", "HEIF"} or image.info.get("icc_profile"):
        return None
    nclx = image.info.get("nclx_profile") or _of_avif(path)
    return (nclx["color_primaries"], nclx["transfer_characteristics"]) if nclx else None


def _of_avif(path: Path) -> dict[str, Any] | None:
    with suppress(ValueError, RuntimeError, SyntaxError):  # what others decode need not please this library
        found: dict[str, Any] | None = pi_heif.open_heif(path).info.get("nclx_profile")
        return found
    return None


def _of_png(path: Path) -> tuple[int, int] | None:
    """Return what the chunk cICP says, which is before the pixels, if it speaks of RGB of full range."""
    with path.open("rb") as file:
        file.seek(_SIGNATURE_BYTES)
        while len(head := file.read(8)) == 8 and head[4:] != b"IDAT":  # noqa: PLR2004
            if head == b"\0\0\0\4cICP":
                found, transfer, matrix, is_full = file.read(4)
                return (found, transfer) if (matrix, is_full) == (0, 1) and found in _PRIMARIES else None
            file.seek(struct.unpack(">I", head[:4])[0] + 4, 1)
    return None


def _of_points(code: int, transfer: int) -> bytes | None:
    if transfer in _HDR:
        raise InvalidImage(
            f"This picture has high dynamic range ({_HDR[transfer]}), which we can't keep. "
            "Save it with standard range, as sRGB or Display P3, and send it again."
        )
    name, chromaticities = _PRIMARIES.get(code, _PRIMARIES[1])
    return _made(name, chromaticities, _GAMMAS.get(transfer))


def _of_figures(image: Image.Image) -> bytes | None:
    """Take gamma and chromaticities of a PNG; figures that make no sense are as good as none."""
    if "srgb" in image.info:
        return None
    told = image.info.get("gamma") or 0
    gamma = 1 / told if told and _within(1 / told, _GAMMA_RANGE) else None
    is_grey = image.mode in {"1", "L", "LA", "I;16"}
    chromaticities = _SRGB if is_grey else image.info.get("chromaticity") or _SRGB
    if _is_srgb(chromaticities) and gamma and _within(gamma, _LIKE_SRGB):
        return None
    if is_grey:
        return primaries.grey("Grey", gamma) if gamma else None
    with suppress(ValueError):
        return _made("RGB", chromaticities, gamma)
    return None


def _made(name: str, chromaticities: Chromaticities, gamma: float | None) -> bytes | None:
    return None if _is_srgb(chromaticities) and gamma is None else primaries.profile(name, chromaticities, gamma)


def _is_srgb(chromaticities: Chromaticities) -> bool:
    return max(abs(one - other) for one, other in zip(chromaticities, _SRGB, strict=True)) < _NEAR


def _within(number: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= number <= limits[1]
