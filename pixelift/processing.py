"""What a worker does with a job: claim, run the engine with no transaction open, finish behind the fence."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from pixelift import jobs, scratch, speeds
from pixelift.db import Database
from pixelift.engine import formats
from pixelift.engine.host import Engine, Order, Outcome, Progress, Strip
from pixelift.engine.options import Options
from pixelift.errors import EngineFailed, InternalError, PixeliftError, ServiceUnavailable, StorageFull
from pixelift.models import Image, Job
from pixelift.storage import Folder

DATABASE_PATIENCE_S = 120.0
PROGRESS_EVERY_S = 0.5
T = TypeVar("T")
log = structlog.get_logger()


class NotWanted(Exception):
    """The job was cancelled, or another worker has it by now."""


class Stopping(Exception):
    """This worker was told to stop."""


@dataclass
class Workshop:
    """What one slot works with."""

    database: Database
    blobs: Folder
    engine: Engine
    scratch_dir: Path
    stopping: threading.Event

    def upscale(self, job_id: UUID) -> None:
        """Run one attempt of the job to its end, whatever that is."""
        job = self._patiently(lambda session: jobs.claim(session, job_id))
        if job is None:
            return
        job_log = log.bind(job=str(job_id), attempt=job.attempt)
        try:
            with scratch.workplace(self.scratch_dir) as folder:
                outcome = self._run(job, folder)
                self._keep(job, outcome, folder)
            job_log.info("attempt done", seconds=outcome.seconds)
        except NotWanted:
            job_log.info("attempt left: the job was cancelled or moved on")
        except Stopping:
            self._patiently(lambda session: jobs.hand_back(session, job))
            job_log.info("job handed back")
        except StorageFull as error:
            job_log.warning("attempt failed", code=error.code, reason=error.message)
            scratch.remove(self.scratch_dir, job_id)  # others need the room
            self._fail(job, error)
        except PixeliftError as error:
            job_log.warning("attempt failed", code=error.code, reason=error.message)
            self._fail(job, error)
        except Exception:  # noqa: BLE001 (the task's edge: whatever broke, the job must hear of it)
            job_log.exception("attempt broke")
            self._fail(job, InternalError("Something broke while this picture was made. Try it again."))
        self._tidy(job)

    def _run(self, job: Job, folder: Path) -> Outcome:
        source = folder / "source"
        self.blobs.fetch(job.source.blob_key, source)
        order = Order(
            source=source,
            destination=folder / "result",
            options=Options.from_json(job.options),
            strips_dir=folder,
            thumbnail=folder / "thumbnail.webp",
            preview=folder / "preview.png",
            scratch_dir=scratch.folder(self.scratch_dir, job.id),
        )
        return self.engine.run(order, Watch(self, job))

    def _keep(self, job: Job, outcome: Outcome, folder: Path) -> None:
        stem = Path(job.source.filename).stem
        result = Image(
            user_id=job.user_id,
            filename=f"{stem}-{outcome.width_px}x{outcome.height_px}.{formats.EXTENSIONS[outcome.format]}",
            format=outcome.format,
            width_px=outcome.width_px,
            height_px=outcome.height_px,
            size_bytes=outcome.size_bytes,
            sha256=outcome.sha256,
            has_alpha=outcome.has_alpha,
            blob_prefix=f"results/{job.id}/{job.attempt}",
            has_preview=outcome.has_preview,
            frames=outcome.frames,
        )
        self.blobs.put(result.blob_key, folder / "result")
        self.blobs.put(result.thumbnail_key, folder / "thumbnail.webp")
        if result.has_preview:
            self.blobs.put(result.preview_key, folder / "preview.png")

        def complete(session: Session) -> bool:
            speeds.note(session, outcome)
            return jobs.complete(session, job, result, outcome.to_json())

        if not self._patiently(complete):
            raise NotWanted

    def _fail(self, job: Job, error: PixeliftError) -> None:
        """Let it try again where that may help; the engine did so itself with what it failed on."""
        may_pass = error.retryable and not isinstance(error, EngineFailed)
        self._patiently(lambda session: jobs.fail(session, job, error, again=may_pass))

    def _tidy(self, job: Job) -> None:
        """Keep the finished rows of a job that another attempt will go on with, and of no other."""
        with contextlib.suppress(ServiceUnavailable), self.database.session() as session:
            if jobs.has_ended(session, job.id):
                scratch.remove(self.scratch_dir, job.id)

    def _patiently(self, act: Callable[[Session], T]) -> T:
        """Act in a transaction of its own; a database that restarts is waited for."""
        deadline_s = time.monotonic() + DATABASE_PATIENCE_S
        while True:
            try:
                with self.database.session() as session:
                    return act(session)
            except ServiceUnavailable:
                if self.stopping.is_set() or time.monotonic() > deadline_s:
                    raise
                time.sleep(PROGRESS_EVERY_S)


@dataclass
class Watch:
    """Hears from the engine at least twice a second; passes progress on, and stops it when nobody wants the result."""

    workshop: Workshop
    job: Job
    news: Progress | None = None
    strips: list[Strip] = field(default_factory=list)
    told_at_s: float = 0.0

    def __call__(self, progress: Progress | None) -> None:
        if self.workshop.stopping.is_set():
            raise Stopping
        if progress:
            self.news = progress
            self.strips += progress.strips
        if time.monotonic() - self.told_at_s >= PROGRESS_EVERY_S:
            self._tell()

    def _tell(self) -> None:
        self.told_at_s = time.monotonic()
        for strip in self.strips:
            key = f"strips/{self.job.id}/{self.job.attempt}/{strip.index:04}.webp"
            self.workshop.blobs.put(key, strip.path)
        try:
            with self.workshop.database.session() as session:
                session.execute(text("SET LOCAL synchronous_commit = off"))
                wanted = self._write(session)
        except ServiceUnavailable:
            log.warning("progress not written: the database is away", job=str(self.job.id))
            return
        if not wanted:
            raise NotWanted
        self.news, self.strips = None, []

    def _write(self, session: Session) -> bool:
        if self.news is None:
            return jobs.is_wanted(session, self.job)
        strips = [[strip.top_px, strip.height_px] for strip in self.strips]
        return jobs.advance(session, self.job, stage=self.news.stage, percent=self.news.percent, strips=strips)
