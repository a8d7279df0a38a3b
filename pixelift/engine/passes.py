"""The network over a picture, as often as the plan says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from pixelift.engine import gate, pixels, resampling
from pixelift.engine.fidelity import Fidelity
from pixelift.engine.geometry import Window
from pixelift.engine.pixels import Pixels
from pixelift.engine.planning import Plan
from pixelift.engine.streaming import Tiling
from pixelift.engine.turnstile import Turn
from pixelift.engine.upscaler import Upscaler

Tick = Callable[[float], None]


class Passes:
    """All passes of one picture; `tiling(width_px, tick)` says how much of each is computed at once."""

    def __init__(
        self, plan: Plan, upscaler: Upscaler, tiling: Callable[[int, Tick], Tiling], tick: Tick, turn: Turn
    ) -> None:
        self.plan, self.upscaler = plan, upscaler
        self._tiling, self._tick, self._turn = tiling, tick, turn
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

    def bands(self, source: Pixels) -> Iterator[Pixels]:
        """Yield the result's rows from the top, like the source grey or RGB and of its depth."""
        *first, last = self.plan.passes
        for window in first:
            source = np.concatenate(list(self._run(source, window)))
        yield from self._run(source, last)

    def _run(self, source: Pixels, window: Window) -> Iterator[Pixels]:
        return resampling.resampled(self._native(source), window)

    def _native(self, source: Pixels) -> Iterator[Pixels]:
        """Weigh the network's rows, and let grey stay grey."""
        fidelity = Fidelity(source, self.upscaler.scale)
        self._fidelities.append(fidelity)
        computed = gate.enlarged(self.upscaler, source, self._tiling(source.shape[1], self._tick))
        had_s = self._turn.had_s
        for band in self._turn.through(computed):
            own = pixels.grey(band) if source.ndim == 2 else band  # noqa: PLR2004
            fidelity.add(own)
            self.computed_s += self._turn.had_s - had_s
            had_s = self._turn.had_s
            self.computed_pixels += band.shape[0] * band.shape[1] // self.upscaler.scale**2
            yield own
