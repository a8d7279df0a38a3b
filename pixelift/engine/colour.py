"""Colours as the network wants them: grey or RGB, with tones like those of sRGB."""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from PIL import Image, ImageCms

from pixelift.engine import pixels, profiles, vips
from pixelift.engine.pixels import Pixels

_SPACES = {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}
_ALIKE = 0.06  # of full scale: gammas from 2 to 2.4 are as good as sRGB's own tones, 1.8 and 1 are not


class Handling(StrEnum):
    """What became of the source's colours."""

    KEPT = "kept"
    RETONED = "retoned"
    CONVERTED = "converted"


@dataclass(frozen=True)
class Coloured:
    """Pixels (H, W) or (H, W, 3), and the profile that describes them; none means sRGB."""

    pixels: Pixels
    profile: bytes | None
    handling: Handling


def for_network(source: Pixels, profile: bytes | None) -> Coloured:
    """Take grey, RGB or CMYK (0 is no ink) in the colours of a profile; a broken one is as good as none.

    Primaries stay, so nothing is clipped; tones become those of sRGB where the profile's are far from them. CMYK, and
    profiles that only a table describes, become sRGB.
    """
    channels = 1 if source.ndim == 2 else source.shape[2]  # noqa: PLR2004
    if not profile or profiles.space(profile) != _SPACES[channels]:
        return _unprofiled(source)
    curves = profiles.curves(profile) if channels in {1, 3} else None
    if curves is None:
        return _in_srgb(source, profile)
    if all(_is_alike(curve) for curve in curves):
        return Coloured(source, profile, Handling.KEPT)
    return Coloured(_retoned(source, curves), profiles.retoned(profile), Handling.RETONED)


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a small picture in the colours that browsers assume, from those that `for_network` left it."""
    if profile is None or profiles.space(profile) != b"RGB ":  # grey has tones like sRGB's already
        return image
    try:
        own, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, own, srgb, outputMode=image.mode) or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image


def _unprofiled(source: Pixels) -> Coloured:
    if source.ndim == 2 or source.shape[2] == 3:  # noqa: PLR2004
        return Coloured(source, None, Handling.KEPT)
    return Coloured(_without_ink(source), None, Handling.CONVERTED)


def _without_ink(cmyk: Pixels) -> Pixels:
    """Return RGB as plain arithmetic has it, where no profile tells of the inks."""
    white = pixels.full_scale(cmyk)
    rgb = np.empty((*cmyk.shape[:2], 3), cmyk.dtype)
    for row, inks in zip(rgb, cmyk, strict=True):
        light = white - inks.astype(np.uint32)
        row[:] = (light[:, :3] * light[:, 3:] + white // 2) // white
    return rgb


def _in_srgb(source: Pixels, profile: bytes) -> Coloured:
    try:
        return Coloured(vips.in_srgb(source, profile), None, Handling.CONVERTED)
    except vips.Error:
        return _unprofiled(source)


def _is_alike(curve: profiles.Curve) -> bool:
    level = np.linspace(0, 1, profiles.STEPS)
    return float(np.abs(profiles.to_srgb_level(curve) - level).max()) < _ALIKE


def _retoned(source: Pixels, curves: list[profiles.Curve]) -> Pixels:
    white = pixels.full_scale(source)
    planes = source.reshape(*source.shape[:2], -1)
    out = np.empty_like(planes)
    for index, curve in enumerate(curves):
        light = np.interp(np.linspace(0, 1, white + 1), np.linspace(0, 1, profiles.STEPS), curve)
        table = np.rint(profiles.to_srgb_level(light) * white).astype(source.dtype)
        for row, levels in zip(out, planes, strict=True):
            row[:, index] = table[levels[:, index]]
    return out.reshape(source.shape)
