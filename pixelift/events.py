"""What happens to jobs: rows in the sender's transaction, woken up by NOTIFY, replayed by id."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import weakref
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from pixelift.db import CONNECT, Database
from pixelift.errors import ServiceUnavailable
from pixelift.models import Event, EventType, Job

CHANNEL = "pixelift_events"
PROBE_S = 15.0
MAX_STREAMS_PER_USER = 20
log = structlog.get_logger()


def publish(session: Session, job_id: UUID, event: EventType, **data: Any) -> None:
    """Record an event; the caller holds the job's row, so ids within one job rise in order of commit."""
    row = Event(job_id=job_id, type=event, data=data)
    session.add(row)
    session.flush()
    wake(session, job_id)


def wake(session: Session, subject: UUID) -> None:
    """Have everybody look who listens for the subject, once the transaction is committed."""
    payload = json.dumps({"about": str(subject)})
    session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload})


def after(session: Session, job_id: UUID, last_id: int) -> list[Event]:
    """Return the job's events that came after `last_id`, oldest first."""
    query = select(Event).where(Event.job_id == job_id, Event.id > last_id).order_by(Event.id)
    return list(session.scalars(query))


def newest(session: Session, job_id: UUID) -> int:
    """Return the id of the job's newest event."""
    return session.scalar(select(func.max(Event.id)).where(Event.job_id == job_id)) or 0


class Hub:
    """One LISTEN connection per process, started with the first listener, fanned out to all."""

    def __init__(self, database: Database, max_streams: int = 150) -> None:
        self.database = database
        self.max_streams = max_streams
        self.open_streams: Counter[UUID] = Counter()
        self._wakers: dict[UUID, set[queue.Queue[None]]] = defaultdict(set)
        self.lock = threading.RLock()  # a dropped seat may be collected while this thread holds it
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    def close(self) -> None:
        """Listen no more, once the connection is heard of next."""
        self._closed.set()

    def follow(self, job: Job, last_id: int = 0, *, silence_s: float = 15) -> Iterator[Event | None]:
        """Yield the job's events after `last_id`, then each new one as it comes; None after each `silence_s` without.

        Ends after the job's last event. Raises ServiceUnavailable at once when the job's owner, or everybody together,
        has too many streams open already.
        """
        seat = Seat(self, job.user_id)
        return self._follow(job.id, last_id, silence_s, seat)

    def _follow(self, job_id: UUID, last_id: int, silence_s: float, seat: Seat) -> Iterator[Event | None]:
        with contextlib.closing(seat), self.listening(job_id) as waker:
            while True:
                for event in self._catch_up(job_id, last_id):
                    yield event
                    last_id = event.id
                    if event.is_last:
                        return
                with contextlib.suppress(queue.Empty):
                    waker.get(timeout=silence_s)
                    continue
                yield None

    def _catch_up(self, job_id: UUID, last_id: int) -> list[Event]:
        try:
            with self.database.session() as session:
                return after(session, job_id, last_id)
        except ServiceUnavailable:
            return []

    @contextlib.contextmanager
    def listening(self, subject: UUID) -> Iterator[queue.Queue[None]]:
        """Give a queue that holds something as soon as the subject is to be looked at (again)."""
        waker: queue.Queue[None] = queue.Queue(maxsize=1)
        with self.lock:
            self._wakers[subject].add(waker)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen_forever, name="events", daemon=True)
                self._thread.start()
        try:
            yield waker
        finally:
            with self.lock:
                self._wakers[subject].discard(waker)
                if not self._wakers[subject]:
                    del self._wakers[subject]

    def _listen_forever(self) -> None:
        delay_s = 0.5
        while not self._closed.is_set():
            try:
                with psycopg.connect(self.database.url, autocommit=True, **CONNECT) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    delay_s = 0.5
                    self._wake_all()
                    self._relay(connection)
            except psycopg.Error as error:
                if not self._closed.is_set():
                    log.warning("live events interrupted", error=str(error), again_s=delay_s)
                self._closed.wait(delay_s)
                delay_s = min(delay_s * 2, 5)

    def _relay(self, connection: psycopg.Connection[Any]) -> None:
        while not self._closed.is_set():
            for notice in connection.notifies(timeout=PROBE_S):
                with contextlib.suppress(ValueError, KeyError, TypeError):  # anybody may notify
                    self._wake(UUID(json.loads(notice.payload)["about"]))
            connection.execute("SELECT 1")

    def _wake_all(self) -> None:
        with self.lock:
            waiting = list(self._wakers)
        for job_id in waiting:
            self._wake(job_id)

    def _wake(self, job_id: UUID) -> None:
        with self.lock:
            wakers = tuple(self._wakers.get(job_id, ()))
        for waker in wakers:
            with contextlib.suppress(queue.Full):
                waker.put_nowait(None)


class Seat:
    """The right to one stream, given back when it is closed, or dropped before it began."""

    def __init__(self, hub: Hub, user_id: UUID) -> None:
        with hub.lock:
            if hub.open_streams[user_id] >= MAX_STREAMS_PER_USER or hub.open_streams.total() >= hub.max_streams:
                raise ServiceUnavailable("Too many live streams and previews are open. Poll, or try again later.")
            hub.open_streams[user_id] += 1
        self.close = weakref.finalize(self, _leave, hub, user_id)


def _leave(hub: Hub, user_id: UUID) -> None:
    with hub.lock:
        hub.open_streams[user_id] -= 1
        if not hub.open_streams[user_id]:
            del hub.open_streams[user_id]
