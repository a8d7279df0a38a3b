"""The network over a picture, as often as the plan says, from where an earlier try came to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pixelift.engine import gate, pixels, resampling
from pixelift.engine.fidelity import Fidelity
from pixelift.engine.geometry import Window
from pixelift.engine.ledger import Ledger
from pixelift.engine.meter import Meter
from pixelift.engine.pixels import Pixels
from pixelift.engine.planning import Plan
from pixelift.engine.streaming import Tiling
from pixelift.engine.turnstile import Turn
from pixelift.engine.upscaler import Upscaler

Tick = Callable[[float], None]


class Passes:
    """All passes of one picture; `tiling(width_px, tick)` says how much of each is computed at once."""

    def __init__(
        self, plan: Plan, upscaler: Upscaler, tiling: Callable[[int, Tick], Tiling], turn: Turn, meter: Meter
    ) -> None:
        self.plan, self.upscaler = plan, upscaler
        self._tiling, self._turn, self._meter = tiling, turn, meter
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
        first_px = self._first(window, done_px)
        self._meter.skip(self.upscaler.work(first_px * source.shape[1]))
        native = self._native(source, first_px, fidelity)
        bands = resampling.resampled(native, window, start_px=done_px, first_px=first_px * self.upscaler.scale)
        for band in bands if done_px < window.target[0] else ():
            yield done_px, band
            done_px += len(band)
            ledger.note(number, fidelity.mark(done_px))

    def _first(self, window: Window, done_px: int) -> int:
        """Return the row of the source that the network must go on with."""
        if done_px == window.target[0]:
            return window.source[0] // self.upscaler.scale
        needed_px = done_px if window.changes_nothing else window.rows(done_px, done_px + 1)[0]
        return needed_px // self.upscaler.scale

    def _native(self, source: Pixels, first_px: int, fidelity: Fidelity) -> Iterator[Pixels]:
        """Weigh the network's rows, and let grey stay grey."""
        tiling, had_s = self._tiling(source.shape[1], self._meter.tick), self._turn.had_s
        for band in self._turn.through(gate.enlarged(self.upscaler, source, tiling, first_px)):
            own = pixels.grey(band) if source.ndim == 2 else band  # noqa: PLR2004
            fidelity.add(first_px, own)
            first_px += len(band) // self.upscaler.scale
            self.computed_s += self._turn.had_s - had_s
            had_s = self._turn.had_s
            self.computed_pixels += band.shape[0] * band.shape[1] // self.upscaler.scale**2
            yield own
