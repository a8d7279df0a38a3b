"""A network at work on the rows of a picture."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pixelift.engine import hardware, networks, transfers, warm, weights
from pixelift.engine.catalogue import Model
from pixelift.engine.pixels import Pixels
from pixelift.engine.streaming import Chain, Held, Piece, Tiling


@dataclass(frozen=True)
class Upscaler:
    """One network in one precision on one device. Networks stay warm between pictures."""

    model: Model
    device: torch.device
    precision: str

    def work(self, pixels: int) -> float:
        """Return what `Tiling.tick` adds up to over so many pixels of a source."""
        return self._steps.work * pixels

    @torch.inference_mode()
    def rows(self, source: Pixels, top_px: int, bottom_px: int, tiling: Tiling) -> Iterator[Tensor]:
        """Yield the source's rows [top, bottom) enlarged, (1, 3, H, W) in [0, 1], whole source rows at a time.

        Exact wherever it starts and ends, because the rows around are computed along.
        """
        steps, held, done_px = self._steps, Held(), top_px
        from_px = max(top_px - steps.radius, 0) // steps.align * steps.align
        to_px = min(bottom_px + steps.radius, len(source))
        for rows, _last in steps.flow(self._pieces(source[from_px:to_px], tiling.strip_px), tiling):
            held.add(rows)
            ready_px = min(from_px + held.end_px // steps.scale, bottom_px)
            if ready_px > done_px:
                yield held.between((done_px - from_px) * steps.scale, (ready_px - from_px) * steps.scale)
                done_px = ready_px
            held.forget((done_px - from_px) * steps.scale)

    @property
    def scale(self) -> int:
        return self.model.native_scale

    @property
    def reach_px(self) -> int:
        """How far around a pixel the network sees."""
        return self._steps.radius

    @property
    def align_px(self) -> int:
        """Of which number the row and the column are multiples where a part of a picture may begin."""
        return self._steps.align

    @functools.cached_property
    def _steps(self) -> Chain:
        """Held as long as this upscaler, whatever becomes cold meanwhile."""
        return _loaded(self.model, self.device, self.precision).steps

    def _pieces(self, source: Pixels, strip_px: int) -> Iterator[Piece]:
        for top_px in range(0, len(source), strip_px):
            rows = transfers.rows(source[top_px : top_px + strip_px], self.device)
            yield rows, top_px + strip_px >= len(source)


@dataclass(frozen=True)
class _Loaded:
    network: nn.Module
    steps: Chain


@warm.kept
def _loaded(model: Model, device: torch.device, precision: str) -> _Loaded:
    torch.backends.cudnn.allow_tf32 = False  # fp32 means fp32
    network = weights.load(model).to(device, hardware.PRECISIONS[precision])
    network = network.to(memory_format=torch.channels_last)
    return _Loaded(network, networks.steps(network))
