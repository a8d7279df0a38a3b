"""What happens to jobs: rows in the sender's transaction, woken up by NOTIFY, replayed by id."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pixelift.db import Database
from pixelift.errors import ServiceUnavailable
from pixelift.models import Event, EventType

CHANNEL = "pixelift_events"
HEARTBEAT_S = 15.0
MAX_STREAMS = 150
log = structlog.get_logger()


def publish(session: Session, job_id: UUID, event: EventType, **data: Any) -> None:
    """Record an event; the caller holds the job's row, so ids within one job rise in order of commit."""
    row = Event(job_id=job_id, type=event, data=data)
    session.add(row)
    session.flush()
    payload = json.dumps({"job": str(job_id), "event": row.id})
    session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload})


def after(session: Session, job_id: UUID, last_id: int) -> list[Event]:
    """Return the job's events that came after `last_id`, oldest first."""
    query = select(Event).where(Event.job_id == job_id, Event.id > last_id).order_by(Event.id)
    return list(session.scalars(query))


class Hub:
    """One LISTEN connection per process, started with the first listener, fanned out to all."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._wakers: dict[UUID, set[queue.Queue[None]]] = defaultdict(set)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def follow(self, job_id: UUID, last_id: int = 0) -> Iterator[Event | None]:
        """Yield the job's events after `last_id`, then each new one as it comes; None every 15 s of silence.

        Ends after the job's last event. Raises ServiceUnavailable at once when there are too many streams already.
        """
        with self._lock:
            if sum(map(len, self._wakers.values())) >= MAX_STREAMS:
                raise ServiceUnavailable("Too many live streams are open. Poll the job's status instead.")
        return self._follow(job_id, last_id)

    def _follow(self, job_id: UUID, last_id: int) -> Iterator[Event | None]:
        with self._listening(job_id) as waker:
            while True:
                for event in self._catch_up(job_id, last_id):
                    yield event
                    last_id = event.id
                    if event.is_last:
                        return
                with contextlib.suppress(queue.Empty):
                    waker.get(timeout=HEARTBEAT_S)
                    continue
                yield None

    def _catch_up(self, job_id: UUID, last_id: int) -> list[Event]:
        try:
            with self.database.session() as session:
                return after(session, job_id, last_id)
        except ServiceUnavailable:
            return []

    @contextlib.contextmanager
    def _listening(self, job_id: UUID) -> Iterator[queue.Queue[None]]:
        waker: queue.Queue[None] = queue.Queue(maxsize=1)
        with self._lock:
            self._wakers[job_id].add(waker)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen_forever, name="events", daemon=True)
                self._thread.start()
        try:
            yield waker
        finally:
            with self._lock:
                self._wakers[job_id].discard(waker)
                if not self._wakers[job_id]:
                    del self._wakers[job_id]

    def _listen_forever(self) -> None:
        delay_s = 0.5
        while True:
            try:
                with psycopg.connect(self.database.url, autocommit=True, keepalives_idle=10) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    delay_s = 0.5
                    self._wake_all()
                    self._relay(connection)
            except psycopg.Error as error:
                log.warning("live events interrupted", error=str(error), again_s=delay_s)
                time.sleep(delay_s)
                delay_s = min(delay_s * 2, 5)

    def _relay(self, connection: psycopg.Connection[Any]) -> None:
        while True:
            for notice in connection.notifies(timeout=HEARTBEAT_S):
                self._wake(UUID(json.loads(notice.payload)["job"]))
            connection.execute("SELECT 1")

    def _wake_all(self) -> None:
        with self._lock:
            waiting = list(self._wakers)
        for job_id in waiting:
            self._wake(job_id)

    def _wake(self, job_id: UUID) -> None:
        with self._lock:
            wakers = tuple(self._wakers.get(job_id, ()))
        for waker in wakers:
            with contextlib.suppress(queue.Full):
                waker.put_nowait(None)
