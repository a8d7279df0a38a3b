"""The application as programs meet it: over HTTP, with a worker behind it that draws in plain colour."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from flask import Flask
from PIL import Image as Pillow
from sqlalchemy import select, text
from werkzeug.serving import make_server

from pixelift import jobs
from pixelift.models import Image, Job, JobStatus
from pixelift.services import Services

ROUND_S = 0.02
WORKER = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 hour')"


@contextmanager
def running(web: Flask, folder: Path) -> Iterator[str]:
    """Yield the address of the application; jobs are done at once."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, web, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with _working(web.extensions["pixelift"], folder):
            yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _working(services: Services, folder: Path) -> Iterator[None]:
    over = threading.Event()
    with services.database.session() as session:
        session.execute(text(WORKER))

    def work() -> None:
        while not over.wait(ROUND_S):
            for job_id in _waiting(services):
                _serve(services, job_id, folder / "draft")

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _waiting(services: Services) -> list[UUID]:
    with services.database.session() as session:
        return list(session.scalars(select(Job.id).where(Job.status == JobStatus.PENDING)))


def _serve(services: Services, job_id: UUID, draft: Path) -> None:
    with services.database.session() as session:
        job = jobs.claim(session, job_id)
    if job is None:
        return
    Pillow.new("RGB", (job.width_px, job.height_px), "red").save(draft, job.format)
    result = Image(
        user_id=job.user_id,
        filename=f"photo-{job.width_px}x{job.height_px}.{job.format}",
        format=job.format,
        width_px=job.width_px,
        height_px=job.height_px,
        size_bytes=draft.stat().st_size,
        sha256="f" * 64,
        blob_prefix=f"results/{job.id}/{job.attempt}",
    )
    services.blobs.put(result.blob_key, draft)
    with services.database.session() as session:
        jobs.complete(session, job, result, {"fidelity_db": 31.5})
