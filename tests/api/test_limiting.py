"""Limits at the edge: what a client is told, and what happens when counting breaks."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy
from flask import Flask, Response, g, jsonify
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pixelift import limits
from pixelift.api import limiting
from pixelift.db import Database
from pixelift.errors import PixeliftError
from pixelift.plans import PLANS, Plan


@dataclass
class Caller:
    name: str | None = "mina"
    plan: Plan = PLANS["free"]


@pytest.fixture
def caller() -> Caller:
    """Who calls in this test, and what they pay for; a test may change both."""
    return Caller()


@pytest.fixture
def client(database: Database, caller: Caller) -> FlaskClient:
    return _app(database.engine, caller).test_client()


def test_a_submission_counts_against_the_hour_and_the_day_of_the_plan(client: FlaskClient) -> None:
    answer = client.post("/api/v1/upscale")
    assert answer.headers["X-RateLimit-Limit"] == "10"
    assert answer.headers["X-RateLimit-Remaining"] == "9"
    assert 3590 <= int(answer.headers["X-RateLimit-Reset"]) - time.time() <= 3601
    assert answer.headers["RateLimit-Policy"] == (
        '"submissions-by-caller-per-hour";q=10;w=3600, "submissions-by-caller-per-day";q=50;w=86400'
    )
    assert re.fullmatch(
        r'"submissions-by-caller-per-hour";r=9;t=3(600|59\d), "submissions-by-caller-per-day";r=49;t=86(400|39\d)',
        answer.headers["RateLimit"],
    )
    assert "Retry-After" not in answer.headers
    assert answer.json == {"limit": 10, "remaining": 9, "reset_s": int(answer.headers["X-RateLimit-Reset"])}


def test_the_eleventh_submission_of_a_free_hour_is_refused(client: FlaskClient) -> None:
    assert _statuses(client, 10) == [200] * 10
    answer = client.post("/api/v1/upscale")
    assert answer.status_code == 429
    assert answer.text == "The limit of 10 pictures per hour is reached. Try again in 60 minutes."
    assert 3590 <= int(answer.headers["Retry-After"]) <= 3600
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert "per-day" in answer.headers["RateLimit-Policy"]


def test_refused_submissions_do_not_eat_the_day(client: FlaskClient, caller: Caller) -> None:
    _statuses(client, 30)
    caller.plan = replace(caller.plan, requests_per_hour=100)
    assert client.post("/api/v1/upscale").headers["X-RateLimit-Limit"] == "50"
    assert _statuses(client, 40).count(200) == 39


def test_a_change_of_plan_applies_to_the_next_request(client: FlaskClient, caller: Caller) -> None:
    assert _statuses(client, 11)[-1] == 429
    caller.plan = PLANS["starter"]
    answer = client.post("/api/v1/upscale")
    assert answer.status_code == 200
    assert answer.headers["X-RateLimit-Limit"] == "100"
    assert answer.headers["X-RateLimit-Remaining"] == "88"


def test_each_user_has_limits_of_their_own(client: FlaskClient, caller: Caller) -> None:
    assert _statuses(client, 11)[-1] == 429
    caller.name = "noor"
    assert _statuses(client, 1) == [200]


def test_reads_have_their_own_limit(client: FlaskClient) -> None:
    assert _statuses(client, 11)[-1] == 429
    answer = client.get("/api/v1/jobs")
    assert answer.status_code == 200
    assert answer.headers["X-RateLimit-Limit"] == "600"
    assert answer.headers["RateLimit-Policy"] == '"reads-by-caller-per-minute";q=600;w=60'


def test_pages_are_not_counted(client: FlaskClient) -> None:
    answer = client.get("/page")
    assert answer.json is None
    assert not [name for name, _ in answer.headers if "ratelimit" in name.lower()]


def test_a_submission_by_nobody_counts_as_a_request_of_that_address(client: FlaskClient, caller: Caller) -> None:
    caller.name = None
    assert client.post("/api/v1/upscale").headers["X-RateLimit-Limit"] == "600"


def test_addresses_of_one_site_count_together(client: FlaskClient, caller: Caller) -> None:
    caller.name = None

    def remaining(address: str) -> int:
        return int(_get(client, address).headers["X-RateLimit-Remaining"])

    assert [remaining("2001:db8::1"), remaining("2001:db8::ffff"), remaining("2001:db8:0:1::1")] == [599, 598, 599]
    assert [remaining("192.0.2.1"), remaining("::ffff:192.0.2.1"), remaining("192.0.2.2")] == [599, 598, 599]
    assert [remaining("unix"), remaining("")] == [599, 598]


def test_a_forwarded_address_is_not_believed(client: FlaskClient, caller: Caller) -> None:
    caller.name = None
    client.get("/api/v1/jobs", headers={"X-Forwarded-For": "192.0.2.7"})
    answer = client.get("/api/v1/jobs", headers={"X-Forwarded-For": "192.0.2.8"})
    assert answer.headers["X-RateLimit-Remaining"] == "598"


def test_an_account_is_tried_ten_times_a_minute_from_any_number_of_addresses(client: FlaskClient) -> None:
    tries = [_sign_in(client, f"192.0.2.{each}", "Mina@example.com ").status_code for each in range(10)]
    assert tries == [200] * 10
    answer = _sign_in(client, "192.0.2.99", "mina@example.com")
    assert answer.status_code == 429
    assert answer.text.startswith("The limit of 10 attempts to sign in per minute is reached.")
    assert _sign_in(client, "192.0.2.99", "noor@example.com").status_code == 200


def test_an_address_tries_ten_accounts_a_minute(client: FlaskClient) -> None:
    tries = [_sign_in(client, "192.0.2.1", f"user{each}@example.com").status_code for each in range(11)]
    assert tries == [200] * 10 + [429]
    assert client.get("/sign-in").status_code == 200


@pytest.mark.parametrize("sent", [{"json": {"email": "a@b.c"}}, {"json": ["a"]}, {"data": b"\xff"}, {"json": None}])
def test_an_attempt_of_any_shape_counts(client: FlaskClient, sent: dict[str, Any]) -> None:
    answer = client.post("/sign-in", **sent)
    assert answer.headers["X-RateLimit-Remaining"] == "9"


def test_a_request_is_answered_when_counting_fails(caller: Caller, caplog: pytest.LogCaptureFixture) -> None:
    engine = sqlalchemy.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with caplog.at_level(logging.ERROR, logger="flask-limiter"):
        answer = _app(engine, caller).test_client().post("/api/v1/upscale")
    assert answer.status_code == 200
    assert answer.json is None
    assert "RateLimit" not in answer.headers
    assert "Failed to rate limit" in caplog.text


def test_a_request_asks_the_database_once_a_window(client: FlaskClient, database: Database) -> None:
    borrowed: list[object] = []
    sqlalchemy.event.listen(database.engine, "checkout", lambda connection, *_rest: borrowed.append(connection))
    client.post("/api/v1/upscale")
    assert len(borrowed) == 2
    client.get("/api/v1/jobs")
    assert len(borrowed) == 3


def _statuses(client: FlaskClient, times: int) -> list[int]:
    return [client.post("/api/v1/upscale").status_code for _ in range(times)]


def _get(client: FlaskClient, address: str) -> TestResponse:
    return client.get("/api/v1/jobs", environ_base={"REMOTE_ADDR": address})


def _sign_in(client: FlaskClient, address: str, email: str) -> TestResponse:
    return client.post("/sign-in", data={"email": email}, environ_base={"REMOTE_ADDR": address})


def _app(engine: sqlalchemy.Engine, caller: Caller) -> Flask:
    """The least that limits stand on: somebody calls, a view counts, an error becomes an answer."""
    app = Flask(__name__)

    def load_caller() -> None:
        g.caller = caller.name and SimpleNamespace(user=SimpleNamespace(id=caller.name), plan=caller.plan)

    def answer(error: Exception) -> Response:
        assert isinstance(error, PixeliftError)
        return Response(error.message, status=error.status)

    def show() -> Response:
        window = limiting.current()
        return jsonify(window and {name: getattr(window, name) for name in ("limit", "remaining", "reset_s")})

    def named(name: str, mark: Callable[..., object] = lambda view: view) -> Callable[[], Response]:
        def view() -> Response:
            return show()

        view.__name__ = name
        mark(view)
        return view

    app.before_request(load_caller)
    app.register_error_handler(Exception, answer)
    limiting.install(app, engine)
    app.post("/api/v1/upscale")(named("upscale", limits.submission))
    app.get("/api/v1/jobs")(named("jobs"))
    app.get("/page")(named("page"))
    app.route("/sign-in", methods=["GET", "POST"])(named("sign_in", limits.sign_in))
    return app
