"""The path of a moving picture: every frame goes the way of a still one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pixelift.engine import encoding, reading
from pixelift.engine.meter import Hear
from pixelift.engine.options import Format
from pixelift.engine.orders import Order, Outcome, Progress
from pixelift.engine.planning import Plan
from pixelift.engine.reading import Picture

RunStill = Callable[[Order, Hear], Outcome]


def run(order: Order, picture: Picture, plan: Plan, run_still: RunStill, hear: Hear) -> Outcome:
    """Enlarge every frame; times, order and number of plays stay. Raises what `pipeline.run` raises."""
    with tempfile.TemporaryDirectory(dir=order.destination.parent, prefix=".frames-") as folder:
        sources, reel = reading.unreel(order.source, Path(folder))
        outcomes = []
        for index, source in enumerate(sources):
            still = _still(order, source, index)
            outcomes.append(run_still(still, _share(hear, index, len(sources))))
            source.unlink()
        about = picture.metadata.kept(wanted=order.options.keep_metadata, location=order.options.keep_location)
        results = [source.with_suffix(".result") for source in sources]
        encoding.write_reel(results, reel, order.destination, plan, profile=picture.profile, metadata=about)
    return _whole(outcomes, picture, plan, order.destination)


def _still(order: Order, source: Path, index: int) -> Order:
    """Order one frame; the first makes the thumbnail, and each keeps its finished rows in a folder of its own."""
    options = replace(order.options, format=Format.PNG, keep_metadata=False, quality=None)
    thumbnail = order.thumbnail if index == 0 else None
    scratch_dir = order.scratch_dir / f"{index:04}" if order.scratch_dir else None
    return Order(source, source.with_suffix(".result"), options, thumbnail=thumbnail, scratch_dir=scratch_dir)


def _share(hear: Hear, index: int, frames: int) -> Hear:
    """Tell of one frame's progress as its share of the whole; only the last one may say that all is there."""

    def tell(progress: Progress) -> None:
        percent = (index * 100 + progress.percent) // frames
        hear(Progress(progress.stage, percent, reached=(index * 100 + progress.reached) / frames))

    return tell


def _whole(outcomes: list[Outcome], picture: Picture, plan: Plan, result: Path) -> Outcome:
    stages = {stage for outcome in outcomes for stage in outcome.seconds}
    return replace(
        outcomes[0],
        format=plan.format.value,
        size_bytes=result.stat().st_size,
        sha256=encoding.sha256(result),
        has_alpha=picture.facts.has_alpha,
        frames=len(outcomes),
        fidelity_db=min(outcome.fidelity_db for outcome in outcomes),
        seconds={stage: round(sum(each.seconds.get(stage, 0) for each in outcomes), 4) for stage in sorted(stages)},
        faces=tuple(face for outcome in outcomes for face in outcome.faces),
        network_pixels=sum(outcome.network_pixels for outcome in outcomes),
        network_s=sum(outcome.network_s for outcome in outcomes),
    )
