"""Kill things while a picture is made; it is made all the same, once."""

from __future__ import annotations

import signal
import subprocess
import time
from itertools import pairwise

import pytest
from sqlalchemy import text

from pixelift import accounts, events, jobs, previews
from pixelift.engine.inspection import Cut, Facts
from pixelift.engine.options import Options
from pixelift.engine.regions import Region
from pixelift.engine.shelf import Shelf
from pixelift.models import Job
from pixelift.uploads import Piece
from tests.conftest import png
from tests.faults.conftest import Backend

PICTURE, TALL = (160, 120), (600, 1000)


def is_upscaling(job: Job) -> bool:
    return job.stage == "upscaling"


def has_ended(job: Job) -> bool:
    return job.has_ended


def assert_done_once(backend: Backend, job: Job) -> None:
    assert (job.status, job.progress, job.error) == ("completed", 100, None)
    with backend.database.session() as session:
        kinds = [event.type for event in events.after(session, job.id, 0)]
        results = session.scalar(text("SELECT count(*) FROM images WHERE blob_prefix LIKE 'results/%'"))
        owners = session.scalar(text("SELECT count(result_id) FROM jobs"))
    assert kinds.count("job.completed") == 1
    assert results == owners


@pytest.mark.usefixtures("gpu")
def test_a_job_survives_a_restart_of_the_database(backend: Backend) -> None:
    job = backend.order(PICTURE)
    backend.wait(job, is_upscaling)
    backend.server.stop()
    time.sleep(2)
    backend.server.start()
    done = backend.wait(job, has_ended)
    assert_done_once(backend, done)
    assert done.attempt == 1


@pytest.mark.usefixtures("gpu")
def test_the_workers_take_new_jobs_after_that_restart(backend: Backend) -> None:
    assert_done_once(backend, backend.wait(backend.order((20, 20)), has_ended))


@pytest.mark.usefixtures("gpu")
def test_a_job_survives_the_death_of_its_worker(backend: Backend) -> None:
    job = backend.order(PICTURE)
    backend.wait(job, is_upscaling)
    backend.end("gpu", signal.SIGKILL)
    backend.start("gpu")
    done = backend.wait(job, has_ended)
    assert_done_once(backend, done)
    assert (done.attempt, done.failures) == (2, 1)


@pytest.mark.usefixtures("gpu")
def test_the_next_attempt_goes_on_from_the_last_finished_strip(backend: Backend) -> None:
    options = {"model": "realesr-animevideov3", "scale": 4}
    whole = backend.wait(backend.order(TALL, **options), has_ended)
    job = backend.order(TALL, **options)
    backend.wait(job, lambda job: job.stage == "upscaling" and job.progress > 40)
    backend.end("gpu", signal.SIGKILL)
    [ledger] = backend.settings.scratch_dir.glob(f"rows-{job.id}/ledger")
    claimed = len(ledger.read_text().splitlines())
    backend.start("gpu")
    done = backend.wait(job, has_ended)
    assert_done_once(backend, done)
    assert done.result
    assert whole.result
    assert (done.result.sha256, done.attempt) == (whole.result.sha256, 2)
    assert claimed > 2
    with backend.database.session() as session:
        told = [event.data["percent"] for event in events.after(session, job.id, 0) if "percent" in event.data]
    again = told[max(index for index, (one, next_) in enumerate(pairwise(told)) if next_ < one) + 1 :]
    assert not [percent for percent in again if 2 < percent < 20], "the second attempt began at the top"
    assert list(backend.settings.scratch_dir.glob("rows-*")) == []


def test_a_job_survives_the_death_of_the_engine(backend: Backend, gpu: subprocess.Popen[bytes]) -> None:
    job = backend.order(PICTURE)
    backend.wait(job, is_upscaling)
    subprocess.run(["pkill", "-KILL", "-P", str(gpu.pid)], check=True)
    done = backend.wait(job, has_ended)
    assert_done_once(backend, done)
    assert gpu.poll() is None
    assert (done.attempt, done.failures) == (1, 0)


def test_a_worker_asked_to_stop_hands_its_job_back_within_seconds(
    backend: Backend, gpu: subprocess.Popen[bytes]
) -> None:
    job = backend.order(PICTURE)
    backend.wait(job, is_upscaling)
    asked_at_s = time.monotonic()
    assert backend.end("gpu", signal.SIGTERM) == 0
    assert time.monotonic() - asked_at_s < 8
    back = backend.load(job)
    assert (back.status, back.failures) == ("pending", 0)
    assert gpu.returncode == 0
    backend.start("gpu")
    assert_done_once(backend, backend.wait(job, has_ended))


@pytest.mark.usefixtures("gpu")
def test_previews_and_small_pictures_do_not_wait_for_jobs_that_have_all_slots(backend: Backend) -> None:
    large = [backend.order((400, 400)) for _ in range(backend.settings.pictures_at_once)]
    for job in large:
        backend.wait(job, is_upscaling, within_s=120)
    with backend.database.session() as session:
        user = accounts.find_by_email(session, "mina@example.com")
        wanted = [Options(model="realesr-animevideov3", scale=2)]
        preview = previews.order(session, user, piece(), wanted, shelf=Shelf())
    small = backend.order((40, 30), model="realesr-animevideov3")
    backend.until(lambda session: (state := previews.look(session, preview.id)) and state.answered == 1)
    backend.wait(small, lambda job: job.status == "completed")
    assert [backend.load(job).status for job in large] == ["processing"] * len(large)
    with backend.database.session() as session:
        assert previews.answers(session, preview.id)[0].facts
        previews.forget(session, preview)
        for job in large:
            jobs.cancel(session, user, job.id)


def piece() -> Piece:
    facts = Facts("png", 12, 8, has_alpha=False, bit_depth=8, mode="RGB", has_icc=False, has_preview=False)
    whole = Region(0, 0, 12, 8)
    return Piece(Cut(facts, whole, whole), png(), png())
