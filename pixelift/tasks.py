"""Bind the names of the queue to functions: a task fetches what it needs and delegates."""

from __future__ import annotations

from uuid import UUID

import procrastinate

from pixelift import previewing, previews, recovery, retention
from pixelift.db import Database
from pixelift.processing import Workshop
from pixelift.queue import QUEUES, Work
from pixelift.settings import Settings
from pixelift.storage import Folder


def build(settings: Settings, database: Database, workshop: Workshop) -> procrastinate.App:
    """Return the application that a worker runs."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=database.url))

    def upscale(job_id: str) -> None:
        workshop.upscale(UUID(job_id))

    for work in (Work.UPSCALE, Work.UPSCALE_SMALL):
        app.task(name=work, queue=QUEUES[work])(upscale)

    @app.task(name=Work.PREVIEW, queue=QUEUES[Work.PREVIEW])
    def preview(preview_id: str) -> None:
        previewing.make(workshop, UUID(preview_id))

    @app.periodic(cron="* * * * * */5")
    @app.task(name=Work.RECOVER, queue=QUEUES[Work.RECOVER], queueing_lock=Work.RECOVER)
    def recover(timestamp: int) -> None:  # noqa: ARG001 (procrastinate passes the time it meant)
        with database.session() as session:
            recovery.recover(session)
            previews.sweep(session)

    @app.periodic(cron="*/10 * * * * 30")
    @app.task(name=Work.SWEEP, queue=QUEUES[Work.SWEEP], queueing_lock=Work.SWEEP)
    def sweep(timestamp: int) -> None:  # noqa: ARG001 (as above)
        retention.sweep(database, Folder(settings.blobs_dir), settings.scratch_dir)

    return app
