"""From an opened file to arrays: whole, in the file's own depth, in full scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pi_heif
from PIL import Image, ImageFile, TiffImagePlugin

from pixelift.engine import pixels, reels, vips
from pixelift.engine.orientation import upright
from pixelift.engine.pixels import Pixels

MODES = frozenset({"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "YCbCr", "CMYK"}) | {
    "I;16",
    "I;16L",
    "I;16B",
}
_GREY = frozenset({"1", "L", "LA", "La", "I;16", "I;16L", "I;16B"})
TURNED_BY_PILLOW = frozenset({"TIFF"})  # in size when opened, in pixels when loaded
_BAND_BYTES = 16 << 20
_BITS_PER_SAMPLE = 258
_DEEP = 8  # bits; more than these need another decoder than Pillow's

pi_heif.register_heif_opener()
for _key in ((order, white, alpha) for order in (b"II", b"MM") for white in (0, 1) for alpha in (1, 2)):
    # Pillow has no name for these 16-bit kinds; with one, it reads all but the pixels
    TiffImagePlugin.OPEN_INFO.setdefault((*_key[:2], (1,), 1, (16, 16), _key[2:]), ("LA", "LA"))
    TiffImagePlugin.OPEN_INFO.setdefault((*_key[:2], (1,), 1, (16,), ()), ("I;16", "I;16"))


@dataclass(frozen=True)
class Samples:
    """Colour (H, W), (H, W, 3) or, of CMYK, (H, W, 4) where 0 is no ink; alpha (H, W) if some pixel is not opaque."""

    colour: Pixels
    alpha: Pixels | None
    is_upright: bool = False


def bits(image: ImageFile.ImageFile, path: Path) -> int:
    """Return the bits of a channel in the file. To be asked before the pixels are loaded. Raises vips.Error."""
    match image.format:
        case "TIFF":
            return int(max(image.tag_v2.get(_BITS_PER_SAMPLE, (1,))))  # type: ignore[attr-defined]
        case "AVIF":
            return vips.bits(path)
        case "HEIF":
            return int(image.info["bit_depth"])
    if image.mode == "1":
        return 1
    layout = str(image.tile[0].args) if image.tile else ""
    return 16 if ";16" in layout + image.mode else 8


def decode(image: ImageFile.ImageFile, path: Path, depth: int) -> Samples:
    """Raises vips.Error, and whatever Pillow raises."""
    if image.format == "WEBP":  # Pillow's way takes twice the memory
        image._decoder = None  # type: ignore[attr-defined]  # noqa: SLF001 - it holds two pictures already
        return _apart(vips.read(path, "webpload", at_once=True))
    if depth > _DEEP:
        return _deep(image, path, depth)
    return replace(_shallow(image), is_upright=image.format in TURNED_BY_PILLOW)


def _deep(image: ImageFile.ImageFile, path: Path, depth: int) -> Samples:
    match image.format:
        case "AVIF":
            return _apart(_full_scale(vips.read(path, "heifload"), depth), is_upright=True)
        case "HEIF":
            file = pi_heif.open_heif(path, convert_hdr_to_8bit=False)
            return _apart(_full_scale(np.array(file), depth), is_upright=True)
        case "TIFF" if depth < 16:  # noqa: PLR2004
            levels = np.left_shift(np.array(image, np.uint16), 16 - depth, dtype=np.uint16)
            return Samples(_full_scale(levels, depth), None, is_upright=True)
        case "TIFF":
            return _apart(vips.read(path, "tiffload"), cmyk=image.mode == "CMYK", hides="A" in image.mode.upper())
    image.close()  # what Pillow decoded of a PNG has eight bits
    return _apart(vips.read(path, "pngload"))


def first(image: ImageFile.ImageFile) -> Samples:
    """Return the first frame, after all were decoded; it has alpha if one of them has."""
    hides, shown = False, None
    for frame, _duration_ms in reels.frames(image):
        shown = shown or frame
        hides = hides or not reels.is_opaque(frame)
    levels = np.asarray(shown)
    return Samples(np.ascontiguousarray(levels[..., :3]), np.ascontiguousarray(levels[..., 3]) if hides else None)


def turned(samples: Samples, orientation: int) -> Samples:
    """Return the samples as they were seen."""
    alpha = None if samples.alpha is None else upright(samples.alpha, orientation)
    return Samples(upright(samples.colour, orientation), alpha, is_upright=True)


def _shallow(image: ImageFile.ImageFile) -> Samples:
    image.load()
    mode = "CMYK" if image.mode == "CMYK" else "L" if image.mode in _GREY else "RGB"
    if mode == "CMYK" or not image.has_transparency_data:
        return Samples(_copied(image, mode, len(mode)), None)
    colour, alpha = _copied(image, mode + "A", len(mode)), _copied(image, mode + "A", None)
    return Samples(colour, _seen(alpha))


def _copied(image: Image.Image, mode: str, channels: int | None) -> Pixels:
    """Convert and copy the first channels, or the last one, some rows at a time: Pillow's pictures are large."""
    out = np.empty((image.height, image.width, channels or 1), np.uint8)
    height_px = max(1, _BAND_BYTES // (4 * image.width))
    for top_px in range(0, image.height, height_px):
        bottom_px = min(top_px + height_px, image.height)
        rows = np.atleast_3d(np.asarray(image.crop((0, top_px, image.width, bottom_px)).convert(mode)))
        out[top_px:bottom_px] = rows[..., :channels] if channels else rows[..., -1:]
    return out if out.shape[2] > 1 else out[..., 0]


def _apart(samples: Pixels, *, cmyk: bool = False, hides: bool = True, is_upright: bool = False) -> Samples:
    """Tell colour and alpha apart; `hides` is false where further channels mean something else."""
    planes = np.atleast_3d(samples)
    channels = planes.shape[2]
    colours = 4 if cmyk else 1 if channels <= 2 else 3  # noqa: PLR2004
    alpha = np.ascontiguousarray(planes[..., colours]) if hides and colours < channels else None
    colour = planes[..., 0] if colours == 1 else planes[..., :colours]
    return Samples(np.ascontiguousarray(colour), _seen(alpha), is_upright)


def _seen(alpha: Pixels | None) -> Pixels | None:
    """Return no alpha if it hides nothing."""
    return None if alpha is None or int(alpha.min()) == pixels.full_scale(alpha) else alpha


def _full_scale(samples: Pixels, depth: int) -> Pixels:
    """Stretch levels that stand in the upper bits of 16, so that white is 65,535."""
    most = (1 << depth) - 1
    table = np.rint(np.arange(most + 1) * (0xFFFF / most)).astype(np.uint16)
    for row in samples:
        row[...] = table[row >> (16 - depth)]
    return samples
