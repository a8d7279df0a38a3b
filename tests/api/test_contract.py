from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

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
    assert {item["name"] for item in items} == {"realesrgan-x4plus", "realesrgan-x4plus-anime", "realesr-animevideov3"}
    assert [item["name"] for item in items if item["default"]] == ["realesrgan-x4plus"]
    assert all(item["installed"] and item["native_scale"] == 4 for item in items)
