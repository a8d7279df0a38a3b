"""The whole engine on pictures nobody thought of: what was planned is what comes, or a sentence says why not."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import Base

from pixelift.engine import pipeline, planning, reading
from pixelift.engine.options import Fit, Format, Options
from pixelift.engine.orders import Order
from pixelift.errors import PixeliftError

HELD = {
    "png": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16", "RGB;16", "RGBA;16"),
    "tiff": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "RGB;16"),
    "jpeg": ("L", "RGB", "CMYK"),
    "webp": ("RGB", "RGBA"),
    "avif": ("RGB", "RGBA"),
    "bmp": ("1", "L", "P", "RGB"),
    "gif": ("1", "L", "P"),
}
GREY = {"1", "L", "LA", "I;16"}
KEEPS_GREY = {Format.PNG, Format.TIFF, Format.JPEG}
KEEPS_DEPTH = {Format.PNG, Format.TIFF, Format.AVIF}

kinds = st.sampled_from([(name, mode) for name, modes in HELD.items() for mode in modes])
sides = st.integers(1, 26)
seeds = st.integers(0, 99)
optional_sides = st.none() | st.integers(1, 120)
options = st.builds(
    Options,
    scale=st.floats(1, 8),
    width_px=optional_sides,
    height_px=optional_sides,
    fit=st.sampled_from(Fit),
    denoise=st.just(0.0) | st.floats(0, 1),
    keep_metadata=st.booleans(),
    keep_location=st.booleans(),
    model=st.just("realesr-animevideov3"),
    format=st.none() | st.sampled_from(Format),
    quality=st.none() | st.integers(1, 100),
)


@settings(max_examples=100, deadline=None)
@given(kinds, sides, sides, seeds, st.integers(1, 8), options)
def test_what_was_planned_is_what_comes(
    kind: tuple[str, str], width_px: int, height_px: int, seed: int, orientation: int, wanted: Options
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder, "source"), Path(folder, "result")
        _save(source, *kind, (width_px, height_px), seed, orientation)
        picture, kit = reading.read(source), pipeline.tools("cpu")
        try:
            plan = planning.plan(picture.facts, wanted, kit.shelf)
        except PixeliftError:
            return
        outcome = pipeline.run(Order(source, result, wanted), kit, lambda _progress: None)
        made = reading.read(result)
    assert (made.facts.width_px, made.facts.height_px) == (plan.width_px, plan.height_px)
    assert (outcome.width_px, outcome.height_px) == (plan.width_px, plan.height_px)
    assert made.facts.format == outcome.format == plan.format
    assert outcome.has_alpha == picture.facts.has_alpha
    assert picture.facts.has_alpha or not made.facts.has_alpha
    if kind[0] != "gif":  # whose palette may or may not say that it is grey
        assert made.pixels.ndim == (2 if kind[1] in GREY and plan.format in KEEPS_GREY else 3)
    assert (made.facts.bit_depth > 8) == (picture.facts.bit_depth > 8 and plan.format in KEEPS_DEPTH)


def _save(path: Path, name: str, mode: str, size: tuple[int, int], seed: int, orientation: int) -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    if mode.startswith(("RGB;", "RGBA;")):
        path.write_bytes(cv2.imencode(f".{name}", _noise(size, seed, len(mode) - 3))[1].tobytes())
    elif mode == "I;16":
        Image.fromarray(_noise(size, seed, 0)).save(path, name)
    else:
        levels = (_noise(size, seed, 4) >> 8).astype(np.uint8)
        Image.fromarray(levels).convert(mode).save(path, name, exif=exif)


def _noise(size: tuple[int, int], seed: int, channels: int) -> Any:
    """Return 16-bit levels, flat for some seeds, as pictures are that make trouble."""
    shape = (*size[::-1], channels) if channels else size[::-1]
    dice = np.random.default_rng(seed)
    return np.full(shape, seed * 257, np.uint16) if seed % 5 == 0 else dice.integers(0, 65_536, shape, np.uint16)
