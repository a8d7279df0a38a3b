"""A whole backend of real processes on a Postgres of its own, to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from pixelift import accounts, db, images, jobs, postgres
from pixelift.db import Database
from pixelift.engine.inspection import Inspector
from pixelift.engine.options import Options
from pixelift.engine.shelf import Shelf
from pixelift.models import Job
from pixelift.plans import PLANS
from pixelift.settings import Settings
from pixelift.storage import Folder
from pixelift.uploads import Uploads
from tests.conftest import png

WORKER = Path(__file__).parents[2] / "worker.py"


@dataclass
class Backend:
    server: postgres.Server
    settings: Settings
    database: Database
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, queue: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "DATABASE_URL": self.database.url,
            "PIXELIFT_DATA_DIR": str(self.settings.data_dir),
        }
        self.workers[queue] = subprocess.Popen([sys.executable, WORKER, queue], env=environment)
        return self.workers[queue]

    def end(self, queue: str, number: signal.Signals) -> int:
        worker = self.workers.pop(queue)
        worker.send_signal(number)
        return worker.wait(timeout=15)

    def order(self, size: tuple[int, int], **options: Any) -> Job:
        inspector = Inspector()
        uploads = Uploads(self.settings, Folder(self.settings.blobs_dir), inspector)
        received = uploads.receive(BytesIO(png(size)), "cup.png", PLANS["enterprise"])
        inspector.close()
        with self.database.session() as session:
            user = accounts.find_by_email(session, "mina@example.com")
            return jobs.submit(session, user, images.record(session, user, received), Options(**options), shelf=Shelf())

    def load(self, job: Job) -> Job:
        with self.database.session() as session:
            return session.get_one(Job, job.id)

    def until(self, true: Callable[[Session], object], within_s: float = 60) -> None:
        deadline = time.monotonic() + within_s
        while True:
            with self.database.session() as session:
                if true(session):
                    return
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def wait(self, job: Job, true: Callable[[Job], bool], within_s: float = 60) -> Job:
        deadline = time.monotonic() + within_s
        while not true(now := self.load(job)):
            assert time.monotonic() < deadline, f"still {now.status}, {now.stage}, {now.progress} %"
            time.sleep(0.1)
        return now


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    data_dir = tmp_path_factory.mktemp("backend")
    server = postgres.Server(data_dir)
    server.start()
    settings = Settings(data_dir=data_dir, database_url=None)
    db.migrate(settings)
    backend = Backend(server, settings, db.connect(settings))
    with backend.database.session() as session:
        accounts.create(session, "mina@example.com")
    backend.start("io")
    yield backend
    for queue in tuple(backend.workers):
        backend.end(queue, signal.SIGKILL)
    backend.database.close()
    server.stop()
    postgres.remove(data_dir)


@pytest.fixture
def gpu(backend: Backend) -> Iterator[subprocess.Popen[bytes]]:
    yield backend.start("gpu")
    if "gpu" in backend.workers:
        backend.end("gpu", signal.SIGKILL)
