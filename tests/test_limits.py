from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy
from limits import RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerSecond
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import Engine, text

from pixelift import limits
from pixelift.db import Database
from pixelift.limits import Policy, PostgresStorage, RateLimit

TEN = RateLimitItemPerHour(10)


@pytest.fixture
def limiter(database: Database) -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(PostgresStorage(engine=database.engine))


@pytest.fixture
def borrowed(database: Database) -> Iterator[list[object]]:
    """Every connection that is taken from the pool while the test runs."""
    taken: list[object] = []

    def note(connection: object, *_rest: object) -> None:
        taken.append(connection)

    sqlalchemy.event.listen(database.engine, "checkout", note)
    yield taken
    sqlalchemy.event.remove(database.engine, "checkout", note)


def test_forty_threads_are_admitted_exactly_ten_times(limiter: FixedWindowRateLimiter) -> None:
    with ThreadPoolExecutor(40) as pool:
        admitted = list(pool.map(lambda _: limiter.hit(TEN, "user"), range(200)))
    assert sum(admitted) == 10


def test_each_key_and_each_window_counts_apart(limiter: FixedWindowRateLimiter) -> None:
    assert all(limiter.hit(TEN, "a") for _ in range(10))
    assert not limiter.hit(TEN, "a")
    assert limiter.hit(TEN, "b")
    assert limiter.hit(RateLimitItemPerDay(1), "a")


