"""The network over a picture, as often as the plan says, from where an earlier try came to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from pixelift.engine import gate, pixels, resampling, slabs
from pixelift.engine.canvas import Canvas
from pixelift.engine.fidelity import Fidelity
from pixelift.engine.geometry import Window
from pixelift.engine.ledger import Ledger, Mark
from pixelift.engine.meter import Meter
from pixelift.engine.pixels import Pixels
from pixelift.engine.planning import Plan
from pixelift.engine.slabs import Slab
from pixelift.engine.streaming import Tiling
from pixelift.engine.turnstile import Turn
from pixelift.engine.upscaler import Upscaler

Tick = Callable[[float], None]


class Bounds(Protocol):
    """Says how much of a picture is computed at once."""

    def tiling(self, upscaler: Upscaler, width_px: int, tick: Tick) -> Tiling: ...
    def slab_px(self, upscaler: Upscaler, width_px: int) -> int: ...


class Passes:
    """All passes of one picture."""

    def __init__(self, plan: Plan, upscaler: Upscaler, bounds: Bounds, turn: Turn, meter: Meter) -> None:
        self.plan, self.upscaler = plan, upscaler
        self._bounds, self._turn, self._meter = bounds, turn, meter
        self._fidelities: list[Fidelity] = []
        self.computed_pixels, self.computed_s = 0, 0.0

    @property
    def work(self) -> float:
        """What the ticks add up to."""
        return self.upscaler.work(self.plan.network_pixels)

    @property
    def fidelity_db(self) -> float:
        """How true the passes so far are, each to its own input; the least true one counts."""
        return min(fidelity.db for fidelity in self._fidelities)

    @property
    def last(self) -> int:
        """The number of the pass that makes the result."""
        return len(self.plan.passes) - 1

    def bands(self, source: Pixels, ledger: Ledger) -> Iterator[tuple[int, Pixels]]:
        """Yield the result's rows that the ledger does not claim, each band with the row it begins at.

        A band is like the source grey or RGB and of its depth, and is claimed when the next one is asked for.
        """
        for number in range(self.last):
            source = self._whole(number, source, ledger)
        yield from self._run(self.last, source, ledger)

    def _whole(self, number: int, source: Pixels, ledger: Ledger) -> Pixels:
        shape = (*self.plan.passes[number].target, *source.shape[2:])
        with ledger.canvas(number, shape, source.dtype) as canvas:
            for top_px, band in self._run(number, source, ledger):
                canvas.write(top_px, band)
            return canvas.rows(0, canvas.height_px)

    def _run(self, number: int, source: Pixels, ledger: Ledger) -> Iterator[tuple[int, Pixels]]:
        window, done_px = self.plan.passes[number], ledger.mark(number).done_px
        fidelity = Fidelity(source, self.upscaler.scale, ledger.mark(number))
        self._fidelities.append(fidelity)
        if done_px == window.target[0]:
            self._meter.skip(self.upscaler.work(source.shape[0] * source.shape[1]))
            return
        first_px = self._first(window, done_px)
        native = self._native(number, source, first_px, fidelity, ledger)
        for band in resampling.resampled(native, window, start_px=done_px, first_px=first_px * self.upscaler.scale):
            yield done_px, band
            done_px += len(band)
            ledger.note(number, fidelity.mark(done_px))

    def _first(self, window: Window, done_px: int) -> int:
        """Return the row of the source that the network must go on with."""
        needed_px = done_px if window.changes_nothing else window.rows(done_px, done_px + 1)[0]
        return needed_px // self.upscaler.scale

    def _native(
        self, number: int, source: Pixels, first_px: int, fidelity: Fidelity, ledger: Ledger
    ) -> Iterator[Pixels]:
        """Weigh the network's rows from row `first_px` of the source on."""
        for band in self._network(number, source, first_px, ledger):
            fidelity.add(first_px, band)
            first_px += len(band) // self.upscaler.scale
            yield band

    def _network(self, number: int, source: Pixels, first_px: int, ledger: Ledger) -> Iterator[Pixels]:
        """Yield the network's rows at once, or, where they are too wide, by way of a canvas of their own."""
        upscaler, width_px = self.upscaler, source.shape[1]
        cut = slabs.cut(width_px, self._bounds.slab_px(upscaler, width_px), upscaler.reach_px, upscaler.align_px)
        if len(cut) == 1:
            self._meter.skip(upscaler.work(first_px * width_px))
            yield from self._rows(source, first_px, 1)
            return
        scale = upscaler.scale
        shape = (len(source) * scale, width_px * scale, *source.shape[2:])
        with ledger.canvas(_slabs_of(number), shape, source.dtype) as canvas:
            for index, slab in enumerate(cut):
                self._fill(canvas, source, slab, ledger, _slabs_of(number) + index)
            yield from canvas.bands(scale, first_px * scale)

    def _fill(self, canvas: Canvas, source: Pixels, slab: Slab, ledger: Ledger, mark: int) -> None:
        scale, done_px = self.upscaler.scale, ledger.mark(mark).done_px
        left_px, right_px = ((side - slab.from_px) * scale for side in (slab.left_px, slab.right_px))
        self._meter.skip(self.upscaler.work(done_px * (slab.right_px - slab.left_px)))
        for band in self._rows(source[:, slab.from_px : slab.to_px], done_px, slab.share):
            canvas.write_part(done_px * scale, slab.left_px * scale, band[:, left_px:right_px])
            done_px += len(band) // scale
            ledger.note(mark, Mark(done_px))

    def _rows(self, source: Pixels, first_px: int, share: float) -> Iterator[Pixels]:
        """Have the network compute rows, of which `share` counts as progress; grey stays grey."""
        tiling = self._bounds.tiling(self.upscaler, source.shape[1], lambda work: self._meter.tick(work * share))
        had_s = self._turn.had_s
        for band in self._turn.through(gate.enlarged(self.upscaler, source, tiling, first_px)):
            self.computed_s += self._turn.had_s - had_s
            had_s = self._turn.had_s
            self.computed_pixels += band.shape[0] * band.shape[1] // self.upscaler.scale**2
            yield pixels.grey(band) if source.ndim == 2 else band  # noqa: PLR2004


def _slabs_of(number: int) -> int:
    """Number what lies between the network and a pass."""
    return 1000 * (number + 1)
