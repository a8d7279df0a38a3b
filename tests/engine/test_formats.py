"""The format contract. Run this file to write docs/formats.md anew: `python -m tests.engine.test_formats`."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import flip_evaluator
import numpy as np
import pytest
import pyvips
import torch
from PIL import Image, ImageCms
from skimage.color import deltaE_ciede2000
from spandrel.architectures.Compact import Compact
from torch import nn

from pixelift.engine import pipeline, weights
from pixelift.engine.catalogue import Model
from pixelift.engine.options import Format, Options
from pixelift.engine.orders import Order, Outcome
from pixelift.engine.shelf import Shelf
from tests.engine import album
from tests.engine.album import Floats, Kind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "formats.md"
SCALE = 4
STAND_IN = "nearest"
LIMITS = (0.1, 0.5, 1.0)  # of colour differences
FLIP_LIMITS = (0.005, 0.02, 0.07)
Coloured = tuple[Floats, bytes | None]
VISIBLE = 0.5  # of opacity; below, premultiplied 8-bit files keep too little colour to compare
LOSSY = {"JPEG", "AVIF", "HEIC"}  # as the album writes them; their own loss is in the figure, so the mean counts


@dataclass(frozen=True)
class Measured:
    """What came out: the colour difference (CIEDE2000), the largest or of lossy sources the mean; FLIP's mean, of what
    is seen of the whole result on white; and alpha's PSNR.
    """

    comes_out: str
    colours: str
    delta_e: float
    flip: float
    alpha_db: float | None


class Plain(Shelf):
    """Offers a network of zeros, which repeats every pixel: what remains is what the rest of the engine does."""

    def take(self, _name: str | None, *arguments: Any) -> Model:
        return replace(super().take("realesr-animevideov3", *arguments), name=STAND_IN)


@pytest.fixture(scope="module", autouse=True)
def _stand_in() -> Iterator[None]:
    with stand_in():
        yield


def stand_in() -> Any:
    network = Compact(num_in_ch=3, num_out_ch=3, num_feat=8, num_conv=1, upscale=SCALE)
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    load = weights.load
    return mock.patch.object(weights, "load", lambda model: network.eval() if model.name == STAND_IN else load(model))


@pytest.mark.parametrize("kind", album.KINDS, ids=lambda kind: " ".join(map(str, astuple(kind))))
def test_colours_and_alpha_come_out_as_a_colour_managed_reference_has_them(kind: Kind, tmp_path: Path) -> None:
    measured = measure(kind, tmp_path)
    assert measured.delta_e < LIMITS[-1]
    assert measured.flip < FLIP_LIMITS[-1]
    assert measured.alpha_db is None or measured.alpha_db > 50
    assert row(kind, measured) in PAGE.read_text().splitlines()


def measure(kind: Kind, folder: Path) -> Measured:
    source = album.write(kind, folder / "source")
    result, _outcome = enlarge(source, folder, format=Format.TIFF)
    image = pyvips.Image.tiffload(str(result))
    levels = image.numpy().reshape(image.height, image.width, -1) / (255 if image.format == "uchar" else 65_535)
    opacity = album.alpha(kind)
    colours = levels if opacity is None else levels[..., :-1]
    bits = 8 if image.format == "uchar" else 16
    mode = {1: "grey", 2: "grey+alpha", 3: "RGB", 4: "RGBA"}[image.bands]
    profile = image.get("icc-profile-data") if image.get_typeof("icc-profile-data") else None
    expected = reference(kind)
    apart: Floats = deltaE_ciede2000(  # type: ignore[no-untyped-call]
        lab(colours[::SCALE, ::SCALE], profile), lab(*expected)
    )
    seen = np.ones(apart.shape, bool) if opacity is None else opacity > VISIBLE
    return Measured(
        comes_out=f"{mode} {bits}",
        colours=_words(kind, profile),
        delta_e=float(apart.mean() if kind.format in LOSSY else apart[seen].max()),
        flip=flip(
            on_white(*repeated(expected), None if opacity is None else _enlarged(opacity)),
            on_white(colours, profile, None if opacity is None else levels[..., -1]),
        ),
        alpha_db=None if opacity is None else _psnr(levels[..., -1], _enlarged(opacity)),
    )


def enlarge(source: Path, folder: Path, **options: Any) -> tuple[Path, Outcome]:
    order = Order(source, folder / "result", Options(scale=SCALE, **options))
    kit = replace(pipeline.tools("cpu", "fp32"), shelf=Plain())
    return order.destination, pipeline.run(order, kit, lambda _progress: None)


def lab(colours: Floats, profile: bytes | None) -> Floats:
    """Return CIE L*a*b* of grey or RGB from 0 to 1, as LittleCMS has it."""
    labelled = _labelled(colours, profile)
    found: Floats = labelled.icc_import(embedded=True, intent="relative", pcs="lab").numpy().astype(np.float64)
    return found


def on_white(colours: Floats, profile: bytes | None, opacity: Floats | None) -> Floats:
    """Return sRGB (H, W, 3) from 0 to 1, as LittleCMS has it and browsers lay it on a white page."""
    labelled = _labelled(colours, profile)
    srgb: Floats = labelled.icc_transform("srgb", embedded=True, intent="relative", depth=16).numpy() / 65_535
    return srgb if opacity is None else 1 - opacity[..., None] * (1 - srgb)


def flip(reference: Floats, result: Floats) -> float:
    """Return the mean of FLIP, a measure of what the eye sees in turning from one to the other; 1 is the most."""
    seen = [each.astype(np.float32) for each in (reference, result)]
    return float(flip_evaluator.evaluate(*seen, "LDR", applyMagma=False)[1])


def repeated(coloured: Coloured) -> Coloured:
    colours, profile = coloured
    return colours.repeat(SCALE, 0).repeat(SCALE, 1), profile


def _labelled(colours: Floats, profile: bytes | None) -> pyvips.Image:
    if profile is None:
        colours, profile = colours[..., [0, 0, 0] if colours.shape[2] == 1 else [0, 1, 2]], album.profile("sRGB")
    levels = np.rint(colours * 65_535).astype(np.uint16)
    image = pyvips.Image.new_from_array(levels).copy(interpretation="grey16" if levels.shape[2] == 1 else "rgb16")
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    return image


def reference(kind: Kind) -> Coloured:
    """Return the colours that must come out, at the source's size, and their profile."""
    colours, profile = album.colours(kind), album.profile(kind.profile)
    if kind.mode != "CMYK":
        return colours, profile
    if profile is None:
        return (1 - colours[..., :3]) * (1 - colours[..., 3:]), None
    inks = Image.fromarray(np.rint(colours * 255).astype(np.uint8), "CMYK")
    own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    srgb = ImageCms.createProfile("sRGB")
    rgb = ImageCms.profileToProfile(inks, own, srgb, ImageCms.Intent.RELATIVE_COLORIMETRIC, "RGB", flags=flags)
    return np.asarray(rgb) / 255, None


