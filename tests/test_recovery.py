from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, text
from sqlalchemy.orm import Session

from pixelift import jobs, queue, recovery
from pixelift.models import Job, JobStatus, User
from pixelift.queue import Work

AGED = text("UPDATE jobs SET heartbeat_at = now() - interval '1 hour', created_at = now() - interval '1 hour'")


def live_tasks(session: Session) -> int:
    return session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")) or 0


@pytest.fixture
def job(
    session: Session, monkeypatch: pytest.MonkeyPatch, make_user: Callable[..., User], make_job: Callable[..., Job]
) -> Job:
    """Its worker was last seen an hour ago, and the database has been up for longer."""
    monkeypatch.setattr(recovery, "server_started_at", lambda: func.to_timestamp(0))
    job = make_job(make_user(), JobStatus.PROCESSING, attempt=1)
    session.execute(AGED)
    session.refresh(job)
    return job


def test_a_job_whose_worker_is_silent_is_tried_again(session: Session, job: Job) -> None:
    assert recovery.recover(session) == 1
    session.refresh(job)
    assert (job.status, job.failures) == ("delayed", 1)
    assert live_tasks(session) == 1
    assert recovery.recover(session) == 0


def test_a_job_that_loses_its_worker_three_times_fails(session: Session, job: Job) -> None:
    for _ in range(3):
        recovery.recover(session)
        jobs.claim(session, job.id)
        session.execute(AGED)
    session.refresh(job)
    assert job.status == "failed"
    assert job.error
    assert job.error["code"] == "WORKER_LOST"


def test_a_live_worker_is_left_alone(session: Session, job: Job) -> None:
    jobs.is_wanted(session, job)
    assert recovery.recover(session) == 0


def test_time_without_a_database_does_not_count_as_silence(
    session: Session, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "server_started_at", func.now)
    assert recovery.recover(session) == 0
    session.refresh(job)
    assert job.status == "processing"


def test_a_waiting_job_whose_task_vanished_gets_a_new_one(
    session: Session, make_user: Callable[..., User], make_job: Callable[..., Job]
) -> None:
    job = make_job(make_user(), task_id=999_999)
    assert recovery.recover(session) == 0
    session.execute(AGED)
    assert recovery.recover(session) == 1
    assert live_tasks(session) == 1
    assert jobs.claim(session, job.id)


def test_a_task_whose_worker_vanished_is_dropped(session: Session) -> None:
    task_id = queue.defer(session, Work.UPSCALE, job_id="x")
    session.execute(text("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = :id"), {"id": task_id})
    assert recovery.recover(session) == 1
    assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0
