from __future__ import annotations

import re
from typing import Any, NoReturn

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from pixelift.models import User
from pixelift.settings import Settings

Headers = dict[str, str]


def test_every_answer_carries_an_id_that_the_client_may_choose(client: FlaskClient, bearer: Headers) -> None:
    made = client.get("/api/v1/models", headers=bearer)
    assert re.fullmatch(r"req_[0-9a-f]{24}", made.headers["X-Request-Id"])
    assert made.get_json()["meta"]["requestId"] == made.headers["X-Request-Id"]
    kept = client.get("/api/v1/models", headers={**bearer, "X-Request-Id": "my-own-id-1"})
    assert kept.headers["X-Request-Id"] == "my-own-id-1"
    odd = client.get("/api/v1/models", headers={**bearer, "X-Request-Id": "a b<script>"})
    assert odd.headers["X-Request-Id"].startswith("req_")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer pk_live_nonsense"},
        {"Authorization": "Basic bWluYTpl"},
        {"X-API-Key": "nonsense"},
        {"Authorization": "Bearer "},
    ],
    ids=str,
)
def test_without_a_good_credential_nothing_is_told(client: FlaskClient, headers: Headers) -> None:
    for method, path in (("GET", "/jobs"), ("GET", "/models"), ("POST", "/upscale")):
        answer = client.open(f"/api/v1{path}", method=method, headers=headers)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "UNAUTHORIZED")


def test_a_key_may_come_in_its_own_header(client: FlaskClient, key: str) -> None:
    assert client.get("/api/v1/models", headers={"X-API-Key": key}).status_code == 200


def test_unknown_addresses_and_methods_answer_in_the_envelope(client: FlaskClient, bearer: Headers) -> None:
    missing = client.get("/api/v1/nothing", headers=bearer)
    assert (missing.status_code, missing.get_json()["error"]["code"]) == (404, "NOT_FOUND")
    wrong = client.put("/api/v1/jobs", headers=bearer)
    assert (wrong.status_code, wrong.get_json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")


def test_an_error_points_to_its_own_paragraph_of_the_documentation(client: FlaskClient) -> None:
    error = client.get("/api/v1/jobs").get_json()["error"]
    assert error["docs"] == "/api/v1/docs#UNAUTHORIZED"


def test_the_browsers_defences_are_on_every_answer(client: FlaskClient) -> None:
    for path in ("/api/v1/jobs", "/health", "/sign-in", "/nothing"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_openapi_document_knows_every_route_and_no_other(web: Flask, client: FlaskClient) -> None:
    document: dict[str, Any] = client.get("/api/v1/openapi.json").get_json()
    assert document["openapi"] == "3.1.1"
    documented = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in web.url_map.iter_rules()
        if rule.endpoint.startswith("api_")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert documented == served


def test_health_tells_the_parts_and_needs_no_credential(client: FlaskClient) -> None:
    assert client.get("/health/live").get_json() == {"status": "alive"}
    assert client.get("/health/ready").status_code == 200
    whole = client.get("/health")
    assert whole.status_code == 503
    assert (whole.get_json()["database"], whole.get_json()["worker"]) == ("up", "down")


def test_models_name_the_default_and_what_is_installed(client: FlaskClient, bearer: Headers) -> None:
    items = client.get("/api/v1/models", headers=bearer).get_json()["data"]["items"]
    here = {item["name"]: item for item in items if item["installed"]}
    assert here.keys() == {"realesrgan-x4plus", "realesrgan-x4plus-anime", "realesr-animevideov3"}
    assert all((item["kind"], item["native_scale"]) == ("upscale", 4) for item in here.values())
    assert [item["name"] for item in items if item["default"]] == ["realesrgan-x4plus"]
    assert all("pixelift models pull" in item["install"] for item in items if item["name"] not in here)


@pytest.mark.parametrize("path", ["/api/v1/jobs?model=%00", "/jobs?query=%00", "/jobs?query=%ED%A0%80"])
def test_characters_that_cannot_be_stored_break_nothing(client: FlaskClient, user: User, path: str, key: str) -> None:
    client.post("/sign-in", data={"email": user.email, "password": "espresso-cup"})
    assert client.get(path, headers={"X-API-Key": key}).status_code < 500


@pytest.mark.parametrize("body", ["[" * 100_000, '{"image_url": "' + "x" * 70_000 + '"}', '{"a": NaN', "\x00"])
def test_monstrous_json_is_refused(client: FlaskClient, bearer: Headers, body: str) -> None:
    answer = client.post("/api/v1/upscale", headers=bearer, data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["success"]) in {(400, False), (413, False)}


def test_a_wrong_key_is_counted(client: FlaskClient) -> None:
    answer = client.get("/api/v1/jobs", headers={"X-API-Key": "nonsense"})
    assert (answer.status_code, answer.headers["X-RateLimit-Remaining"]) == (401, "599")


def test_a_proxys_own_authorization_does_not_concern_pages(client: FlaskClient) -> None:
    assert client.get("/sign-in", headers={"Authorization": "Basic bWluYTpl"}).status_code == 200
    assert client.get("/health/live", headers={"Authorization": "Basic bWluYTpl"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/jobs", "/nothing", "/api/v1/jobs"])
def test_without_a_database_everybody_is_told_to_come_back(
    web: Flask, client: FlaskClient, user: User, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    client.post("/sign-in", data={"email": user.email, "password": "espresso-cup"})
    web.extensions["pixelift"].database.close()
    monkeypatch.setattr(web.extensions["pixelift"].database.engine.pool, "_creator", _refuse)
    answer = client.get(path)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_a_host_that_nobody_serves_is_refused_where_hosts_are_named(settings: Settings) -> None:
    from pixelift import app  # noqa: PLC0415 (an application of its own, with other settings)

    strict = app.create(settings.model_copy(update={"trusted_hosts": ("pixelift.example",)}))
    client = strict.test_client()
    assert client.get("/health/live", headers={"Host": "pixelift.example"}).status_code == 200
    assert client.get("/health/live", headers={"Host": "evil.example"}).status_code == 400
    strict.extensions["pixelift"].close()


def _refuse(*_given: object) -> NoReturn:
    raise psycopg.OperationalError("the database is away")
