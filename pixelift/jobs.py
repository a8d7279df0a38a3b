"""Orders, and the moves they make. Each move is one compare-and-set; who finds no row leaves quietly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from pixelift import events, images, queue
from pixelift.engine import planning
from pixelift.engine.options import Options
from pixelift.engine.shelf import Shelf
from pixelift.errors import JobNotCancellable, JobNotFound, PixeliftError
from pixelift.models import ENDED, LIVE, WAITING, EventType, Image, Job, JobStatus, Key, User
from pixelift.queue import Work

MAX_FAILURES = 3
MAX_POSITION = 1_000
SMALL_PIXELS = 131_072


@dataclass(frozen=True)
class Filter:
    """What to look for; the status "live" means waiting or processing, `name` is part of the source's file name."""

    status: str | None = None
    model: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Page:
    items: list[Job]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        return -(-self.total // self.size)


def submit(
    session: Session, user: User, source: Image, options: Options, *, shelf: Shelf, key: Key | None = None
) -> Job:
    """Accept one picture; the caller's transaction decides whether it happened.

    Raises ValidationFailed, ModelNotInstalled.
    """
    plan = planning.plan(source, options, shelf)
    job = Job(
        user_id=user.id,
        key_id=key.id if key else None,
        source_id=source.id,
        source=source,
        options=options.to_json(),
        model=plan.model.name,
        format=plan.format,
        width_px=plan.width_px,
        height_px=plan.height_px,
    )
    session.add(job)
    session.flush()
    job.task_id = queue.defer(session, line(job), job_id=str(job.id))
    events.publish(session, job.id, EventType.CREATED)
    return job


def find(session: Session, user: User, job_id: UUID) -> Job:
    """Raise JobNotFound, for a foreign job as for a missing one."""
    job = session.scalar(select(Job).where(Job.id == job_id, Job.user_id == user.id))
    if job is None:
        raise JobNotFound
    return job


def search(session: Session, user: User, wanted: Filter, *, page: int = 1, size: int = 20) -> Page:
    """Return the user's jobs, newest first."""
    query = select(Job).where(Job.user_id == user.id)
    if wanted.status:
        query = query.where(Job.status.in_(LIVE if wanted.status == "live" else (wanted.status,)))
    if wanted.model:
        query = query.where(Job.model == wanted.model)
    if wanted.name:
        query = query.join(Job.source).where(Image.filename.icontains(wanted.name, autoescape=True))
    total = _count(session, query.with_only_columns(Job.id))
    items = session.scalars(query.order_by(Job.id.desc()).limit(size).offset((page - 1) * size))
    return Page(list(items), total, page, size)


def find_all(session: Session, user: User, job_ids: list[UUID]) -> list[Job]:
    """Return those of the jobs that are the user's, newest first."""
    query = select(Job).where(Job.id.in_(job_ids), Job.user_id == user.id).order_by(Job.id.desc())
    return list(session.scalars(query))


def counts(session: Session, user: User) -> dict[str, int]:
    """Return how many jobs the user has in each state that occurs."""
    query = select(Job.status, func.count().label("number")).where(Job.user_id == user.id).group_by(Job.status)
    return {row.status: row.number for row in session.execute(query)}


def queue_position(session: Session, job: Job) -> int | None:
    """Return 1 for the job that starts next, at most MAX_POSITION; None when it does not wait."""
    return queue_positions(session, [job]).get(job.id)


def queue_positions(session: Session, found: list[Job]) -> dict[UUID, int]:
    """Return the positions of those jobs that wait."""
    waiting = [job.id for job in found if job.status in WAITING]
    if not waiting:
        return {}
    line = select(Job.id).where(Job.status.in_(WAITING)).order_by(Job.id).limit(MAX_POSITION)
    front = {job_id: place for place, job_id in enumerate(session.scalars(line), start=1)}
    return {job_id: front.get(job_id, MAX_POSITION) for job_id in waiting}


def cancel(session: Session, user: User, job_id: UUID) -> Job:
    """Stop a job that has not ended; its worker notices within half a second.

    Raises JobNotFound, JobNotCancellable.
    """
    job = find(session, user, job_id)
    moved = _move(session, job.id, LIVE, status=JobStatus.CANCELLED, completed_at=func.now())
    session.refresh(job)
    if not moved:
        raise JobNotCancellable(f"This job is {job.status}, so it cannot be cancelled.")
    if job.task_id:
        queue.withdraw(session, job.task_id)
    events.publish(session, job.id, EventType.CANCELLED)
    return job


def delete(session: Session, user: User, job_id: UUID) -> None:
    """Remove an ended job with its pictures, as far as no other job uses them. Raises JobNotFound, Conflict."""
    job = find(session, user, job_id)
    if job.status not in ENDED:
        raise JobNotCancellable("This job still runs. Cancel it first.")
    pictures = [image for image in (job.source_id, job.result_id) if image]
    session.delete(job)
    session.flush()
    images.forget_unused(session, pictures)


def claim(session: Session, job_id: UUID) -> Job | None:
    """Begin the next attempt; None when the job does not wait any more."""
    moved = _move(
        session,
        job_id,
        WAITING,
        status=JobStatus.PROCESSING,
        attempt=Job.attempt + 1,
        started_at=func.now(),
        heartbeat_at=func.now(),
        stage="decoding",
        progress=0,
        strips=[],
    )
    if not moved:
        return None
    job = session.get_one(Job, job_id, populate_existing=True)
    events.publish(session, job_id, EventType.STARTED, attempt=job.attempt)
    return job


def advance(session: Session, job: Job, *, stage: str, percent: int, strips: list[list[int]]) -> bool:
    """Note progress and say whether the attempt is still wanted. `strips`: [top_px, height_px] of each new one."""
    moved = _finish(
        session, job, stage=stage, progress=percent, heartbeat_at=func.now(), strips=Job.strips.op("||")(strips)
    )
    if moved:
        events.publish(session, job.id, EventType.PROGRESS, stage=stage, percent=percent, strips=len(strips))
    return moved


def is_wanted(session: Session, job: Job) -> bool:
    """Give a sign of life; False when the job was cancelled or is somebody else's by now."""
    return _finish(session, job, heartbeat_at=func.now())


def complete(session: Session, job: Job, result: Image, outcome: dict[str, Any]) -> bool:
    session.add(result)
    session.flush()
    moved = _finish(
        session,
        job,
        status=JobStatus.COMPLETED,
        completed_at=func.now(),
        progress=100,
        stage=None,
        result_id=result.id,
        outcome=outcome,
        error=None,
    )
    if moved:
        events.publish(session, job.id, EventType.COMPLETED)
    else:
        session.delete(result)
    return moved


def has_ended(session: Session, job_id: UUID) -> bool:
    """Say whether no attempt will follow."""
    return session.scalar(select(Job.id).where(Job.id == job_id, Job.status.not_in(ENDED))) is None


def fail(session: Session, job: Job, error: PixeliftError, *, again: bool | None = None) -> bool:
    """End the job, or let it try again when attempts are left and the error may pass, or the caller says so."""
    failures = job.failures + 1
    reason = {"code": error.code, "message": error.message, "retryable": error.retryable}
    may_pass = error.retryable if again is None else again
    if may_pass and failures < MAX_FAILURES:
        return _try_again(session, job, failures, reason)
    moved = _finish(
        session, job, status=JobStatus.FAILED, completed_at=func.now(), stage=None, failures=failures, error=reason
    )
    if moved:
        events.publish(session, job.id, EventType.FAILED, **reason)
    return moved


def line(job: Job) -> Work:
    """Return where the job waits: small pictures have slots of their own, since large ones may hold theirs for long."""
    source = job.source
    small = source.width_px * source.height_px * source.frames <= SMALL_PIXELS
    return Work.UPSCALE_SMALL if small else Work.UPSCALE


def hand_back(session: Session, job: Job) -> bool:
    """Put a running job back in line, because its worker stops; this does not count as a failure."""
    task_id = queue.defer(session, line(job), job_id=str(job.id))
    moved = _finish(session, job, status=JobStatus.PENDING, stage=None, progress=0, strips=[], task_id=task_id)
    if moved:
        events.publish(session, job.id, EventType.RETRYING, attempt=job.attempt)
    else:
        queue.withdraw(session, task_id)
    return moved


def _try_again(session: Session, job: Job, failures: int, reason: dict[str, Any]) -> bool:
    delay_s = 2**failures
    task_id = queue.defer(session, line(job), delay_s=delay_s, job_id=str(job.id))
    moved = _finish(
        session, job, status=JobStatus.DELAYED, stage=None, failures=failures, error=reason, task_id=task_id
    )
    if moved:
        events.publish(session, job.id, EventType.RETRYING, attempt=job.attempt, again_in_s=delay_s, **reason)
    else:
        queue.withdraw(session, task_id)
    return moved


def _finish(session: Session, job: Job, **values: Any) -> bool:
    """Move a job that this very attempt still holds."""
    return _move(session, job.id, (JobStatus.PROCESSING,), attempt_held=job.attempt, **values)


def _move(
    session: Session, job_id: UUID, allowed: tuple[JobStatus, ...], *, attempt_held: int | None = None, **values: Any
) -> bool:
    move = update(Job).where(Job.id == job_id, Job.status.in_(allowed)).values(**values).returning(Job.id)
    if attempt_held is not None:
        move = move.where(Job.attempt == attempt_held)
    return session.execute(move.execution_options(synchronize_session=False)).scalar() is not None


def _count(session: Session, query: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0
