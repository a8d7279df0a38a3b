"""The path of one picture: decode, denoise, restore faces, enlarge strip by strip, resample to size, encode."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from pixelift.engine import (
    animation,
    copies,
    denoising,
    encoding,
    formats,
    hardware,
    memory,
    planning,
    reading,
    resampling,
    transparency,
)
from pixelift.engine import ledger as ledgers
from pixelift.engine import strips as cutting
from pixelift.engine.canvas import Canvas
from pixelift.engine.catalogue import Kind
from pixelift.engine.faces import detectors, portraits, restoration
from pixelift.engine.faces.portraits import Portraits
from pixelift.engine.geometry import Window
from pixelift.engine.meter import Hear, Meter
from pixelift.engine.orders import Order, Outcome, Stage
from pixelift.engine.passes import Passes
from pixelift.engine.pixels import Depth, Pixels
from pixelift.engine.planning import Denoiser, Plan
from pixelift.engine.reading import Picture
from pixelift.engine.shelf import Shelf
from pixelift.engine.streaming import Tiling
from pixelift.engine.turnstile import Turn, Turnstile
from pixelift.engine.upscaler import Upscaler
from pixelift.errors import StorageFull


@dataclass(frozen=True)
class Tools:
    """What a picture is computed with; `network_bytes` and `chunk_px` bound the memory, never change a pixel.

    Networks run in this order's `turn` alone, and make way for others after every chunk.
    """

    device: torch.device
    precision: str
    shelf: Shelf
    network_bytes: int = 1_000_000_000
    chunk_px: int = 512
    turn: Turn = field(default_factory=lambda: Turnstile().turn())

    def precision_for(self, source: Pixels) -> str:
        """Return the precision to compute in: bf16 and fp16 would leave steps in 16-bit pictures."""
        return self.precision if source.dtype == np.uint8 else "fp32"

    def tiling(self, upscaler: Upscaler, width_px: int, tick: Callable[[float], None]) -> Tiling:
        architecture, precision = upscaler.model.architecture, upscaler.precision
        strip_px = memory.strip_px(architecture, precision, width_px, self.network_bytes)
        return Tiling(strip_px, self.chunk_px, self.making_way(tick))

    def slab_px(self, upscaler: Upscaler, width_px: int) -> int:
        return memory.slab_px(upscaler.model.architecture, upscaler.precision, width_px, self.network_bytes)

    def making_way(self, tick: Callable[[float], None]) -> Callable[[float], None]:
        """Return a tick after which others may take their turn."""

        def tick_and_make_way(work: float) -> None:
            tick(work)
            self.turn.make_way()

        return tick_and_make_way


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
    plan = planning.plan(picture.facts, order.options, kit.shelf, order.part)
    if plan.frames > 1:
        with _room():
            return animation.run(order, picture, plan, lambda still, told: run(still, kit, told), hear)
    source = _prepared(picture, plan, order.options.denoise, kit, meter)
    upscaler = Upscaler(plan.model, kit.device, plan.model.precision(kit.precision_for(source)))
    passes = Passes(plan, upscaler, kit, kit.turn, meter)
    key = _key(order, kit, passes) if order.scratch_dir else ""
    with (
        _room(),
        ledgers.opened(order.scratch_dir, key, order.destination.parent) as ledger,
        ledger.canvas(passes.last, *_shape(plan, picture)) as canvas,
    ):
        faces = _faces(source, plan, kit, meter)
        meter.enter(Stage.UPSCALING, passes.work)
        show = _strips(order, canvas, picture, meter)
        show(ledger.mark(passes.last).done_px)
        for top_px, band in faces.pasted(passes.bands(source, ledger), order.options.enhance_face):
            canvas.write(top_px, _joined(band, picture.alpha, plan.window, top_px))
            show(top_px + len(band))
        meter.enter(Stage.ENCODING)
        about = picture.metadata.kept(wanted=order.options.keep_metadata, location=order.options.keep_location)
        encoding.write(canvas, order.destination, plan, profile=picture.profile, metadata=about)
        has_preview = copies.write(canvas.shrunk, picture.profile, plan.format, order.thumbnail, order.preview)
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
        precision=passes.upscaler.precision,
        device=kit.device.type,
        colours=picture.facts.colours,
        bit_depth=min(8 * canvas.dtype.itemsize, formats.MOST_BITS[plan.format]),
        denoiser=plan.denoiser,
        fidelity_db=passes.fidelity_db,
        seconds=meter.seconds,
        face_model=plan.face_model.name if plan.face_model else None,
        face_detector=faces.detector,
        faces=faces.faces,
        network_pixels=passes.computed_pixels,
        network_s=round(passes.computed_s, 4),
    )


def _prepared(picture: Picture, plan: Plan, denoise: float, kit: Tools, meter: Meter) -> Pixels:
    """Return what the network is to see: no colour that nobody saw, no noise, no more pixels than the result has."""
    source = picture.pixels if picture.alpha is None else transparency.bled(picture.pixels, picture.alpha)
    if plan.denoiser is Denoiser.CLASSICAL:
        with kit.turn:
            source = denoising.denoised(source, denoise, kit.making_way(meter.tick))
    if plan.shrink_to is None:
        return source
    return np.concatenate(list(resampling.resampled([source], Window.whole(plan.window.source, plan.shrink_to))))


def _faces(source: Pixels, plan: Plan, kit: Tools, meter: Meter) -> Portraits:
    """Restore what the network will see, as the result will show it."""
    if plan.face_model is None:
        return Portraits()
    meter.enter(Stage.FACES)
    with kit.turn:
        restorer, detector = restoration.restorer(plan.face_model, kit.device), detectors.best(kit.shelf, kit.device)
        return portraits.restored(source, plan.window, detector, restorer, kit.making_way(meter.tick))


def _joined(band: Pixels, alpha: Pixels | None, window: Window, top_px: int) -> Pixels:
    """Add the alpha of the same rows."""
    if alpha is None:
        return band
    return np.dstack([band, resampling.coverage(alpha, window, top_px, top_px + len(band))])


def _strips(order: Order, canvas: Canvas, picture: Picture, meter: Meter) -> Callable[[int], None]:
    """Return what is to be told how many rows are finished."""
    if order.strips_dir is None:
        return lambda _done_px: None
    meter.strip_count = cutting.count(len(picture.pixels))
    return cutting.Strips(order.strips_dir, canvas, picture.profile, meter.strip_count, meter.show).advance


def _shape(plan: Plan, picture: Picture) -> tuple[tuple[int, ...], np.dtype[Depth]]:
    bands = int(np.prod(picture.pixels.shape[2:])) + (picture.alpha is not None)
    shape = plan.window.target if bands == 1 else (*plan.window.target, bands)
    return shape, picture.pixels.dtype


def _key(order: Order, kit: Tools, passes: Passes) -> str:
    models = [model.sha256 for kind in (Kind.FACE, Kind.DETECTION) for model in kit.shelf.installed(kind)]
    source = encoding.sha256(order.source)
    return ledgers.key(
        source, order.options, order.part, passes.plan, passes.upscaler, models, hardware.name(kit.device)
    )


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull from error
        raise
