"""How long a job will take: the pixels before it and its own, at the speeds measured here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
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

    Faces and the other pictures' scales are not counted.
    """
    plan = planning.plan(job.source, job.wanted, shelf)
    pixels = _ahead(session, job)
    pixels[job.model] = pixels.get(job.model, 0) + plan.network_pixels
    known = speeds.by_model(session)
    if not pixels.keys() <= known.keys():
        return None
    p50_s = AROUND_S + sum(count / 1e6 / known[model][0].mpx_per_s for model, count in pixels.items())
    return Estimate(round(p50_s, 1), round(p50_s * SLOWEST, 1))


def _ahead(session: Session, job: Job) -> dict[str, int]:
    """Count the pixels of the sources before this one, by network."""
    query = (
        select(Job.model, func.sum(Image.width_px * Image.height_px).label("pixels"))
        .join(Job.source)
        .where(Job.status.in_(LIVE), Job.id < job.id)
        .group_by(Job.model)
    )
    return {row.model: int(row.pixels) for row in session.execute(query)}
