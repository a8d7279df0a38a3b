from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image as Pillow

from pixelift import accounts, jobs
from pixelift.db import Database
from pixelift.models import Image, Job, User

Order = Callable[..., str]
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def browser(client: FlaskClient, user: User) -> FlaskClient:
    """A browser in which `user` is signed in."""
    client.post("/sign-in", data={"email": user.email, "password": "espresso-cup"})
    return client


@pytest.fixture
def stranger(web: Flask, database: Database) -> FlaskClient:
    """A browser in which somebody else is signed in."""
    with database.session() as session:
        accounts.create(session, "stranger@example.com", password="water-glass")
    client = web.test_client()
    client.post("/sign-in", data={"email": "stranger@example.com", "password": "water-glass"})
    return client


@pytest.fixture
def order(browser: FlaskClient, picture: bytes) -> Order:
    """Send a picture as the Studio's script does; return the job's id."""

    def send(name: str = "cup.png", **fields: str) -> str:
        data = {"file": (io.BytesIO(picture), name), **fields}
        answer = browser.post("/jobs", data=data, headers=SCRIPT)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"].rsplit("/", 1)[1]

    return send


@pytest.fixture
def worker(web: Flask, database: Database, tmp_path: Path) -> Worker:
    return Worker(web, database, tmp_path / "drawn.webp")


class Worker:
    """Moves a job as a worker does, but draws plain colour."""

    def __init__(self, web: Flask, database: Database, draft: Path) -> None:
        self.blobs = web.extensions["pixelift"].blobs
        self.database = database
        self.draft = draft

    def claim(self, job_id: str) -> Job:
        with self.database.session() as session:
            job = jobs.claim(session, UUID(job_id))
        assert job
        return job

    def advance(self, job: Job, percent: int = 50) -> None:
        """Finish the upper half."""
        height_px = job.height_px // 2
        self._draw(f"strips/{job.id}/{job.attempt}/0000.webp", (job.width_px, height_px), "WEBP")
        with self.database.session() as session:
            assert jobs.advance(session, job, stage="upscaling", percent=percent, strips=[[0, height_px]])

    def complete(self, job: Job, outcome: dict[str, Any] | None = None) -> Image:
        result = Image(
            user_id=job.user_id,
            filename="cup-48x32.png",
            format="png",
            width_px=job.width_px,
            height_px=job.height_px,
            size_bytes=1_234,
            sha256="f" * 64,
            blob_prefix=f"results/{job.id}/{job.attempt}",
        )
        self._draw(result.blob_key, (job.width_px, job.height_px), "PNG")
        with self.database.session() as session:
            assert jobs.complete(session, job, result, outcome or {})
        return result

    def _draw(self, key: str, size: tuple[int, int], kind: str) -> None:
        Pillow.new("RGB", size, "red").save(self.draft, kind)
        self.blobs.put(key, self.draft)
