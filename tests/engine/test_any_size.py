"""Sizes are met to the pixel, and resampling means the same as the plain formula, whatever the numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pixelift.engine import geometry
from pixelift.engine.geometry import Window
from pixelift.engine.inspection import Facts
from pixelift.engine.options import MAX_SCALE, Fit, Options
from pixelift.engine.pixels import Pixels
from pixelift.engine.planning import Plan, plan
from pixelift.engine.resampling import coverage, resampled
from pixelift.engine.shelf import Shelf
from pixelift.errors import ImageTooLarge, ValidationFailed

PHOTO = Facts("png", 300, 200, False, 8, "RGB", False, False)

sources = st.builds(lambda width, height: replace(PHOTO, width_px=width, height_px=height), *[st.integers(1, 6000)] * 2)
wishes = st.integers(1, 20_000)


@settings(max_examples=300)
@given(sources, st.floats(1, MAX_SCALE))
def test_a_scale_gives_each_side_rounded(source: Facts, scale: float) -> None:
    assert _size(_planned(source, scale=scale)) == (round(source.width_px * scale), round(source.height_px * scale))


@settings(max_examples=300)
@given(sources, wishes, wishes)
def test_inside_never_exceeds_and_keeps_the_ratio(source: Facts, width_px: int, height_px: int) -> None:
    width, height = _size(_planned(source, width_px=width_px, height_px=height_px, fit=Fit.INSIDE))
    factor = min(width_px / source.width_px, height_px / source.height_px)
    assert width <= width_px
    assert height <= height_px
    assert width == width_px or height == height_px
    assert width == pytest.approx(max(1, source.width_px * factor), abs=0.5001)
    assert height == pytest.approx(max(1, source.height_px * factor), abs=0.5001)


@settings(max_examples=300)
@given(sources, wishes, wishes, st.sampled_from([Fit.COVER, Fit.EXACT]))
def test_cover_and_exact_hit_to_the_pixel(source: Facts, width_px: int, height_px: int, fit: Fit) -> None:
    planned = _planned(source, width_px=width_px, height_px=height_px, fit=fit)
    assert _size(planned) == (width_px, height_px)
    left, top, right, bottom = planned.window.box
    assert _lies_within(planned.window)
    if fit is Fit.EXACT:
        assert (left, top, right, bottom) == (0, 0, source.width_px, source.height_px)
    else:
        assert (right - left) / (bottom - top) == pytest.approx(width_px / height_px)
        assert right - left == pytest.approx(source.width_px) or bottom - top == pytest.approx(source.height_px)


@settings(max_examples=200)
@given(sources, wishes, st.sampled_from(["width_px", "height_px"]))
def test_one_side_brings_the_other_in_ratio(source: Facts, side_px: int, named: str) -> None:
    width, height = _size(_planned(source, **{named: side_px}))
    wide = named == "width_px"
    asked, other = (width, height) if wide else (height, width)
    own, others_own = (source.width_px, source.height_px) if wide else (source.height_px, source.width_px)
    assert asked == side_px
    assert other == pytest.approx(max(1, others_own * side_px / own), abs=0.5001)


@settings(max_examples=300)
@given(sources, wishes, wishes, st.sampled_from(Fit), st.sampled_from([2, 4]))
def test_the_passes_lead_to_the_result_and_none_enlarges_more_than_the_network(
    source: Facts, width_px: int, height_px: int, fit: Fit, native_scale: int
) -> None:
    planned = _planned(source, width_px=width_px, height_px=height_px, fit=fit)
    shrunk, passes = geometry.passes(planned.window, native_scale)
    size = shrunk or (source.height_px, source.width_px)
    for each in passes:
        assert _lies_within(each)
        assert each.source == (size[0] * native_scale, size[1] * native_scale)
        size = each.target
    assert size == planned.window.target
    assert len(passes) <= math.ceil(math.log(MAX_SCALE, native_scale))


pictures = st.tuples(st.integers(1, 70), st.integers(1, 40), st.sampled_from([0, 3]), st.sampled_from(["u1", "u2"]))


@settings(max_examples=80, deadline=None)
@given(pictures, st.integers(1, 150), st.integers(1, 60), st.integers(1, 40), st.data())
def test_any_window_of_any_bands_is_the_plain_formula(
    kind: tuple[int, int, int, str], height_px: int, width_px: int, band_px: int, data: st.DataObject
) -> None:
    source = _noise(*kind)
    window = Window(source.shape[:2], (height_px, width_px), _box(data, *source.shape[:2]))
    assume(not window.changes_nothing)
    result = np.concatenate(list(resampled(_bands(source, band_px), window)))
    assert np.array_equal(result, np.concatenate(list(resampled([source], window))))
    assert (result.shape, result.dtype) == ((height_px, width_px, *source.shape[2:]), source.dtype)
    white = np.iinfo(source.dtype).max
    formula = _curved(_resized(_linear(source / white), window).clip(0, 1)) * white
    assert np.abs(result - formula).max() < 1.5


@settings(max_examples=40, deadline=None)
@given(pictures, st.integers(1, 150), st.integers(1, 60), st.data())
def test_any_rows_of_alpha_are_the_plain_formula(
    kind: tuple[int, int, int, str], height_px: int, width_px: int, data: st.DataObject
) -> None:
    alpha = _noise(kind[0], kind[1], 0, kind[3])
    window = Window(alpha.shape[:2], (height_px, width_px), _box(data, *alpha.shape[:2]))
    top_px = data.draw(st.integers(0, height_px - 1))
    bottom_px = data.draw(st.integers(top_px + 1, height_px))
    formula = _resized(alpha.astype(np.float64), window).clip(0, np.iinfo(alpha.dtype).max)[top_px:bottom_px]
    assert np.abs(coverage(alpha, window, top_px, bottom_px) - formula).max() < 1.5


def _planned(source: Facts, **options: Any) -> Plan:
    """Plan, and let go of what is refused for its size, which other tests look at."""
    try:
        return plan(source, Options(**options), Shelf())
    except (ImageTooLarge, ValidationFailed):
        assume(False)
        raise


def _lies_within(window: Window) -> bool:
    """Not a rounding error beyond, since Pillow refuses that."""
    left, top, right, bottom = window.box
    return 0 <= left < right <= window.source[1] and 0 <= top < bottom <= window.source[0]


def _size(planned: Plan) -> tuple[int, int]:
    return planned.width_px, planned.height_px


def _box(data: st.DataObject, height_px: int, width_px: int) -> tuple[float, float, float, float]:
    """Draw a part of a picture at least a pixel high and wide."""
    left, top = data.draw(st.floats(0, width_px - 1)), data.draw(st.floats(0, height_px - 1))
    return left, top, data.draw(st.floats(left + 1, width_px)), data.draw(st.floats(top + 1, height_px))


def _noise(height_px: int, width_px: int, channels: int, kind: str) -> Pixels:
    shape = (height_px, width_px, channels) if channels else (height_px, width_px)
    dtype = np.dtype(kind)
    return np.random.default_rng(height_px).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def _bands(source: Pixels, height_px: int) -> Iterator[Pixels]:
    for top_px in range(0, len(source), height_px):
        yield source[top_px : top_px + height_px]


Floats = NDArray[np.float64]


def _resized(light: Floats, window: Window) -> Floats:
    """Lanczos 3 by two matrices, in double precision."""
    left, top, right, bottom = window.box
    rows = _matrix(window.source[0], window.target[0], top, bottom)
    columns = _matrix(window.source[1], window.target[1], left, right)
    resized: Floats = np.einsum("ab,bc...,dc->ad...", rows, light, columns, optimize=True)
    return resized


def _matrix(source_px: int, target_px: int, start: float, end: float) -> Floats:
    step = (end - start) / target_px
    wide = max(1.0, step)
    centres = start + (np.arange(target_px) + 0.5) * step
    away = (np.arange(source_px) + 0.5 - centres[:, None]) / wide
    weights = np.where(np.abs(away) < 3, np.sinc(away) * np.sinc(away / 3), 0)
    normal: Floats = weights / weights.sum(1, keepdims=True)
    return normal


def _linear(level: Floats) -> Floats:
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)


def _curved(light: Floats) -> Floats:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
