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

from pixelift import jobs, previews
from pixelift.models import Image, Job, JobStatus, Preview
from pixelift.services import Services
from tests.conftest import png

ROUND_S = 0.02
WORKER = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 hour')"


@contextmanager
def running(web: Flask, folder: Path) -> Iterator[str]:
    """Yield the address of the application; jobs are done at once."""
    with serving(web) as address, _working(web.extensions["pixelift"], folder):
        yield address


@contextmanager
def serving(web: Flask) -> Iterator[str]:
    """Yield the address of the application, which has no worker."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, web, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
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
            _serve_previews(services)

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


def _serve_previews(services: Services) -> None:
    with services.database.session() as session:
        waiting = list(session.scalars(select(Preview.id).where(~Preview.is_claimed)))
    for preview_id in waiting:
        with services.database.session() as session:
            preview = previews.claim(session, preview_id)
            for position in range(len(preview.variants) if preview else 0):
                facts = {"width_px": 12, "height_px": 8, "seconds": 0.1}
                previews.answer(session, preview_id, position, picture=png(), facts=facts)
