"""Colour modes, bit depths and profiles of what Pillow decoded."""

from __future__ import annotations

import io

from PIL import Image, ImageCms, ImageFile

MODES = frozenset({"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "YCbCr", "CMYK"}) | {
    "I;16",
    "I;16L",
    "I;16B",
}
_PROFILE_SPACE = slice(16, 20)  # ICC.1:2022, table 17: the data colour space in the header
_SPACES = {"L": b"GRAY", "RGB": b"RGB ", "RGBA": b"RGB ", "LA": b"GRAY", "CMYK": b"CMYK"}
_OPAQUE = 255


def eight_bits(image: ImageFile.ImageFile) -> Image.Image:
    """Return the picture as L, LA, RGB or RGBA; an alpha channel stays only when some pixel is not opaque."""
    if image.mode.startswith("I;16"):
        return _from_sixteen_bits(image)
    if image.mode == "CMYK":
        return in_srgb(image, image.info.get("icc_profile"))
    grey = image.mode in {"1", "L", "LA", "La"}
    if not image.has_transparency_data:
        return image.convert("L" if grey else "RGB")
    with_alpha = image.convert("LA" if grey else "RGBA")
    lowest, _ = with_alpha.getchannel("A").getextrema()
    return with_alpha.convert("L" if grey else "RGB") if lowest == _OPAQUE else with_alpha


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in the colours that browsers assume; a broken profile is as good as none."""
    if profile is None or profile[_PROFILE_SPACE] != _SPACES.get(image.mode):
        return image.convert("RGB") if image.mode == "CMYK" else image
    mode = "RGB" if image.mode == "CMYK" else image.mode
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return _converted(image, own, mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert(mode)


def kept_profile(profile: bytes | None, image: Image.Image) -> bytes | None:
    """Return the profile if it describes these pixels, which it no longer does after a conversion."""
    return profile if profile and profile[_PROFILE_SPACE] == _SPACES[image.mode] else None


def bit_depth(image: ImageFile.ImageFile) -> int:
    """Return the bits of a channel in the file: 1, 8 or 16. To be asked before the pixels are loaded."""
    if image.mode == "1":
        return 1
    layout = str(image.tile[0].args) if image.tile else ""
    return 16 if ";16" in layout + image.mode else 8


def _from_sixteen_bits(image: Image.Image) -> Image.Image:
    return image.convert("I").point(lambda value: value * (255 / 65535) + 0.5).convert("L")


def _converted(image: Image.Image, own: ImageCms.ImageCmsProfile, mode: str) -> Image.Image:
    if mode in {"L", "LA"}:  # a grey profile is a tone curve; a browser applies it itself
        return image
    converted = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode=mode)
    assert converted is not None  # noqa: S101 - for the type checker: it is not done in place
    return converted
