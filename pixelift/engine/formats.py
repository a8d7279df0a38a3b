"""What the file formats can hold."""

from __future__ import annotations

from collections.abc import Mapping

from pixelift.engine.options import Format

READABLE = ("png", "jpeg", "webp", "avif", "tiff", "bmp", "gif", "heic")

PILLOW_NAMES: Mapping[str, str] = {name.upper(): name for name in READABLE if name != "heic"} | {"HEIF": "heic"}

SHOWN_BY_BROWSERS = frozenset(READABLE) - {"tiff", "heic"}

LONGEST_SIDE_PX: Mapping[Format, int] = {  # set by the formats themselves; PNG and TIFF hold more than we ever make
    Format.JPEG: 65_500,  # libjpeg's own limit, in writers and readers alike
    Format.WEBP: 16_383,
    Format.AVIF: 65_535,
    Format.PNG: 2**31 - 1,
    Format.TIFF: 2**31 - 1,
}

_HELD_BYTES = 1_000_000_000  # what an encoder may take that holds the whole picture
_HELD_BYTES_PER_PIXEL: Mapping[tuple[Format, bool], int] = {  # by format and alpha, as measured with 16 megapixels
    (Format.WEBP, False): 11,
    (Format.WEBP, True): 44,
    (Format.AVIF, False): 50,  # with ten bits; 40 with eight
    (Format.AVIF, True): 50,
}
_MOVING_BYTES_PER_PIXEL: Mapping[bool, tuple[int, int]] = {  # of a WebP, by alpha: of one frame, and of every frame
    False: (50, 4),
    True: (80, 6),
}

MOST_BITS: Mapping[Format, int] = {  # of each channel, as we write them
    Format.JPEG: 8,
    Format.WEBP: 8,
    Format.AVIF: 10,
    Format.PNG: 16,
    Format.TIFF: 16,
}

ANIMATED = frozenset({Format.PNG, Format.WEBP})

WITHOUT_ALPHA = frozenset({Format.JPEG})

DEFAULT_QUALITY: Mapping[Format, int] = {Format.JPEG: 95, Format.WEBP: 90, Format.AVIF: 85}

CHROMA_KEPT_FROM_QUALITY = 90

CONTENT_TYPES: Mapping[str, str] = {name: f"image/{name}" for name in READABLE}

EXTENSIONS: Mapping[str, str] = {"jpeg": "jpg", "tiff": "tif"} | {
    name: name for name in READABLE if name not in {"jpeg", "tiff"}
}

_TITLES = {"webp": "WebP"}


def title(name: str) -> str:
    """Write a format's name as people do."""
    return _TITLES.get(name, name.upper())


LISTED = " or ".join(", ".join(map(title, READABLE)).rsplit(", ", 1))


def name_of(pillow_name: str) -> str:
    """Return our name of a format; several pictures in a JPEG (MPO) are a JPEG that holds more."""
    return PILLOW_NAMES.get(pillow_name, "jpeg")


def most_pixels(chosen: Format, *, has_alpha: bool, frames: int = 1) -> int | None:
    """Return how large a result may be whose encoder holds all of it, frame by frame; the others write row by row."""
    if frames > 1 and chosen is Format.WEBP:
        one, each = _MOVING_BYTES_PER_PIXEL[has_alpha]
        return _HELD_BYTES // (one + frames * each) // 10_000 * 10_000
    per_pixel = _HELD_BYTES_PER_PIXEL.get((chosen, has_alpha))
    return None if per_pixel is None else _HELD_BYTES // per_pixel // 1_000_000 * 1_000_000
