from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from pixelift import retention, scratch
from pixelift.db import Database
from pixelift.models import Image, Job, JobStatus, User
from pixelift.storage import Folder

LONG_AGO_S = time.time() - 2 * retention.ORPHAN_AFTER_S


@pytest.fixture
def session(database: Database) -> Session:
    """The sweep opens its own transactions, so what it shall see is committed."""
    return database._sessions()


@pytest.fixture
def blobs(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "blobs")


@pytest.fixture
def keep(blobs: Folder, tmp_path: Path) -> Callable[..., str]:
    def put(key: str, *, changed_s: float = LONG_AGO_S) -> str:
        file = tmp_path / "file"
        file.write_bytes(b"x")
        blobs.put(key, file)
        os.utime(blobs.root / key, (changed_s, changed_s))
        file.unlink()
        return key

    return put


def left(blobs: Folder) -> set[str]:
    return {key for key, _ in blobs.keys("")}


def test_only_old_blobs_that_no_image_knows_are_removed(
    database: Database,
    session: Session,
    blobs: Folder,
    keep: Callable[..., str],
    make_user: Callable[..., User],
    make_image: Callable[..., Image],
    tmp_path: Path,
) -> None:
    with session:
        make_image(make_user(), blob_prefix="sources/ab/known")
        session.commit()
    known = {keep("sources/ab/known.png"), keep("sources/ab/known.thumbnail.webp")}
    fresh = keep("sources/ab/fresh.png", changed_s=time.time())
    keep("sources/ab/orphan.png")
    keep("results/1/orphan.png")
    retention.sweep(database, blobs, tmp_path / "scratch")
    assert left(blobs) == known | {fresh}


def test_strips_go_a_minute_after_their_job_ended(
    database: Database,
    session: Session,
    blobs: Folder,
    keep: Callable[..., str],
    make_user: Callable[..., User],
    make_job: Callable[..., Job],
    tmp_path: Path,
) -> None:
    with session:
        user = make_user()
        made = [make_job(user, status, strips=[[0, 16]]) for status in (JobStatus.COMPLETED, JobStatus.PROCESSING)]
        session.execute(text("UPDATE jobs SET completed_at = now() - interval '2 minutes' WHERE status = 'completed'"))
        session.commit()
    ended, running = (keep(f"strips/{job.id}/1/0000.webp") for job in made)
    retention.sweep(database, blobs, tmp_path / "scratch")
    assert left(blobs) == {running}
    assert ended not in left(blobs)


def test_scratch_of_a_killed_process_goes_after_a_day(database: Database, blobs: Folder, tmp_path: Path) -> None:
    for name in ("job-old", "job-new"):
        (tmp_path / "scratch" / name).mkdir(parents=True)
    os.utime(tmp_path / "scratch" / "job-old", (LONG_AGO_S, LONG_AGO_S))
    retention.sweep(database, blobs, tmp_path / "scratch")
    assert [path.name for path in (tmp_path / "scratch").iterdir()] == ["job-new"]


def test_the_workplace_of_a_killed_worker_goes_soon_and_that_of_a_living_one_stays(
    database: Database, blobs: Folder, tmp_path: Path
) -> None:
    a_while_ago_s = time.time() - 2 * retention.ABANDONED_AFTER_S
    (tmp_path / "job-of-a-killed-one").mkdir()
    os.utime(tmp_path / "job-of-a-killed-one", (a_while_ago_s, a_while_ago_s))
    with scratch.workplace(tmp_path) as living:
        os.utime(living, (a_while_ago_s, a_while_ago_s))
        retention.sweep(database, blobs, tmp_path)
        assert [path for path in tmp_path.iterdir() if path != blobs.root] == [living]
    assert not living.exists()


def test_finished_rows_stay_as_long_as_an_attempt_may_go_on_with_them(
    database: Database,
    session: Session,
    blobs: Folder,
    make_user: Callable[..., User],
    make_job: Callable[..., Job],
    tmp_path: Path,
) -> None:
    with session:
        user = make_user()
        ended, delayed = (make_job(user, status) for status in (JobStatus.FAILED, JobStatus.DELAYED))
        session.commit()
    for job_id in (ended.id, delayed.id, uuid4()):
        scratch.folder(tmp_path, job_id).mkdir()
        os.utime(scratch.folder(tmp_path, job_id), (LONG_AGO_S, LONG_AGO_S))
    retention.sweep(database, blobs, tmp_path)
    assert scratch.kept(tmp_path) == [delayed.id]
