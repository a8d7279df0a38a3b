"""What is known of one order through all its tries, and what its watcher was told already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pixelift.engine.line import Death
from pixelift.engine.orders import Progress
from pixelift.errors import EngineFailed, EngineStalled

_MOST_CHARGES = 3  # deaths it is to blame for: with all its memory, a half and a quarter
_MOST_DEATHS = 12

Watch = Callable[[Progress | None], None]


class Case:
    """Tells the watcher everything once, however often the work begins anew."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._told_percent, self._shown = 0, set[int]()
        self._reached = self._died_at = 0.0
        self._deaths = self.charges = 0
        self.is_suspect = False

    @property
    def is_cleared(self) -> bool:
        """Whether it went on beyond the point where its child died."""
        return self.is_suspect and self._reached > self._died_at

    def tell(self, progress: Progress) -> None:
        self._reached = progress.reached
        strips = tuple(strip for strip in progress.strips if strip.index not in self._shown)
        self._shown.update(strip.index for strip in strips)
        if progress.percent < self._told_percent and not strips:
            return self.nothing()
        self._told_percent = max(self._told_percent, progress.percent)
        return self._watch(replace(progress, percent=self._told_percent, strips=strips))

    def nothing(self) -> None:
        self._watch(None)

    def note(self, death: Death) -> None:
        """Take down how it was lost. Raises EngineFailed, EngineStalled when that happened too often."""
        self.nothing()
        self._deaths += 1
        self.charges += death in {Death.CULPRIT, Death.STALLED, Death.BROKE}
        if death is Death.CLOSED or self.charges >= _MOST_CHARGES or self._deaths >= _MOST_DEATHS:
            raise (EngineStalled if death is Death.STALLED else EngineFailed)
        if death in {Death.CULPRIT, Death.STALLED, Death.SUSPECT}:
            self.is_suspect, self._died_at = True, max(self._died_at, self._reached)
        self._reached = 0.0