def row(kind: Kind, measured: Measured) -> str:
    """Return the line of the table; figures are limits, so that another machine's last digits do not matter."""
    alpha = "" if measured.alpha_db is None else f"> {min(90, measured.alpha_db // 10 * 10):.0f} dB"
    far = (_below(measured.delta_e, LIMITS), _below(measured.flip, FLIP_LIMITS), alpha)
    profile = f"{kind.profile} ({kind.in_numbers})" if kind.in_numbers else kind.profile
    told = (kind.format, kind.mode, kind.depth, profile, measured.comes_out, measured.colours, *far)
    return "| " + " | ".join(map(str, told)) + " |"


def _below(measured: float, limits: tuple[float, ...]) -> str:
    limit = next((limit for limit in limits if measured < limit), None)
    return f"**{limits[-1]:g} or more**" if limit is None else f"< {limit:g}"


def _words(kind: Kind, profile: bytes | None) -> str:
    if profile is None:
        return "converted to sRGB" if kind.mode == "CMYK" else "sRGB, without a profile"
    if kind.in_numbers and not _is_toned_anew(kind):
        return "its own, as a profile"
    return "its own, embedded" if profile == album.profile(kind.profile) else "its own, with tones of sRGB, embedded"


def _is_toned_anew(kind: Kind) -> bool:
    return kind.profile in {"linear", "grey gamma 1.8"}


def _enlarged(opacity: Floats) -> Floats:
    size = (album.WIDTH_PX * SCALE, album.HEIGHT_PX * SCALE)
    return np.asarray(Image.fromarray(opacity.astype(np.float32)).resize(size, Image.Resampling.LANCZOS)).clip(0, 1)


def _psnr(one: Floats, other: Floats) -> float:
    error = float(((one - other) ** 2).mean())
    return 999.0 if error == 0 else -10 * np.log10(error)


def table() -> str:
    head = "| in | mode | bits | profile | comes out as | colours | ΔE | FLIP | alpha |\n" + "|---" * 9 + "|\n"
    with tempfile.TemporaryDirectory() as folder, stand_in():
        rows = [row(kind, measure(kind, Path(folder))) for kind in album.KINDS]
    return head + "".join(f"{line}\n" for line in rows)


if __name__ == "__main__":
    torch.set_num_threads(2)
    words, _old = PAGE.read_text().split("| in |")
    PAGE.write_text(words + table())
