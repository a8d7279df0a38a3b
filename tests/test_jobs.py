from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from pixelift import events, jobs
from pixelift.db import Database
from pixelift.engine.options import Format, Options
from pixelift.engine.shelf import Shelf
from pixelift.errors import EngineFailed, InvalidImage, JobNotCancellable, JobNotFound, ValidationFailed
from pixelift.models import ENDED, Image, Job, JobStatus, User

Make = Callable[..., Job]


def tasks_of(session: Session, job: Job) -> int:
    query = text("SELECT count(*) FROM procrastinate_jobs WHERE args->>'job_id' = :id AND status = 'todo'")
    return session.scalar(query, {"id": str(job.id)}) or 0


def kinds(session: Session, job: Job) -> list[str]:
    return [event.type for event in events.after(session, job.id, 0)]


@pytest.fixture
def mina(make_user: Callable[..., User]) -> User:
    return make_user()


def test_a_submitted_job_waits_with_one_task_and_one_event(
    session: Session, mina: User, make_image: Callable[..., Image]
) -> None:
    job = jobs.submit(session, mina, make_image(mina), Options(scale=2), shelf=Shelf())
    assert (job.status, job.width_px, job.height_px, job.format) == ("pending", 60, 40, "png")
    assert tasks_of(session, job) == 1
    assert kinds(session, job) == ["job.created"]


