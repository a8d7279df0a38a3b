"""The path of one picture: decode, enlarge strip by strip, resample to size, encode."""

from __future__ import annotations

import errno
import mmap
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from pixelift.engine import copies, encoding, gate, hardware, planning, reading, resampling, transparency
from pixelift.engine import strips as cutting
from pixelift.engine.fidelity import Fidelity
from pixelift.engine.meter import Hear, Meter
from pixelift.engine.orders import Order, Outcome, Stage
from pixelift.engine.planning import Plan
from pixelift.engine.reading import Picture
from pixelift.engine.shelf import Shelf
from pixelift.engine.streaming import Tiling
from pixelift.engine.upscaler import Upscaler
from pixelift.errors import StorageFull

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Tools:
    """What pictures are computed with; `strip_px` and `chunk_px` bound the memory, never change a pixel."""

    device: torch.device
    precision: str
    shelf: Shelf
    strip_px: int = 128
    chunk_px: int = 512

    def tiling(self, width_px: int, tick: Callable[[float], None]) -> Tiling:
        """Return strips of about the same area for every width, since a higher strip repeats less of its halo."""
        return Tiling(max(self.strip_px, self.strip_px * self.chunk_px // width_px), self.chunk_px, tick)


def tools(device: str = "auto", precision: str = "auto", models_dir: Path | None = None) -> Tools:
    chosen = hardware.device(device)
    return Tools(chosen, hardware.precision(precision, chosen), Shelf(models_dir))


def run(order: Order, kit: Tools, hear: Hear) -> Outcome:
    """Do what is ordered; `hear` is told of every step and may raise to stop it.

    Raises UnsupportedFormat, InvalidImage, ValidationFailed, ModelNotInstalled, EngineOutputRejected, StorageFull.
    """
    meter = Meter(hear)
    meter.enter(Stage.DECODING)
    picture = reading.read(order.source)
    plan = planning.plan(picture.facts, order.options, kit.shelf)
    with _room(), _canvas(plan, picture, order.destination.parent) as canvas:
        fidelity = _enlarge(picture, plan, canvas, order, kit, meter)
        meter.enter(Stage.ENCODING)
        result = Image.fromarray(canvas)
        encoding.write(result, order.destination, plan, profile=picture.profile, exif=picture.exif)
        has_preview = copies.write(result, picture.profile, plan.format, order.thumbnail, order.preview)
    meter.finish()
    return Outcome(
        width_px=plan.width_px,
        height_px=plan.height_px,
        format=plan.format.value,
        size_bytes=order.destination.stat().st_size,
        sha256=encoding.sha256(order.destination),
        has_alpha=picture.facts.has_alpha,
        has_preview=has_preview,
        model=plan.model.name,
        precision=kit.precision,
        device=kit.device.type,
        fidelity_db=fidelity.db,
        seconds=meter.seconds,
    )


def _enlarge(picture: Picture, plan: Plan, canvas: Pixels, order: Order, kit: Tools, meter: Meter) -> Fidelity:
    """Fill the canvas from top to bottom."""
    alpha = np.asarray(picture.image.getchannel("A")) if picture.facts.has_alpha else None
    source = np.asarray(picture.image if alpha is None else transparency.bled(picture.image))
    scale = plan.model.native_scale
    upscaler, fidelity = Upscaler(plan.model, kit.device, kit.precision), Fidelity(source, scale)
    strips = _strips(order, canvas, picture, meter)
    meter.enter(Stage.UPSCALING, upscaler.work(source))
    rows = _native(gate.enlarged(upscaler, source, kit.tiling(source.shape[1], meter.tick)), source, fidelity)
    native = (source.shape[0] * scale, source.shape[1] * scale)
    done_px = 0
    for band in resampling.resampled(rows, native, canvas.shape[:2]):
        top_px, done_px = done_px, done_px + len(band)
        _lay(canvas, band, alpha, top_px)
        if strips:
            strips.advance(done_px)
    return fidelity


def _native(bands: Iterator[Pixels], source: Pixels, fidelity: Fidelity) -> Iterator[Pixels]:
    """Weigh the network's rows, and let grey stay grey."""
    for band in bands:
        own = np.asarray(Image.fromarray(band).convert("L")) if source.ndim == 2 else band  # noqa: PLR2004
        fidelity.add(own)
        yield own


def _lay(canvas: Pixels, band: Pixels, alpha: Pixels | None, top_px: int) -> None:
    bottom_px = top_px + len(band)
    if alpha is None:
        canvas[top_px:bottom_px] = band
        return
    canvas[top_px:bottom_px, :, :-1] = band.reshape(*band.shape[:2], -1)
    canvas[top_px:bottom_px, :, -1] = resampling.coverage(alpha, canvas.shape[:2], top_px, bottom_px)


def _strips(order: Order, canvas: Pixels, picture: Picture, meter: Meter) -> cutting.Strips | None:
    if order.strips_dir is None:
        return None
    meter.strip_count = cutting.count(picture.image.height)
    return cutting.Strips(order.strips_dir, canvas, picture.profile, meter.strip_count, meter.show)


@contextmanager
def _canvas(plan: Plan, picture: Picture, folder: Path) -> Iterator[Pixels]:
    """Give room for the result's pixels in a file without a name, so that they never fill the memory."""
    bands = len(picture.image.getbands())
    shape = (plan.height_px, plan.width_px) if bands == 1 else (plan.height_px, plan.width_px, bands)
    size_bytes = plan.height_px * plan.width_px * bands
    with tempfile.TemporaryFile(dir=folder) as file:
        _reserve(file.fileno(), size_bytes)
        yield np.frombuffer(mmap.mmap(file.fileno(), size_bytes), np.uint8).reshape(shape)


def _reserve(file: int, size_bytes: int) -> None:
    """Take the room now, so that a full disk is an error here and not a signal later."""
    if sys.platform == "linux":
        os.posix_fallocate(file, 0, size_bytes)
    else:
        os.truncate(file, size_bytes)


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull from error
        raise
