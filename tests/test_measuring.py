"""Networks get a first speed while nobody waits, and keep what pictures taught."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from pixelift import measuring, speeds
from pixelift.db import Database
from pixelift.engine.catalogue import Kind, Model
from pixelift.engine.host import Engine
from pixelift.engine.shelf import Shelf
from pixelift.models import Image, Job, User
from pixelift.processing import Workshop
from pixelift.settings import Settings
from pixelift.storage import Folder
from tests.test_speeds import FAST, OUTCOME


class OneModel(Shelf):
    """A shelf of one, to be quick."""

    def installed(self, _kind: Kind = Kind.UPSCALE) -> list[Model]:
        return [self.find(FAST)]


@pytest.fixture
def workshop(settings: Settings, database: Database) -> Workshop:
    settings.scratch_dir.mkdir()
    return Workshop(database, Folder(settings.blobs_dir), Engine(), settings.scratch_dir, threading.Event())


def test_an_idle_worker_measures_what_has_no_speed(workshop: Workshop) -> None:
    try:
        measuring.measure(workshop, OneModel(), quiet_s=0)
    finally:
        workshop.engine.close()
    with workshop.database.session() as session:
        (speed,) = speeds.by_model(session)[FAST]
    assert speed.pictures == 1
    assert speed.mpx_per_s > 0
    assert list(workshop.scratch_dir.iterdir()) == []


def test_neither_a_known_speed_nor_a_waiting_job_is_disturbed(
    workshop: Workshop, user: User, database: Database
) -> None:
    with database.session() as session:
        speeds.note(session, replace(OUTCOME))
    measuring.measure(workshop, OneModel(), quiet_s=0)
    assert workshop.engine.pid is None
    with database.session() as session:
        session.delete(speeds.by_model(session)[FAST][0])
        source = Image(
            user_id=user.id,
            filename="cup.png",
            format="png",
            width_px=9,
            height_px=9,
            size_bytes=1,
            sha256="a",
            blob_prefix="a",
        )
        session.add(source)
        session.flush()
        facts = {"options": {"scale": 4.0}, "model": FAST, "format": "png", "width_px": 36, "height_px": 36}
        session.add(Job(user_id=user.id, source_id=source.id, **facts))
    measuring.measure(workshop, OneModel(), quiet_s=0)
    assert workshop.engine.pid is None
