"""Sizes, and which part of a picture becomes which size. Sizes are (height, width) in pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pixelift.engine.options import MAX_SCALE, MIN_SCALE, Fit, Options
from pixelift.errors import Detail, ValidationFailed

Size = tuple[int, int]  # height, width
Box = tuple[float, float, float, float]  # left, top, right, bottom

_REACH = 3  # Lanczos 3
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Window:
    """What part of a source becomes what size."""

    source: Size
    target: Size
    box: Box

    @classmethod
    def whole(cls, source: Size, target: Size) -> Window:
        return cls(source, target, (0.0, 0.0, float(source[1]), float(source[0])))

    @property
    def changes_nothing(self) -> bool:
        return self == Window.whole(self.source, self.source)

    @property
    def factor(self) -> float:
        """How many times larger the part becomes; the larger of both ways."""
        left, top, right, bottom = self.box
        return max(self.target[1] / (right - left), self.target[0] / (bottom - top))

    def rows(self, top_px: int, bottom_px: int) -> tuple[int, int]:
        """Return the rows of the source, [from, to), that rows [top, bottom) of the target are made of."""
        top, step = self.box[1], self._step
        reach = _REACH * max(1.0, step) + 1
        first, last = top + top_px * step - reach, top + bottom_px * step + reach
        return max(0, math.floor(first)), min(self.source[0], math.ceil(last))

    def within(self, from_px: int, top_px: int, bottom_px: int) -> Box:
        """Return the box of rows [top, bottom) of the target, in source rows counted from `from_px`."""
        left, top, right, bottom = self.box
        end = bottom if bottom_px == self.target[0] else top + bottom_px * self._step
        return left, top + top_px * self._step - from_px, right, end - from_px

    def of_size(self, source: Size) -> Window:
        """Return the same part of the same picture, where that has another size."""
        wider, higher = source[1] / self.source[1], source[0] / self.source[0]
        left, top, right, bottom = self.box
        scaled = (left * wider, top * higher, right * wider, bottom * higher)
        return Window(source, self.target, _bounded(scaled, source))

    def inside(self, larger: Size, left_px: int, top_px: int) -> Window:
        """Return the same window where its source is only a part, with this corner, of a larger picture."""
        left, top, right, bottom = self.box
        return Window(larger, self.target, (left + left_px, top + top_px, right + left_px, bottom + top_px))

    @property
    def _step(self) -> float:
        return (self.box[3] - self.box[1]) / self.target[0]


def framed(source: Size, options: Options) -> Window:
    """Return the result's size and the part of the source that it shows. Raises ValidationFailed."""
    wanted = (options.height_px, options.width_px)
    window = _by_scale(source, options.scale) if wanted == (None, None) else _by_size(source, wanted, options.fit)
    if window.factor > MAX_SCALE + _ROUNDING:
        field = "width" if options.width_px else "height"
        most = " by ".join(f"{side * MAX_SCALE:,}" for side in source[::-1])
        raise _wrong(field, f"That is more than {MAX_SCALE} times larger than the picture. Ask for at most {most}.")
    return window


def passes(window: Window, native_scale: int) -> tuple[Size | None, tuple[Window, ...]]:
    """Return the size to shrink the source to first, if any, and what to make of the network's output each time.

    One pass enlarges up to the network's own scale. More take as many as it needs, and every pass but the last is
    brought to the size that leaves the last one its whole scale, so that no pixel is computed to be thrown away.
    """
    shrunk = _shrunk(window)
    start, factor = shrunk or window.source, window.factor
    count = 1 if native_scale == 1 else max(1, math.ceil(math.log(factor, native_scale) - 1e-9))
    sizes = [_times(start, factor / native_scale ** (count - number)) for number in range(1, count)]
    inputs = [start, *sizes]
    outputs = [(height * native_scale, width * native_scale) for height, width in inputs]
    between = [Window.whole(output, size) for output, size in zip(outputs, sizes, strict=False)]
    return shrunk, (*between, window.of_size(outputs[-1]))


def _by_scale(source: Size, scale: float) -> Window:
    if not (math.isfinite(scale) and MIN_SCALE <= scale <= MAX_SCALE):
        raise _wrong("scale", f"The scale is a number from {MIN_SCALE} to {MAX_SCALE}.")
    return Window.whole(source, _times(source, scale))


def _by_size(source: Size, wanted: tuple[int | None, int | None], fit: Fit) -> Window:
    for field, side in zip(("height", "width"), wanted, strict=True):
        if side is not None and side < 1:
            raise _wrong(field, f"The {field} is a whole number of pixels from 1.")
    ratios = [side / own for side, own in zip(wanted, source, strict=True) if side]
    height, width = (side or max(1, round(own * ratios[0])) for side, own in zip(wanted, source, strict=True))
    if fit is Fit.INSIDE or len(ratios) == 1:
        inside = _times(source, min(ratios))
        return Window.whole(source, (min(inside[0], height), min(inside[1], width)))
    if fit is Fit.EXACT:
        return Window.whole(source, (height, width))
    part = (height / max(ratios), width / max(ratios))
    top, left = ((own - side) / 2 for own, side in zip(source, part, strict=True))
    return Window(source, (height, width), _bounded((left, top, left + part[1], top + part[0]), source))


def _shrunk(window: Window) -> Size | None:
    """A result smaller than its source is made from a source of the result's size: the rest would be lost anyway."""
    left, top, right, bottom = window.box
    factors = (window.target[0] / (bottom - top), window.target[1] / (right - left))
    if max(factors) >= 1:
        return None
    return max(1, round(window.source[0] * factors[0])), max(1, round(window.source[1] * factors[1]))


def _bounded(box: Box, size: Size) -> Box:
    """Take back what rounding errors put outside, since Pillow refuses even the least of it."""
    left, top, right, bottom = box
    return max(0.0, left), max(0.0, top), min(float(size[1]), right), min(float(size[0]), bottom)


def _times(size: Size, factor: float) -> Size:
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _wrong(field: str, sentence: str) -> ValidationFailed:
    return ValidationFailed(sentence, details=(Detail(field, sentence),))