def test_rolling_back_leaves_neither_job_nor_task_nor_event(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        _submit_and_break(database)
    with database.session() as session:
        for table in ("jobs", "procrastinate_jobs", "events"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def _submit_and_break(database: Database) -> None:
    with database.session() as session:
        user = User(email="a@b.c", password_hash="x")
        session.add(user)
        session.flush()
        facts = {"filename": "a", "format": "png", "width_px": 1, "height_px": 1, "size_bytes": 1, "sha256": ""}
        image = Image(user_id=user.id, blob_prefix="k", **facts)
        session.add(image)
        session.flush()
        assert jobs.submit(session, user, image, Options(), shelf=Shelf()).task_id
        raise ZeroDivisionError


def test_transparency_cannot_become_a_jpeg(session: Session, mina: User, make_image: Callable[..., Image]) -> None:
    with pytest.raises(ValidationFailed) as caught:
        jobs.submit(session, mina, make_image(mina, has_alpha=True), Options(format=Format.JPEG), shelf=Shelf())
    assert caught.value.details[0].field == "format"


def test_a_foreign_job_is_not_found(
    session: Session, mina: User, make_user: Callable[..., User], make_job: Make
) -> None:
    with pytest.raises(JobNotFound):
        jobs.find(session, make_user(), make_job(mina).id)


def test_only_one_worker_claims_a_job(session: Session, mina: User, make_job: Make) -> None:
    job = make_job(mina)
    claimed = jobs.claim(session, job.id)
    assert claimed
    assert (claimed.status, claimed.attempt) == ("processing", 1)
    assert jobs.claim(session, job.id) is None


@pytest.mark.parametrize("status", ENDED)
def test_an_ended_job_is_not_claimed(session: Session, mina: User, make_job: Make, status: JobStatus) -> None:
    assert jobs.claim(session, make_job(mina, status).id) is None


def test_a_late_twin_can_neither_finish_nor_fail_a_job(session: Session, mina: User, make_job: Make) -> None:
    job = make_job(mina, JobStatus.PROCESSING, attempt=1)
    twin = Job(id=job.id, attempt=0, failures=0, source=job.source)
    assert not jobs.fail(session, twin, InvalidImage())
    assert not jobs.is_wanted(session, twin)
    assert not jobs.hand_back(session, twin)
    session.refresh(job)
    assert job.status == "processing"
    assert tasks_of(session, job) == 0


def test_progress_appends_strips_and_is_refused_after_a_cancel(session: Session, mina: User, make_job: Make) -> None:
    job = make_job(mina, JobStatus.PROCESSING, attempt=1)
    assert jobs.advance(session, job, stage="upscaling", percent=40, strips=[[0, 16]])
    assert jobs.advance(session, job, stage="upscaling", percent=80, strips=[[16, 16]])
    session.refresh(job)
    assert (job.progress, job.stage, job.strips) == (80, "upscaling", [[0, 16], [16, 16]])
    jobs.cancel(session, mina, job.id)
    assert not jobs.advance(session, job, stage="upscaling", percent=90, strips=[])


def test_cancelling_a_waiting_job_withdraws_its_task(
    session: Session, mina: User, make_image: Callable[..., Image]
) -> None:
    job = jobs.submit(session, mina, make_image(mina), Options(), shelf=Shelf())
    assert jobs.cancel(session, mina, job.id).status == "cancelled"
    assert tasks_of(session, job) == 0
    assert kinds(session, job) == ["job.created", "job.cancelled"]


def test_an_ended_job_cannot_be_cancelled(session: Session, mina: User, make_job: Make) -> None:
    with pytest.raises(JobNotCancellable, match="completed"):
        jobs.cancel(session, mina, make_job(mina, JobStatus.COMPLETED).id)


def test_an_error_that_may_pass_is_tried_again_three_times_in_all(session: Session, mina: User, make_job: Make) -> None:
    job = make_job(mina)
    states = []
    for _ in range(3):
        claimed = jobs.claim(session, job.id)
        assert claimed
        jobs.fail(session, claimed, EngineFailed())
        session.refresh(job)
        states.append(job.status)
    assert states == ["delayed", "delayed", "failed"]
    assert job.error
    assert job.error["code"] == "ENGINE_FAILED"
    assert kinds(session, job)[-1] == "job.failed"


def test_a_damaged_picture_fails_at_once(session: Session, mina: User, make_job: Make) -> None:
    job = make_job(mina, JobStatus.PROCESSING, attempt=1)
    jobs.fail(session, job, InvalidImage())
    session.refresh(job)
    assert job.status == "failed"


def test_the_position_counts_everybody_who_waits_before(
    session: Session, mina: User, make_user: Callable[..., User], make_job: Make
) -> None:
    others = [make_job(make_user()), make_job(make_user(), JobStatus.COMPLETED), make_job(make_user())]
    job = make_job(mina)
    positions = [jobs.queue_position(session, one) for one in (*others, job)]
    assert positions == [1, None, 2, 3]


def test_search_sees_own_jobs_only_newest_first(
    session: Session, mina: User, make_user: Callable[..., User], make_job: Make, make_image: Callable[..., Image]
) -> None:
    make_job(make_user())
    first, second = make_job(mina, source=make_image(mina, filename="Cup 100%.png")), make_job(mina, JobStatus.FAILED)
    found = jobs.search(session, mina, jobs.Filter())
    assert [job.id for job in found.items] == [second.id, first.id]
    assert (found.total, found.pages) == (2, 1)
    assert [job.id for job in jobs.search(session, mina, jobs.Filter(status="live")).items] == [first.id]
    assert [job.id for job in jobs.search(session, mina, jobs.Filter(name="100%")).items] == [first.id]
    assert jobs.search(session, mina, jobs.Filter(name="200%")).total == 0
    assert jobs.counts(session, mina) == {"pending": 1, "failed": 1}


def test_deleting_a_job_keeps_a_source_that_another_job_uses(
    session: Session, mina: User, make_job: Make, make_image: Callable[..., Image]
) -> None:
    shared = make_image(mina)
    shared_id = shared.id
    kept, gone = make_job(mina, source=shared), make_job(mina, JobStatus.FAILED, source=shared)
    jobs.delete(session, mina, gone.id)
    assert session.get(Image, shared_id)
    jobs.cancel(session, mina, kept.id)
    jobs.delete(session, mina, kept.id)
    session.expire_all()
    assert session.get(Image, shared_id) is None


def test_a_missing_job_is_not_found(session: Session, mina: User) -> None:
    with pytest.raises(JobNotFound):
        jobs.find(session, mina, uuid4())
