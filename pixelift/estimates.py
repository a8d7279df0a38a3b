"""How long a job will take: its own pixels and its turns with those before it, at the speeds measured here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pixelift import speeds
from pixelift.engine import planning
from pixelift.engine.shelf import Shelf
from pixelift.models import LIVE, Image, Job

AROUND_S = 1.0  # to be noticed, opened and written
SLOWEST = 2.0  # nine in ten should take less than so many times the middle; not calibrated yet


@dataclass(frozen=True)
class Estimate:
    """Half of such jobs should have ended after `p50_s`, nine in ten after `p90_s`."""

    p50_s: float
    p90_s: float

    def __str__(self) -> str:
        low, high = (max(1, round(seconds)) for seconds in (self.p50_s, self.p90_s))
        return f"{low}-{high}s"


def of(session: Session, job: Job, shelf: Shelf) -> Estimate | None:
    """Return when the job should be done, counted from now; None as long as a network's speed is not known.

    Jobs take turns (docs/adr/0016-a-turnstile-in-the-engine.md), so each one before it costs it at most as much as it
    takes itself. Faces, the other pictures' scales and more jobs than a worker has in hand are not counted.
    """
    plan = planning.plan(job.source, job.wanted, shelf)
    known = {model: found[0].mpx_per_s * 1e6 for model, found in speeds.by_model(session).items()}
    if job.model not in known:
        return None
    own_s = plan.network_pixels / known[job.model]
    ahead = _ahead(session, job, {model: own_s * speed for model, speed in known.items()})
    if not ahead.keys() <= known.keys():
        return None
    p50_s = AROUND_S + own_s + sum(pixels / known[model] for model, pixels in ahead.items())
    return Estimate(round(p50_s, 1), round(p50_s * SLOWEST, 1))


def _ahead(session: Session, job: Job, most: dict[str, float]) -> dict[str, float]:
    """Count the pixels of the sources before this one, by network, and of each at most so many."""
    pixels = func.least(Image.width_px * Image.height_px, case(most, value=Job.model))
    query = (
        select(Job.model, func.sum(pixels).label("pixels"))
        .join(Job.source)
        .where(Job.status.in_(LIVE), Job.id < job.id)
        .group_by(Job.model)
    )
    return {row.model: float(row.pixels) for row in session.execute(query)}
