"""What came of a runner, as a row of a table."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field

import numpy as np

from bench.parts.entrants import Peer
from bench.parts.task import Pixels

HEAD = """
| runner | seconds | faster than RealESRGANer | GFLOP/s | of the peak | PSNR | peak memory |
|---|--:|--:|--:|--:|--:|--:|"""


@dataclass
class Score:
    """One runner's times of one task."""

    peer: Peer
    psnr_db: float
    seconds: list[float] = field(default_factory=list)
    loaded_mb: float = 0
    peak_mb: float = 0

    @property
    def median_s(self) -> float:
        return statistics.median(self.seconds)

    def row(self, stock: Score | None, gflop: float, peak_gflop_s: float) -> str:
        speed = gflop / self.median_s
        cells = (
            self.peer.title,
            f"{self.median_s:.3g} ({min(self.seconds):.3g}–{max(self.seconds):.3g})",  # noqa: RUF001
            f"{stock.median_s / self.median_s:.2f} ×" if stock else "",  # noqa: RUF001
            f"{speed:.0f}",
            f"{speed / peak_gflop_s:.0%}",
            "exact" if math.isinf(self.psnr_db) else f"{self.psnr_db:.1f} dB",
            f"{self.peak_mb:.0f} MB (+{self.peak_mb - self.loaded_mb:.0f})",
        )
        return f"| {' | '.join(cells)} |"


def psnr_db(result: Pixels, exact: Pixels) -> float:
    error = float(np.square(result.astype(np.float32) - exact).mean())
    return 10 * math.log10(255**2 / error) if error else math.inf
