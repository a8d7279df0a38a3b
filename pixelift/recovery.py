"""Bring back jobs whose worker is gone. Runs every few seconds in the io worker; any number may run at once."""

from __future__ import annotations

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from pixelift import jobs, queue
from pixelift.errors import WorkerLost
from pixelift.models import WAITING, Job, JobStatus

STALE_S = 12
BATCH = 200
log = structlog.get_logger()


server_started_at = func.pg_postmaster_start_time


def recover(session: Session) -> int:
    """Return how many jobs were brought back or given up."""
    return _requeue_silent(session) + _drop_abandoned_tasks(session) + _requeue_forgotten(session)


def _requeue_silent(session: Session) -> int:
    """Processing, but no sign of life: the worker is lost. Time that the database itself was away does not count."""
    last_sign = func.greatest(Job.heartbeat_at, server_started_at())
    silent = last_sign < func.now() - text(f"interval '{STALE_S} seconds'")
    query = select(Job).where(Job.status == JobStatus.PROCESSING, silent).with_for_update(skip_locked=True, of=Job)
    lost = list(session.scalars(query.order_by(Job.id).limit(BATCH)))
    for job in lost:
        jobs.fail(session, job, WorkerLost())
        log.warning("worker lost", job=str(job.id), attempt=job.attempt)
    return len(lost)


def _requeue_forgotten(session: Session) -> int:
    """Waiting, but no task would ever start it: give it a new one."""
    live = text(
        "NOT EXISTS (SELECT FROM procrastinate_jobs p WHERE p.id = jobs.task_id AND p.status IN ('todo', 'doing'))"
    )
    aged = Job.created_at < func.now() - text(f"interval '{STALE_S} seconds'")
    query = select(Job).where(Job.status.in_(WAITING), aged, live).with_for_update(skip_locked=True, of=Job)
    forgotten = list(session.scalars(query.order_by(Job.id).limit(BATCH)))
    for job in forgotten:
        job.task_id = queue.defer(session, jobs.line(job), job_id=str(job.id))
        log.warning("task was missing", job=str(job.id))
    return len(forgotten)


def _drop_abandoned_tasks(session: Session) -> int:
    """Tasks that a vanished worker had begun; our own rows say what became of the jobs."""
    abandoned = text("DELETE FROM procrastinate_jobs WHERE status = 'doing' AND worker_id IS NULL RETURNING id")
    return len(session.execute(abandoned).all())
