"""ICC profiles: what they say of tones, and the same profile with the tones of sRGB (ICC.1:2022)."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]  # light of 0 to 1 at evenly spaced levels of 0 to 1

STEPS = 4096
_SPACE = slice(16, 20)
_GREY, _RGB = (b"kTRC",), (b"rTRC", b"gTRC", b"bTRC")
_TABLES = {b"A2B0", b"A2B1", b"A2B2", b"D2B0", b"D2B1", b"D2B2"}
_HEADER_BYTES, _TAG_BYTES = 128, 12
_MOST_TAGS = 100
_CURVE, _PARAMETRIC = b"curv", b"para"
_KNEE, _SLOPE, _OFFSET, _GAMMA = 0.04045, 12.92, 0.055, 2.4  # IEC 61966-2-1


def space(profile: bytes) -> bytes:
    """Return the colour space that it describes, as `RGB `, `GRAY` or `CMYK`."""
    return profile[_SPACE]


def curves(profile: bytes) -> list[Curve] | None:
    """Return the tone curve of each channel, or None when tones and colours are not told apart, or are damaged."""
    try:
        tags = _tags(profile)
        names = _GREY if space(profile) == b"GRAY" else _RGB
        return None if _TABLES & set(tags) else [_curve(tags[name]) for name in names]
    except (ArithmeticError, LookupError, ValueError, struct.error):
        return None


def srgb_curve() -> Curve:
    level = np.linspace(0, 1, STEPS)
    return np.where(level <= _KNEE, level / _SLOPE, ((level + _OFFSET) / (1 + _OFFSET)) ** _GAMMA)


def to_srgb_level(light: Curve) -> Curve:
    """Return how sRGB would write the light."""
    curved = (1 + _OFFSET) * np.maximum(light, 0) ** (1 / _GAMMA) - _OFFSET
    return np.where(light <= _KNEE / _SLOPE, light * _SLOPE, curved).clip(0, 1)


def retoned(profile: bytes) -> bytes:
    """Return the profile of the same primaries whose tones are those of sRGB."""
    tags = _tags(profile)
    table = np.rint(srgb_curve() * 0xFFFF).astype(">u2").tobytes()
    curve = _CURVE + struct.pack(">II", 0, STEPS) + table
    tags.update(dict.fromkeys(_GREY if space(profile) == b"GRAY" else _RGB, curve))
    return packed(profile[:_HEADER_BYTES], tags)


def packed(header: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Lay out a profile; equal contents stand once."""
    first_at = _HEADER_BYTES + 4 + _TAG_BYTES * len(tags)
    table, body = b"", b""
    places: dict[bytes, int] = {}
    for name, content in tags.items():
        if content not in places:
            places[content] = first_at + len(body)
            body += content + bytes(-len(content) % 4)
        table += struct.pack(">4sII", name, places[content], len(content))
    size_bytes, no_checksum = struct.pack(">I", first_at + len(body)), header[4:84] + bytes(16) + header[100:]
    return size_bytes + no_checksum + struct.pack(">I", len(tags)) + table + body


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
    entries = (
        struct.unpack_from(">4sII", profile, _HEADER_BYTES + 4 + _TAG_BYTES * index)
        for index in range(min(count, _MOST_TAGS))
    )
    return {name: profile[start : start + size] for name, start, size in entries}


def _curve(tag: bytes) -> Curve:
    kind, level = tag[:4], np.linspace(0, 1, STEPS)
    if kind == _PARAMETRIC:
        return _parametric(tag, level)
    if kind != _CURVE:
        raise ValueError
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return level
    if count == 1:
        (gamma,) = struct.unpack_from(">H", tag, 12)
        return np.asarray(level ** (gamma / 256), np.float64)
    table = np.frombuffer(tag, ">u2", count, 12) / 0xFFFF
    return np.interp(level, np.linspace(0, 1, count), table)


def _parametric(tag: bytes, level: Curve) -> Curve:
    """Table 68: y = (ax + b)^g + e from d on, cx + f below."""
    (function,) = struct.unpack_from(">H", tag, 8)
    count = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}[function]
    told = [number / 65536 for number in struct.unpack_from(f">{count}i", tag, 12)]
    g, a, b = (*told, 1.0, 0.0)[:3] if function == 0 else told[:3]
    c, d, e, f = _rest(function, told, a, b)
    curved = np.maximum(a * level + b, 0) ** g + e
    return np.where(level >= d, curved, c * level + f).clip(0, 1)


def _rest(function: int, told: list[float], a: float, b: float) -> tuple[float, float, float, float]:
    match function:
        case 0:
            return 0.0, 0.0, 0.0, 0.0
        case 1:
            return 0.0, -b / a, 0.0, 0.0
        case 2:
            return 0.0, -b / a, told[3], told[3]
        case 3:
            return told[3], told[4], 0.0, 0.0
        case _:
            return told[3], told[4], told[5], told[6]
