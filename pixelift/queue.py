"""Put work on procrastinate's queue inside the caller's own transaction, by name."""

from __future__ import annotations

from enum import StrEnum

import procrastinate
from sqlalchemy import text
from sqlalchemy.orm import Session


class Work(StrEnum):
    """Every task there is; `pixelift.tasks` binds each name to its function."""

    UPSCALE = "upscale"
    UPSCALE_SMALL = "upscale_small"
    PREVIEW = "preview"
    RECOVER = "recover"
    SWEEP = "sweep"


QUEUES = {
    Work.UPSCALE: "gpu",
    Work.UPSCALE_SMALL: "small",
    Work.PREVIEW: "previews",
    Work.RECOVER: "io",
    Work.SWEEP: "io",
}

_app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())  # never opened: it only writes the SQL


def defer(session: Session, work: Work, *, delay_s: int = 0, **ids: str) -> int:
    """Return the task's id. The queue row lives and dies with the caller's transaction."""
    task = _app.configure_task(
        work,
        queue=QUEUES[work],
        schedule_in={"seconds": delay_s} if delay_s else None,
        connection=session.connection().connection.driver_connection,
    )
    return task.defer(**ids)


def withdraw(session: Session, task_id: int) -> None:
    """Remove a task that no worker has begun."""
    session.execute(text("DELETE FROM procrastinate_jobs WHERE id = :id AND status = 'todo'"), {"id": task_id})
