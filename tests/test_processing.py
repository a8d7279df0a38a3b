from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image as Pillow

from pixelift import images, jobs, scratch
from pixelift.db import Database
from pixelift.engine.host import Engine, Outcome, Watch
from pixelift.engine.host import Order as EngineOrder
from pixelift.engine.inspection import Inspector
from pixelift.engine.options import Format, Options
from pixelift.engine.shelf import Shelf
from pixelift.errors import EngineFailed
from pixelift.models import Job, User
from pixelift.plans import PLANS
from pixelift.processing import Workshop
from pixelift.settings import Settings
from pixelift.storage import Folder
from pixelift.uploads import Uploads
from tests.conftest import png

Order = Callable[..., Job]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


@pytest.fixture
def workshop(settings: Settings, database: Database, engine: Engine) -> Workshop:
    settings.scratch_dir.mkdir()
    return Workshop(database, Folder(settings.blobs_dir), engine, settings.scratch_dir, threading.Event())


@pytest.fixture
def order(settings: Settings, workshop: Workshop, user: User) -> Iterator[Order]:
    """Order a picture as the skins do."""
    inspector = Inspector()
    uploads = Uploads(settings, workshop.blobs, inspector)

    def make(size: tuple[int, int] = (12, 8), **options: object) -> Job:
        received = uploads.receive(BytesIO(png(size)), "cup.png", PLANS["enterprise"])
        with workshop.database.session() as session:
            source = images.record(session, user, received)
            wanted = Options(**{"model": "realesr-animevideov3", **options})  # type: ignore[arg-type]
            return jobs.submit(session, user, source, wanted, shelf=Shelf())

    yield make
    inspector.close()


@pytest.fixture
def reload(database: Database) -> Callable[[Job], Job]:
    def load(job: Job) -> Job:
        with database.session() as session:
            return session.get_one(Job, job.id)

    return load


def test_a_job_becomes_a_result_with_blobs_and_nothing_stays_in_scratch(
    workshop: Workshop, order: Order, reload: Callable[[Job], Job]
) -> None:
    job = order(scale=2, format=Format.WEBP)
    workshop.upscale(job.id)
    done = reload(job)
    assert (done.status, done.progress, done.attempt) == ("completed", 100, 1)
    assert done.result
    assert done.result.filename == "cup-24x16.webp"
    for key in (done.result.blob_key, done.result.thumbnail_key, done.result.preview_key):
        with workshop.blobs.open(key) as blob, Pillow.open(blob) as image:
            assert (image.format, image.size) == ("WEBP", (24, 16))
    assert list(workshop.scratch_dir.iterdir()) == []


def test_a_source_that_is_gone_fails_the_job_with_a_sentence(
    workshop: Workshop, order: Order, reload: Callable[[Job], Job]
) -> None:
    job = order()
    workshop.blobs.delete(job.source.blob_key)
    workshop.upscale(job.id)
    failed = reload(job)
    assert failed.status == "failed"
    assert failed.error
    assert failed.error["message"].endswith(".")


def test_a_cancelled_job_frees_its_worker_within_two_seconds(
    workshop: Workshop, order: Order, user: User, reload: Callable[[Job], Job]
) -> None:
    job = order((700, 700), model="realesrgan-x4plus")
    worker = threading.Thread(target=workshop.upscale, args=(job.id,))
    worker.start()
    _wait_until(lambda: reload(job).stage == "upscaling")
    with workshop.database.session() as session:
        jobs.cancel(session, user, job.id)
    cancelled_at_s = time.monotonic()
    worker.join(timeout=10)
    assert time.monotonic() - cancelled_at_s < 2
    assert reload(job).status == "cancelled"
    assert list(workshop.scratch_dir.iterdir()) == []


def test_a_worker_that_stops_hands_its_job_back(workshop: Workshop, order: Order, reload: Callable[[Job], Job]) -> None:
    job = order((700, 700), model="realesrgan-x4plus")
    worker = threading.Thread(target=workshop.upscale, args=(job.id,))
    worker.start()
    _wait_until(lambda: reload(job).stage == "upscaling")
    workshop.stopping.set()
    worker.join(timeout=10)
    back = reload(job)
    assert (back.status, back.failures, back.progress) == ("pending", 0, 0)
    assert scratch.kept(workshop.scratch_dir) == [job.id]


class Hopeless(Engine):
    """Has tried everything, and kept some rows."""

    def run(self, order: EngineOrder, watch: Watch) -> Outcome:
        assert order.scratch_dir
        order.scratch_dir.mkdir()
        watch(None)
        raise EngineFailed


def test_what_the_engine_gave_up_fails_at_once_and_leaves_nothing(
    workshop: Workshop, order: Order, reload: Callable[[Job], Job]
) -> None:
    job = order()
    replace(workshop, engine=Hopeless()).upscale(job.id)
    failed = reload(job)
    assert (failed.status, failed.attempt) == ("failed", 1)
    assert failed.error
    assert failed.error["code"] == "ENGINE_FAILED"
    assert list(workshop.scratch_dir.iterdir()) == []


def _wait_until(true: Callable[[], bool], within_s: float = 30) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
