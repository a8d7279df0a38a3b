"""One picture through the engine's child, as a job sends it there."""

from __future__ import annotations

import importlib
import math
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from bench.parts import memory
from pixelift.engine.host import Engine
from pixelift.engine.options import Format, Options
from pixelift.engine.orders import Order

SHAPES = {"square": 1.0, "tall": 1 / 16, "wide": 16.0}  # width to height
_WARM_PX = 64


@dataclass(frozen=True)
class Case:
    model: str
    size_mp: float
    shape: str

    @property
    def size_px(self) -> tuple[int, int]:
        width_px = round(math.sqrt(self.size_mp * 1e6 * SHAPES[self.shape]))
        return width_px, round(self.size_mp * 1e6 / width_px)

    def measure(self, scale: float, memory_mb: int) -> Load:
        """`memory_mb` is what the child may take beside its warm networks."""
        with tempfile.TemporaryDirectory() as scratch, closing(Engine(memory_bytes=memory_mb * 1_000_000)) as engine:
            engine.run(_order(Path(scratch), (_WARM_PX, _WARM_PX), Options(model=self.model)), lambda _progress: None)
            order = _order(Path(scratch), self.size_px, Options(model=self.model, scale=scale, format=Format.PNG))
            child = engine.pid or 0
            started = time.perf_counter()
            with memory.watched(child) as seen:
                outcome = engine.run(order, lambda _progress: None)
            return Load(self, time.perf_counter() - started, memory.peak_mb(child), seen.anonymous_mb, outcome.seconds)


@dataclass(frozen=True)
class Load:
    """What a case took; `stages_s` is the engine's own account."""

    case: Case
    all_s: float
    peak_mb: float
    anonymous_mb: float
    stages_s: dict[str, float] = field(default_factory=dict)

    def row(self) -> str:
        width_px, height_px = self.case.size_px
        stages = [f"{self.stages_s[stage]:.2f} s" for stage in ("decoding", "upscaling", "encoding")]
        memories = [f"{self.peak_mb:.0f} MB", f"{self.anonymous_mb:.0f} MB"]
        size = [f"{width_px:,} by {height_px:,}", f"{self.case.size_mp:g}"]
        times = [*stages, f"{self.all_s:.2f} s", f"{self.all_s / self.case.size_mp:.3g}"]
        return f"| {' | '.join([self.case.model, *size, *times, *memories])} |"

    def extrapolated(self, size_mp: float) -> str:
        per_mp = self.all_s / self.case.size_mp
        return f"| {self.case.model} | extrapolated | {size_mp:g} | | | | {per_mp * size_mp:.0f} s | {per_mp:.3g} | | |"


def _order(folder: Path, size_px: tuple[int, int], options: Options) -> Order:
    """Ask for all that a job asks for."""
    _picture(size_px).save(folder / "source.jpg", quality=95)
    strips = folder / "strips"
    strips.mkdir(exist_ok=True)
    copies = (folder / "thumbnail.webp", folder / "preview.png")
    return Order(folder / "source.jpg", folder / "result", options, strips, *copies)


def _picture(size_px: tuple[int, int]) -> Image.Image:
    astronaut = importlib.import_module("skimage.data").astronaut()
    width_px, height_px = size_px
    wide = np.tile(astronaut, (1, -(-width_px // astronaut.shape[1]), 1))[:, :width_px]
    return Image.fromarray(np.tile(wide, (-(-height_px // len(wide)), 1, 1))[:height_px])