def test_a_window_starts_anew_on_the_clock_of_the_database(
    limiter: FixedWindowRateLimiter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert limiter.hit(RateLimitItemPerHour(1), "user")
    monkeypatch.setattr(time, "time", lambda: 4e9)
    assert not limiter.hit(RateLimitItemPerHour(1), "user")
    _let_time_pass(database)
    assert limiter.hit(RateLimitItemPerHour(1), "user")
    assert not limiter.hit(RateLimitItemPerHour(1), "user")


def test_a_window_of_a_second_is_over_after_a_second(limiter: FixedWindowRateLimiter) -> None:
    once = RateLimitItemPerSecond(1)
    assert limiter.hit(once, "user")
    assert not limiter.hit(once, "user")
    time.sleep(1.05)
    assert limiter.hit(once, "user")


def test_hits_do_not_prolong_a_window(limiter: FixedWindowRateLimiter) -> None:
    limiter.hit(TEN, "user")
    first = limiter.get_window_stats(TEN, "user").reset_time
    limiter.hit(TEN, "user")
    assert limiter.get_window_stats(TEN, "user").reset_time == pytest.approx(first, abs=0.1)
    assert first == pytest.approx(time.time() + 3600, abs=5)


def test_a_larger_plan_applies_at_once_and_keeps_what_was_used(limiter: FixedWindowRateLimiter) -> None:
    for _ in range(50):
        limiter.hit(TEN, "user")
    larger = RateLimitItemPerHour(100)
    assert limiter.hit(larger, "user")
    assert limiter.get_window_stats(larger, "user").remaining == 88


def test_a_smaller_plan_applies_at_once_and_keeps_what_was_used(limiter: FixedWindowRateLimiter) -> None:
    larger = RateLimitItemPerHour(100)
    for _ in range(20):
        limiter.hit(larger, "user")
    assert not limiter.hit(TEN, "user")
    assert limiter.get_window_stats(larger, "user").remaining == 80


def test_what_a_request_has_counted_is_not_asked_again(limiter: FixedWindowRateLimiter, borrowed: list[object]) -> None:
    limits.remember()
    limiter.hit(TEN, "user")
    assert limiter.get_window_stats(TEN, "user").remaining == 9
    assert len(borrowed) == 1
    limits.remember()
    assert limiter.get_window_stats(TEN, "user").remaining == 9
    assert len(borrowed) == 3


def test_a_key_that_was_never_hit_has_everything_left(limiter: FixedWindowRateLimiter) -> None:
    assert limiter.test(TEN, "nobody")
    assert limiter.get_window_stats(TEN, "nobody").remaining == 10


def test_a_key_can_be_cleared_and_so_can_all(limiter: FixedWindowRateLimiter) -> None:
    for user in ("a", "b", "c"):
        limiter.hit(TEN, user)
    limiter.clear(TEN, "a")
    assert limiter.get_window_stats(TEN, "a").remaining == 10
    assert limiter.get_window_stats(TEN, "b").remaining == 9
    assert limiter.storage.reset() == 2
    assert limiter.storage.check()


def test_only_windows_that_are_over_are_swept(limiter: FixedWindowRateLimiter, database: Database) -> None:
    limiter.hit(TEN, "old")
    _let_time_pass(database)
    limiter.hit(TEN, "new")
    with database.session() as session:
        assert limits.sweep(session) == 1
        assert limits.sweep(session) == 0
    assert limiter.get_window_stats(TEN, "new").remaining == 9


def test_a_database_that_is_away_is_an_error_of_the_storage(engine_to_nowhere: Engine) -> None:
    storage = PostgresStorage(engine=engine_to_nowhere)
    with pytest.raises(storage.base_exceptions):
        FixedWindowRateLimiter(storage).hit(TEN, "user")


def test_a_connection_on_which_counting_failed_is_not_lent_again(
    limiter: FixedWindowRateLimiter, database: Database
) -> None:
    with database.session() as session:
        session.execute(text("DROP TABLE rate_limits"))
    with pytest.raises(limiter.storage.base_exceptions):
        limiter.hit(TEN, "user")
    with database.engine.connect() as connection:
        connection.execute(text("CREATE TABLE kept (value int)"))
        connection.rollback()
        assert connection.scalar(text("SELECT to_regclass('kept')")) is None


@pytest.fixture
def engine_to_nowhere() -> Iterator[Engine]:
    engine = sqlalchemy.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    yield engine
    engine.dispose()


def test_the_tightest_window_is_the_one_with_the_least_left(window: Callable[..., RateLimit]) -> None:
    hour, day = window("hour", 10, remaining=9), window("day", 50, remaining=3)
    assert limits.tightest([hour, day]) is day
    assert limits.tightest([]) is None


def test_headers_show_the_tightest_window_and_all_of_them(window: Callable[..., RateLimit]) -> None:
    hour, day = window("hour", 10, remaining=9), window("day", 50, remaining=3)
    assert limits.headers([hour.policy, day.policy], [hour, day]) == {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "3",
        "X-RateLimit-Reset": "1000060",
        "RateLimit-Policy": '"reads-by-caller-per-hour";q=10;w=3600, "reads-by-caller-per-day";q=50;w=86400',
        "RateLimit": '"reads-by-caller-per-hour";r=9;t=60, "reads-by-caller-per-day";r=3;t=60',
    }
    assert limits.headers([hour.policy], []) == {}


@pytest.mark.parametrize(
    ("left_s", "when"),
    [
        (0, "1 second"),
        (60, "59 seconds"),
        (121, "2 minutes"),
        (3601, "60 minutes"),
        (7201, "2 hours"),
        (80_000, "23 hours"),
    ],
)
def test_a_refusal_says_when_to_come_back(window: Callable[..., RateLimit], left_s: int, when: str) -> None:
    refused = limits.exceeded(window("day", 2000, left_s=left_s))
    assert refused.message == f"The limit of 2,000 requests per day is reached. Try again in {when}."


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Callable[..., RateLimit]:
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)

    def make(unit: str, limit: int, *, remaining: int = 0, left_s: int = 60) -> RateLimit:
        window_s = {"hour": 3600, "day": 86400}[unit]
        return RateLimit(Policy(limits.READS, "caller", limit, unit, window_s), remaining, 1_000_000 + left_s)

    return make


def _let_time_pass(database: Database) -> None:
    with database.session() as session:
        session.execute(text("UPDATE rate_limits SET expires_at = now() - interval '1 ms'"))
