"""How fast each network is on this machine, learned from every picture that it enlarges."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from pixelift.engine.orders import Outcome
from pixelift.models import Speed

FEWEST_PIXELS, SHORTEST_S = 2_000, 0.01  # below, starting takes longer than computing
NEWEST_COUNTS = 0.2  # as much as this, once there are several pictures
LARGEST_STEP = 4.0  # one picture moves the mean as if it were at most so many times faster or slower


def note(session: Session, outcome: Outcome) -> None:
    """Count one more picture: a geometric mean in which old pictures fade and no single one tips the scale."""
    if outcome.network_pixels < FEWEST_PIXELS or outcome.network_s < SHORTEST_S:
        return
    mpx_per_s = outcome.network_pixels / 1e6 / outcome.network_s
    first = insert(Speed).values(
        model=outcome.model, device=outcome.device, precision=outcome.precision, mpx_per_s=mpx_per_s, pictures=1
    )
    old = Speed.mpx_per_s
    newest = func.least(func.greatest(mpx_per_s, old / LARGEST_STEP), old * LARGEST_STEP)
    share = func.greatest(1.0 / (Speed.pictures + 1), NEWEST_COUNTS)
    session.execute(
        first.on_conflict_do_update(
            index_elements=[Speed.model, Speed.device, Speed.precision],
            set_={
                "mpx_per_s": old * func.power(newest / old, share),
                "pictures": Speed.pictures + 1,
                "measured_at": func.now(),
            },
        )
    )


def by_model(session: Session) -> dict[str, list[Speed]]:
    """Return all that is known, the speed that was measured last first."""
    found = defaultdict(list)
    for speed in session.scalars(select(Speed).order_by(Speed.measured_at.desc())):
        found[speed.model].append(speed)
    return found
