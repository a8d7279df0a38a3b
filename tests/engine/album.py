"""One small picture in every kind of file that the engine reads, written by other code than the engine's."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
import tifffile
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float64]

HEIGHT_PX, WIDTH_PX = 16, 24
FIXED = Path(__file__).parent / "pictures"  # HEIC, whose encoder is under another licence
_D50 = (0.9642, 1.0, 0.8249)
_PRIMARIES = {  # adapted to D50, as profiles have them
    "sRGB": ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)),
    "Display P3": ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),
    "BT.2020": ((0.67346, 0.27904, -0.00194), (0.16566, 0.67534, 0.02998), (0.12504, 0.04561, 0.79686)),
    "Adobe RGB": ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
}
_SRGB_TONES = b"para" + struct.pack(
    ">IHH5i", 0, 3, 0, *(round(n * 65536) for n in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
)
_POINTS = {"Display P3": (12, 13), "BT.2020": (9, 14), "linear": (1, 8)}  # ITU-T H.273
_CHROMATICITIES = {"Adobe RGB": (31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)}  # white first, as PNG has them
_GAMMAS = {"Adobe RGB": 45470, "grey gamma 1.8": 55556}
_EXTRA = {"grey+alpha": ["unassalpha"], "RGBA": ["unassalpha"], "RGBA premultiplied": ["assocalpha"]}


@dataclass(frozen=True)
class Kind:
    """What stands in a file. `depth` is the bits of a channel; `in_numbers`, where the profile is told without one."""

    format: str
    mode: str
    depth: int
    profile: str = "none"
    in_numbers: str = ""

    @property
    def grey(self) -> bool:
        return self.mode in {"1 bit", "grey", "grey+alpha"}

    @property
    def has_alpha(self) -> bool:
        return self.mode in {"grey+alpha", "RGBA", "RGBA premultiplied", "palette+transparency"}


KINDS = [
    *(Kind("PNG", mode, depth) for mode in ("grey", "grey+alpha", "RGB", "RGBA") for depth in (8, 16)),
    *(Kind("TIFF", mode, depth) for mode in ("grey", "grey+alpha", "RGB", "RGBA", "CMYK") for depth in (8, 16)),
    *(Kind("TIFF", "RGBA premultiplied", depth) for depth in (8, 16)),
    Kind("TIFF", "grey", 12),
    *(Kind(name, "1 bit", 1) for name in ("PNG", "TIFF", "BMP")),
    *(Kind(name, "palette", 8) for name in ("PNG", "TIFF", "BMP", "GIF")),
    *(Kind(name, "palette+transparency", 8) for name in ("PNG", "GIF")),
    *(Kind("JPEG", mode, 8) for mode in ("grey", "RGB", "CMYK")),
    *(Kind("WebP", mode, 8) for mode in ("RGB", "RGBA")),
    *(Kind("AVIF", "RGB", depth) for depth in (8, 10, 12)),
    Kind("AVIF", "RGBA", 8),
    Kind("BMP", "RGB", 8),
    *(Kind("HEIC", "RGB", depth) for depth in (8, 10)),
    *(
        Kind(name, "RGB", depth, profile)
        for profile in ("sRGB", "Display P3", "Adobe RGB", "linear")
        for name, depth in (("PNG", 8), ("PNG", 16), ("TIFF", 16), ("JPEG", 8), ("WebP", 8), ("AVIF", 8))
        if depth > 8 or profile != "linear"
    ),
    *(Kind("PNG", "grey", depth, "grey gamma 1.8") for depth in (8, 16)),
    *(Kind("TIFF", "CMYK", depth, "CMYK") for depth in (8, 16)),
    Kind("JPEG", "CMYK", 8, "CMYK"),
    *(Kind(name, "RGB", 8, "Display P3", "nclx") for name in ("AVIF", "HEIC")),
    Kind("HEIC", "RGB", 10, "Display P3", "nclx"),
    Kind("AVIF", "RGB", 8, "BT.2020", "nclx"),
    *(Kind("PNG", "RGB", depth, "Display P3", "cICP") for depth in (8, 16)),
    Kind("PNG", "RGB", 16, "linear", "cICP"),
    Kind("PNG", "RGB", 8, "Adobe RGB", "gAMA, cHRM"),
    Kind("PNG", "grey", 16, "grey gamma 1.8", "gAMA"),
]


def colours(kind: Kind) -> Floats:
    """Return the channels that stand in the file, from 0 to 1, without alpha: (H, W, C), rounded to its depth."""
    y, x = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX] / WIDTH_PX
    smooth: Floats = np.stack([0.8 - 0.5 * x, 0.8 - 0.5 * y, 0.3 + 0.5 * x * y], 2)
    if kind.format == "HEIC":
        return smooth
    if kind.mode == "1 bit":
        return (smooth[..., :1] > 0.55).astype(np.float64)
    if kind.mode.startswith("palette"):
        return np.asarray(np.rint(smooth * 5) / 5)
    if kind.mode == "CMYK":
        smooth = np.dstack([0.1 + 0.5 * x, 0.1 + 0.5 * y, 0.2 + 0.3 * x * y, 0.2 * x])
    most = 2**kind.depth - 1
    return np.asarray(np.rint((smooth[..., :1] if kind.grey else smooth) * most) / most)


def alpha(kind: Kind) -> Floats | None:
    """Return the opacity of each pixel, (H, W)."""
    if not kind.has_alpha:
        return None
    ramp = np.linspace(0.1, 1, WIDTH_PX)[None].repeat(HEIGHT_PX, 0)
    most = 1 if kind.mode.startswith("palette") else 2**kind.depth - 1
    return np.asarray(np.rint(ramp * most) / most)


def write(kind: Kind, path: Path) -> Path:
    """Write the file."""
    if kind.in_numbers:
        write(replace(kind, profile="none", in_numbers=""), path)
        path.write_bytes(_told_in_numbers(kind, path.read_bytes()))
        return path
    if kind.format == "HEIC":
        path.write_bytes((FIXED / ("eight-bits.heic" if kind.depth == 8 else "ten-bits.heic")).read_bytes())
        return path
    opacity = alpha(kind)
    planes = colours(kind) if opacity is None else np.dstack([colours(kind), opacity])
    if kind.format == "TIFF" and not kind.mode.startswith(("palette", "1")):
        _write_tiff(kind, planes, path)
    elif kind.depth > 8:
        _write_deep(kind, planes, path)
    else:
        _image(kind, planes).save(path, kind.format, **_how(kind))
    return path


@cache
def profile(name: str) -> bytes | None:
    """Return an ICC profile by its name in KINDS."""
    if name == "none":
        return None
    if name == "CMYK":
        white = pyvips.Image.black(1, 1, bands=3).copy(interpretation="srgb")
        found: bytes = white.icc_transform("cmyk", input_profile="srgb").get("icc-profile-data")
        return found
    if name.startswith("grey"):
        return _icc(b"GRAY", {b"kTRC": _gamma(1.8)})
    tones = {"Adobe RGB": _gamma(563 / 256), "linear": _gamma(1)}.get(name, _SRGB_TONES)
    primaries = zip((b"rXYZ", b"gXYZ", b"bXYZ"), _PRIMARIES.get(name, _PRIMARIES["sRGB"]), strict=True)
    return _icc(
        b"RGB ", {tag: _xyz(*colour) for tag, colour in primaries} | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), tones)
    )


def with_points(file: bytes, primaries: int, transfer: int) -> bytes:
    """Return a PNG, AVIF or HEIC with these code points (ITU-T H.273)."""
    if file.startswith(b"\x89PNG"):
        return with_chunk(file, b"cICP", bytes([primaries, transfer, 0, 1]))
    at = file.index(b"colrnclx") + 8
    return file[:at] + struct.pack(">HH", primaries, transfer) + file[at + 4 :]


def with_chunk(png: bytes, name: bytes, content: bytes) -> bytes:
    """Return the PNG with one chunk more, right after its head."""
    return png[:33] + struct.pack(">I", len(content)) + name + content + _crc(name + content) + png[33:]


def _told_in_numbers(kind: Kind, file: bytes) -> bytes:
    if kind.profile in _POINTS:
        return with_points(file, *_POINTS[kind.profile])
    if kind.profile in _CHROMATICITIES:
        file = with_chunk(file, b"cHRM", struct.pack(">8I", *_CHROMATICITIES[kind.profile]))
    return with_chunk(file, b"gAMA", struct.pack(">I", _GAMMAS[kind.profile]))


def _crc(content: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(content))


def _write_tiff(kind: Kind, planes: Floats, path: Path) -> None:
    if kind.mode == "RGBA premultiplied":
        planes = np.dstack([planes[..., :3] * planes[..., 3:], planes[..., 3]])
    if kind.depth == 12:
        path.write_bytes(_twelve_bits(planes[..., 0]))
        return
    levels = _levels(planes, kind.depth)
    photometric = "minisblack" if kind.grey else "separated" if kind.mode == "CMYK" else "rgb"
    how: dict[str, Any] = {"extrasamples": _EXTRA[kind.mode]} if kind.has_alpha else {}
    tifffile.imwrite(path, levels.squeeze(), photometric=photometric, iccprofile=profile(kind.profile), **how)


def _twelve_bits(grey: Floats) -> bytes:
    """Return a TIFF whose pixels share three bytes between two, which tifffile does not write."""
    levels = np.rint(grey * 4095).astype(np.uint16).reshape(-1, 2)
    first, second = levels[:, 0], levels[:, 1]
    packed = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], 1).astype(np.uint8).tobytes()
    short = {256: WIDTH_PX, 257: HEIGHT_PX, 258: 12, 259: 1, 262: 1, 273: 8, 277: 1, 278: HEIGHT_PX, 279: len(packed)}
    entries = b"".join(struct.pack("<HHLHH", tag, 3, 1, value, 0) for tag, value in short.items())
    return b"II*\0" + struct.pack("<L", 8 + len(packed)) + packed + struct.pack("<H", len(short)) + entries + bytes(4)


def _write_deep(kind: Kind, planes: Floats, path: Path) -> None:
    levels = _levels(planes, 16)
    image = pyvips.Image.new_from_array(levels).copy(interpretation="grey16" if kind.grey else "rgb16")
    if content := profile(kind.profile):
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", content)
    if kind.format == "PNG":
        image.pngsave(str(path))
    else:
        image.heifsave(str(path), compression="av1", bitdepth=kind.depth, Q=98, subsample_mode="off", effort=1)


def _image(kind: Kind, planes: Floats) -> Image.Image:
    levels = _levels(planes, 8)
    if kind.mode.startswith("palette"):
        return _of_palette(levels)
    image = Image.fromarray(levels.squeeze(), "CMYK" if kind.mode == "CMYK" else None)
    return image.convert("1") if kind.mode == "1 bit" else image


def _of_palette(levels: NDArray[Any]) -> Image.Image:
    """Return the picture with its colours in a table, the first of which is the transparent one if there is any."""
    seen = levels if levels.shape[2] == 3 else levels * (levels[..., 3:] > 0)
    shades, index = np.unique(seen.reshape(-1, levels.shape[2])[:, ::-1], axis=0, return_inverse=True)
    image = Image.fromarray(index.reshape(levels.shape[:2]).astype(np.uint8), "P")
    image.putpalette(shades[:, -3:][:, ::-1].tobytes())
    return image


def _how(kind: Kind) -> dict[str, Any]:
    how: dict[str, Any] = {}
    match kind.format:
        case "JPEG":
            how = {"quality": 98, "subsampling": 0}
        case "AVIF":
            how = {"quality": 98, "subsampling": "4:4:4"}
        case "WebP":
            how = {"lossless": True, "exact": True}
    if kind.mode == "palette+transparency":
        how["transparency"] = 0
    if kind.profile != "none":
        how["icc_profile"] = profile(kind.profile)
    return how


def _levels(planes: Floats, depth: int) -> NDArray[Any]:
    levels: NDArray[Any] = np.rint(planes * (2**depth - 1)).astype(np.uint8 if depth <= 8 else np.uint16)
    return levels


def _gamma(gamma: float) -> bytes:
    return b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256))


def _xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ " + struct.pack(">I3i", 0, *(round(part * 65536) for part in (x, y, z)))


def _icc(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Return a profile of version 4 (ICC.1:2022)."""
    told = tags | {
        b"wtpt": _xyz(*_D50),
        b"desc": b"mluc" + struct.pack(">III2s2sII", 0, 1, 12, b"en", b"US", 2, 28) + b"\0x",
    }
    at, table, body = 132 + 12 * len(told), b"", b""
    for name, content in told.items():
        table += struct.pack(">4sII", name, at + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = struct.pack(
        ">4sI4s4s4s12x4s28xIIII44x",
        b"none",
        0x04300000,
        b"mntr",
        space,
        b"XYZ ",
        b"acsp",
        0,
        *(round(part * 65536) for part in _D50),
    )
    return struct.pack(">I", at + len(body)) + header + struct.pack(">I", len(told)) + table + body
