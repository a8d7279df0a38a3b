"""How often who may do what: the counters, and what is said about them. Why so: docs/adr/0007-limits-in-postgres.md."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import ceil
from typing import Any, LiteralString, TypeVar, cast

import psycopg
from limits.storage import Storage
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from pixelift.errors import RateLimitExceeded

SUBMISSIONS, PREVIEWS, READS, SIGN_INS = "submissions", "previews", "reads", "sign-ins"
WORDS = {SUBMISSIONS: "pictures", PREVIEWS: "previews", READS: "requests", SIGN_INS: "attempts to sign in"}
UNITS_S = (("hour", 3600), ("minute", 60), ("second", 1))
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Policy:
    """So many of a kind in a window of time; `unit` is the window in a word."""

    kind: str
    by: str
    limit: int
    unit: str
    window_s: int

    @property
    def name(self) -> str:
        return f"{self.kind}-by-{self.by}-per-{self.unit}"


@dataclass(frozen=True)
class RateLimit:
    """One window as it stands; it starts anew at reset_s (Unix time)."""

    policy: Policy
    remaining: int
    reset_s: int

    @property
    def limit(self) -> int:
        return self.policy.limit

    @property
    def left_s(self) -> int:
        return min(self.policy.window_s, max(1, self.reset_s - int(time.time())))


def submission(view: View) -> View:
    """Count calls of this view against the caller's plan."""
    return _counted_as(SUBMISSIONS, view)


def preview(view: View) -> View:
    """Count calls of this view apart from submissions, by the plan as well."""
    return _counted_as(PREVIEWS, view)


def sign_in(view: View) -> View:
    """Count posts to this view by address and by account."""
    return _counted_as(SIGN_INS, view)


def kind_of(view: object) -> str:
    return str(getattr(view, "counted_as", READS))


def tightest(windows: Sequence[RateLimit]) -> RateLimit | None:
    return min(windows, key=lambda window: (window.remaining, -window.reset_s), default=None)


def headers(policies: Sequence[Policy], windows: Sequence[RateLimit]) -> dict[str, str]:
    """Describe the tightest window as everybody does, and all of them as draft-ietf-httpapi-ratelimit-headers-10."""
    tight = tightest(windows)
    if tight is None:
        return {}
    return {
        "X-RateLimit-Limit": str(tight.limit),
        "X-RateLimit-Remaining": str(tight.remaining),
        "X-RateLimit-Reset": str(tight.reset_s),
        "RateLimit-Policy": ", ".join(f'"{each.name}";q={each.limit};w={each.window_s}' for each in policies),
        "RateLimit": ", ".join(f'"{each.policy.name}";r={each.remaining};t={each.left_s}' for each in windows),
    }


def exceeded(window: RateLimit) -> RateLimitExceeded:
    unit, unit_s = next(each for each in UNITS_S if window.left_s >= 2 * each[1] or each[1] == 1)
    count = max(1, ceil((window.left_s - 1) / unit_s))  # left_s is rounded up by as much as a second
    what = f"{window.limit:,} {WORDS[window.policy.kind]} per {window.policy.unit}"
    return RateLimitExceeded(f"The limit of {what} is reached. Try again in {count} {unit}{'s' if count > 1 else ''}.")


def sweep(session: Session) -> int:
    """Forget windows that are over; return how many."""
    return len(session.execute(text("DELETE FROM rate_limits WHERE expires_at <= now() RETURNING 1")).all())


def remember() -> None:
    """Begin a request: what it counts from here on need not be read again by this thread."""
    _counted.set({})


class PostgresStorage(Storage):
    """Windows of `limits` on the database's clock; one begins with its first hit and is never prolonged."""

    STORAGE_SCHEME = ["pixelift"]  # noqa: RUF012  (limits reads a list here)

    def __init__(self, uri: str | None = None, *, engine: Engine) -> None:
        super().__init__(uri)
        self._engine = engine

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return SQLAlchemyError, psycopg.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        name, limit = _counter(key)
        counter = self._one(_HIT, key=name, limit=limit, window_s=expiry, amount=amount)
        if (counted := _counted.get()) is not None:
            counted[name] = counter
        return counter.value

    def get(self, key: str) -> int:
        return self._find(key).value

    def get_expiry(self, key: str) -> float:
        return self._find(key).expires_at_s

    def check(self) -> bool:
        with self._connection() as connection:
            return connection.execute("SELECT").rowcount == 1

    def reset(self) -> int | None:
        _counted.set(None)
        with self._connection() as connection:
            return connection.execute("DELETE FROM rate_limits").rowcount

    def clear(self, key: str) -> None:
        _counted.set(None)
        with self._connection() as connection:
            connection.execute("DELETE FROM rate_limits WHERE key = %s", (_counter(key)[0],))

    def _find(self, key: str) -> _Counter:
        name, _ = _counter(key)
        return (_counted.get() or {}).get(name) or self._one(_READ, key=name)

    def _one(self, statement: LiteralString, **given: object) -> _Counter:
        with self._connection() as connection:
            row = connection.execute(statement, given).fetchone()
        value, left_s = row or (0, 0)
        return _Counter(value, time.time() + left_s)

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        """Borrow from SQLAlchemy's pool, but talk to the driver: two windows then cost 0.5 ms instead of 2.2."""
        pooled = self._engine.raw_connection()
        try:
            connection = cast(psycopg.Connection, pooled.driver_connection)
            connection.autocommit = True
            yield connection
            connection.autocommit = False
        except BaseException:
            pooled.invalidate()  # the next borrower expects transactions
            raise
        finally:
            pooled.close()


@dataclass(frozen=True)
class _Counter:
    """The end of the window is given by our clock, moved by what the database's clock says is left."""

    value: int
    expires_at_s: float


_counted: ContextVar[dict[str, _Counter] | None] = ContextVar("counted", default=None)

# The count stops one above the limit, so that what was refused does not eat a larger plan's allowance.
_HIT = """
    INSERT INTO rate_limits AS r (key, value, expires_at)
    VALUES (%(key)s, %(amount)s, now() + make_interval(secs => %(window_s)s))
    ON CONFLICT (key) DO UPDATE SET
        value = CASE WHEN r.expires_at <= now() THEN excluded.value
                     ELSE greatest(r.value, least(r.value + excluded.value, %(limit)s + 1)) END,
        expires_at = CASE WHEN r.expires_at <= now() THEN excluded.expires_at ELSE r.expires_at END
    RETURNING value, extract(epoch FROM expires_at - now())::float8 AS left_s
"""
_READ = """
    SELECT value, extract(epoch FROM expires_at - now())::float8 AS left_s
    FROM rate_limits WHERE key = %(key)s AND expires_at > now()
"""


def _counter(key: str) -> tuple[str, int]:
    """Take the limit out of the key that `limits` makes (…/limit/multiple/unit): a change of plan keeps the counter."""
    *name, limit, multiple, unit = key.split("/")
    return "/".join((*name, multiple, unit)), int(limit)


def _counted_as(kind: str, view: View) -> View:
    view.counted_as = kind  # type: ignore[attr-defined]
    return view
