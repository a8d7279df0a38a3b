"""How far one order is, said often enough and not too often."""

from __future__ import annotations

import time
from collections.abc import Callable

from pixelift.engine.orders import Progress, Stage, Strip

_SPANS = {Stage.DECODING: (0, 2), Stage.FACES: (2, 12), Stage.UPSCALING: (2, 94), Stage.ENCODING: (94, 99)}  # percent
_QUIET_S = 0.1

Hear = Callable[[Progress], None]


class Meter:
    """Turns work into percent and keeps the time of each stage. `hear` may raise to stop the work."""

    def __init__(self, hear: Hear, strip_count: int = 0) -> None:
        self._hear = hear
        self._stage, self._reached = Stage.DECODING, 0.0
        self._total, self._done = 1.0, 0.0
        self._said_at = self._since = time.monotonic()
        self.strip_count = strip_count
        self.seconds: dict[str, float] = {}

    def enter(self, stage: Stage, total: float = 1) -> None:
        """Begin a stage that will take `total` work."""
        self.leave()
        self._stage, self._total, self._done = stage, total, 0.0
        self._reached = max(self._reached, _SPANS[stage][0])
        self._say()

    def leave(self) -> None:
        now = time.monotonic()
        self.seconds[self._stage.value] = round(now - self._since, 3)
        self._since = now

    def tick(self, work: float) -> None:
        low, high = _SPANS[self._stage]
        self._done += work
        self._reached = max(self._reached, low + (high - low) * min(1.0, self._done / self._total))
        if time.monotonic() - self._said_at >= _QUIET_S:
            self._say()

    def skip(self, work: float) -> None:
        """Count what an earlier try did."""
        self.tick(work)

    def show(self, strip: Strip) -> None:
        self._say(strip)

    def finish(self) -> None:
        self.leave()
        self._reached = 100.0
        self._say()

    def _say(self, *strips: Strip) -> None:
        self._said_at = time.monotonic()
        self._hear(Progress(self._stage, int(self._reached), strips, self.strip_count, self._reached))
