"""What a result will be, known before any pixel is computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from pixelift.engine import formats, geometry
from pixelift.engine.catalogue import Kind, Model
from pixelift.engine.geometry import Size, Window
from pixelift.engine.options import Format, Options
from pixelift.engine.regions import Region
from pixelift.engine.shelf import Shelf
from pixelift.errors import Detail, ImageTooLarge, ModelNotInstalled, ValidationFailed

MIN_QUALITY, MAX_QUALITY = 1, 100
MAX_RESULT_PIXELS = 512_000_000  # of which none are held, so this is a matter of time and of disk


class Source(Protocol):
    """What must be known of a picture to plan with it."""

    @property
    def format(self) -> str: ...
    @property
    def width_px(self) -> int: ...
    @property
    def height_px(self) -> int: ...
    @property
    def has_alpha(self) -> bool: ...
    @property
    def frames(self) -> int: ...


class Denoiser(StrEnum):
    """What takes noise away."""

    TWIN = "network mix"  # the network itself, its numbers mixed with those of its twin, which leaves the noise
    CLASSICAL = "non-local means"


@dataclass(frozen=True)
class Plan:
    """A result's size, format and network; `quality` is None where the format has none.

    `window` is what the result shows of the source. The source is brought to the size `shrink_to` first, if any, and
    every one of `passes` says what becomes of the network's output: the next pass's input, and at last the result.
    `face_model` is None where faces are left alone.
    """

    model: Model
    window: Window
    shrink_to: Size | None
    passes: tuple[Window, ...]
    format: Format
    quality: int | None
    denoiser: Denoiser | None
    face_model: Model | None
    frames: int = 1

    @property
    def network_pixels(self) -> int:
        """How many pixels the network is shown, in all passes and frames."""
        shown = sum(height * width for height, width in (each.source for each in self.passes))
        return self.frames * shown // self.model.native_scale**2

    @property
    def width_px(self) -> int:
        return self.window.target[1]

    @property
    def height_px(self) -> int:
        return self.window.target[0]


def plan(source: Source, options: Options, shelf: Shelf, part: Region | None = None) -> Plan:
    """Decide everything the customer left open; the result shows `part` of the source, or all of it.

    Raises ValidationFailed, ImageTooLarge, ModelNotInstalled.
    """
    _check_strengths(options)
    model, denoiser = _denoising(shelf.take(options.model), options.denoise, shelf)
    window = _window(source, options, part)
    height_px, width_px = window.target
    _check_pixels(width_px * height_px * source.frames)
    chosen = options.format or _like_the_source(source, width_px, height_px)
    _check(chosen, source, width_px, height_px)
    shrink_to, passes = geometry.passes(window, model.native_scale)
    quality = _quality(chosen, options.quality)
    faces = _face_model(options, shelf)
    frames = source.frames if part is None else 1
    return Plan(model, window, shrink_to, passes, chosen, quality, denoiser, faces, frames)


def _check_pixels(pixels: int) -> None:
    if pixels > MAX_RESULT_PIXELS:
        raise ImageTooLarge(
            f"The result would have {pixels:,} pixels, and at most {MAX_RESULT_PIXELS:,} can be made. "
            "Choose a smaller scale."
        )


def _window(source: Source, options: Options, part: Region | None) -> Window:
    whole = source.height_px, source.width_px
    if part is None:
        return geometry.framed(whole, options)
    return geometry.framed((part.height_px, part.width_px), options).inside(whole, part.x_px, part.y_px)


def _check_strengths(options: Options) -> None:
    for field, strength in (("denoise", options.denoise), ("enhance_face", options.enhance_face)):
        if not 0 <= strength <= 1:
            raise _wrong(field, "The strength is a number from 0 to 1.")


def _denoising(model: Model, strength: float, shelf: Shelf) -> tuple[Model, Denoiser | None]:
    """A network with a twin that leaves the noise has a share of `strength` in the two, as upstream does."""
    twin = shelf.twin(model)
    if twin is None:
        return model, Denoiser.CLASSICAL if strength else None
    return replace(model, mix=(twin, 1 - strength)), Denoiser.TWIN if strength else None


def _face_model(options: Options, shelf: Shelf) -> Model | None:
    if not options.enhance_face:
        return None
    for model in shelf.installed(Kind.FACE):
        return model
    remedy = shelf.all(Kind.FACE)[0].remedy
    raise ModelNotInstalled(f"Nothing that restores faces is installed here. Run: {remedy}")


def _like_the_source(source: Source, width_px: int, height_px: int) -> Format:
    own = Format(source.format) if source.format in set(Format) else Format.PNG
    if source.frames > 1 and source.format != Format.PNG:
        own = Format.WEBP
    return Format.PNG if _misfit(own, source, width_px, height_px) else own


def _check(chosen: Format, source: Source, width_px: int, height_px: int) -> None:
    if misfit := _misfit(chosen, source, width_px, height_px):
        raise _wrong("format", misfit)


def _misfit(chosen: Format, source: Source, width_px: int, height_px: int) -> str | None:
    """Return why the format cannot hold the result, if so."""
    name, size, longest_px = chosen.upper(), f"{width_px:,} by {height_px:,}", formats.LONGEST_SIDE_PX[chosen]
    if source.frames > 1 and chosen not in formats.ANIMATED:
        return f"This picture is animated, and {name} cannot hold that. Choose WebP or PNG."
    if source.has_alpha and chosen in formats.WITHOUT_ALPHA:
        return f"This picture is transparent, and {name} cannot hold that. Choose PNG."
    if max(width_px, height_px) > longest_px:
        return f"{name} holds at most {longest_px:,} pixels a side, not {size}. Choose PNG."
    most = formats.most_pixels(chosen, has_alpha=source.has_alpha, frames=source.frames)
    if most is not None and width_px * height_px > most:
        remedy = f" a frame, not {size}. Choose PNG." if source.frames > 1 else f", not {size}. Choose PNG or TIFF."
        return f"{name} must be made in one piece, of at most {most:,} pixels{remedy}"
    return None


def _quality(chosen: Format, asked: int | None) -> int | None:
    if asked is not None and not MIN_QUALITY <= asked <= MAX_QUALITY:
        raise _wrong("quality", f"The quality is a whole number from {MIN_QUALITY} to {MAX_QUALITY}.")
    default = formats.DEFAULT_QUALITY.get(chosen)
    return default if default is None else asked or default


def _wrong(field: str, sentence: str) -> ValidationFailed:
    return ValidationFailed(sentence, details=(Detail(field, sentence),))
