"""Is it up, and can it work? Asked by people, by `pixelift up` and by load balancers; no credential needed."""

from __future__ import annotations

import time

from flask import Response, jsonify
from sqlalchemy import text
from sqlalchemy.orm import Session

import pixelift
from pixelift import services
from pixelift.api.blueprints import PUBLIC, blueprint
from pixelift.api.schemas.health import Health, Life, Readiness
from pixelift.errors import InternalError, ServiceUnavailable, Unauthorized

api = blueprint(
    "health",
    "Health",
    "Is it up, and can it work? No credential is needed.",
    prefix="/health",
    security=PUBLIC,
    always=(Unauthorized, InternalError),
)
WORKER_SEEN_WITHIN_S, WAITS_AT_MOST_S = 30, 60


@api.get("", summary="Ask how it is", responses={200: Health, 503: Health})
def show() -> tuple[Response, int]:
    """Answer for people: each part, and 503 when one is missing."""
    state = _state()
    healthy = all(state.values())
    words = {part: "up" if up else "down" for part, up in state.items()}
    status = "healthy" if healthy else "unhealthy"
    return jsonify(status=status, timestamp=time.time(), version=pixelift.__version__, **words), 200 if healthy else 503


@api.get("/live", summary="Ask for a sign of life", responses={200: Life})
def live() -> Response:
    """The process answers; nothing else is looked at."""
    return jsonify(status="alive")


@api.get("/ready", summary="Ask whether it can serve", responses={200: Readiness, 503: Readiness})
def ready() -> tuple[Response, int]:
    """Requests can be served: the database answers and knows our tables."""
    up = _state()["database"]
    return jsonify(status="ready" if up else "not ready"), 200 if up else 503


def _state() -> dict[str, bool]:
    try:
        with services.current().database.session() as session:
            session.execute(text("SELECT FROM jobs LIMIT 1"))
            return {"database": True, "worker": _has_worker(session)}
    except ServiceUnavailable:
        return {"database": False, "worker": False}


def _has_worker(session: Session) -> bool:
    return bool(session.scalar(_WORKER, {"seen_s": WORKER_SEEN_WITHIN_S, "waits_s": WAITS_AT_MOST_S}))


# A worker that answers is no proof that pictures are made: the other one may answer, and this one be frozen.
_WORKER = text("""
    SELECT EXISTS (SELECT FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => :seen_s))
    AND (
        EXISTS (SELECT FROM jobs WHERE status = 'processing' AND heartbeat_at > now() - make_interval(secs => :seen_s))
        OR NOT EXISTS (
            SELECT FROM jobs JOIN procrastinate_jobs task ON task.id = jobs.task_id AND task.status = 'todo'
            WHERE jobs.status IN ('pending', 'delayed')
            AND coalesce(task.scheduled_at, jobs.created_at) < now() - make_interval(secs => :waits_s)
        )
    )
""")
