"""A first speed for networks that no picture has passed through yet, taken while nobody waits."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from pixelift import speeds
from pixelift.engine.catalogue import Model
from pixelift.engine.options import Format, Options
from pixelift.engine.orders import Order, Outcome, Progress
from pixelift.engine.shelf import Shelf
from pixelift.errors import PixeliftError
from pixelift.models import LIVE, Job
from pixelift.processing import Stopping, Workshop

QUIET_S = 20.0  # before each measure, so that a worker that has just started is there for its jobs
SIDE_PX = 64
log = structlog.get_logger()


def measure(workshop: Workshop, shelf: Shelf, quiet_s: float = QUIET_S) -> None:
    """Have every installed network without a speed enlarge a tiny picture, unless there are jobs to do."""
    for model in shelf.installed():
        if workshop.stopping.wait(quiet_s):
            return
        try:
            with workshop.database.session() as session:
                is_wanted = not _is_known(session, model) and not _is_busy(session)
            if is_wanted:
                _note(workshop, _measured(workshop, model))
        except Stopping:
            return
        except PixeliftError as error:
            log.warning("speed not measured", model=model.name, reason=error.message)


def _is_known(session: Session, model: Model) -> bool:
    return model.name in speeds.by_model(session)


def _is_busy(session: Session) -> bool:
    return session.scalar(select(Job.id).where(Job.status.in_(LIVE)).limit(1)) is not None


def _measured(workshop: Workshop, model: Model) -> Outcome:
    """Return the second of two runs: the first one loads the network."""

    def watch(_progress: Progress | None) -> None:
        if workshop.stopping.is_set():
            raise Stopping

    with tempfile.TemporaryDirectory(dir=workshop.scratch_dir, prefix="speed-") as folder:
        source = Path(folder, "source")
        source.write_bytes(_tile())
        order = Order(
            source, Path(folder, "result"), Options(model=model.name, scale=model.native_scale, format=Format.PNG)
        )
        workshop.engine.run(order, watch)
        return workshop.engine.run(order, watch)


def _note(workshop: Workshop, outcome: Outcome) -> None:
    with workshop.database.session() as session:
        speeds.note(session, outcome)


def _tile() -> bytes:
    """Return a BMP of SIDE_PX by SIDE_PX with slopes in it, made by hand: no library for pictures is here."""
    pixels = bytes((3 * x + y) % 256 for y in range(SIDE_PX) for x in range(3 * SIDE_PX))
    about = (40, SIDE_PX, SIDE_PX, 1, 24, 0, len(pixels), 0, 0, 0, 0)
    return struct.pack("<2sIII", b"BM", 54 + len(pixels), 0, 54) + struct.pack("<IiiHHIIiiII", *about) + pixels
