"""Waiting for a preview: woken by its worker, ended by the deadline or because the client left."""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass

from pixelift import previews
from pixelift.db import Database
from pixelift.errors import ServiceUnavailable
from pixelift.events import Hub, Seat
from pixelift.models import Preview, PreviewAnswer

BEGIN_WITHIN_S = 20.0
LOOK_EVERY_S = 1.0


@dataclass(frozen=True)
class Patience:
    """How long until everything must be there; until a worker must have begun it is less."""

    end_s: float

    @property
    def begin_s(self) -> float:
        return min(self.end_s, BEGIN_WITHIN_S)


def answers(
    database: Database, hub: Hub, preview: Preview, patience: Patience, has_left: Callable[[], bool]
) -> dict[int, PreviewAnswer]:
    """Return the answers that came in time; no transaction is open meanwhile, and nothing is left afterwards.

    Raises ServiceUnavailable when no worker began, and when the client left.
    """
    try:
        with contextlib.closing(Seat(hub, preview.user_id)), hub.listening(preview.id) as waker:
            _wait(database, waker, preview, patience, has_left)
        with database.session() as session:
            return previews.answers(session, preview.id)
    finally:
        with database.session() as session:
            previews.forget(session, preview)


def _wait(
    database: Database, waker: queue.Queue[None], preview: Preview, patience: Patience, has_left: Callable[[], bool]
) -> None:
    began_s = time.monotonic()
    while True:
        with database.session() as session:
            state = previews.look(session, preview.id)
        waited_s = time.monotonic() - began_s
        if state is None:
            raise ServiceUnavailable("The preview was lost with a restart of the database. Ask again.")
        if state.answered == len(preview.variants):
            return
        if has_left():
            raise ServiceUnavailable("You left before the answer was there, so it was not made.")
        if not state.is_claimed and waited_s > patience.begin_s:
            raise ServiceUnavailable(
                f"No worker began within {patience.begin_s:g} s: none runs, or others' previews come first. Ask again."
            )
        if waited_s > patience.end_s:
            return
        with contextlib.suppress(queue.Empty):
            waker.get(timeout=LOOK_EVERY_S)
