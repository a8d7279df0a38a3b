from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from pixelift.models import User


def sign_in(client: FlaskClient, user: User, password: str = "espresso-cup", onward: str = "") -> tuple[int, str]:
    answer = client.post("/sign-in", data={"email": user.email, "password": password, "next": onward})
    return answer.status_code, answer.headers.get("Location", "")


@pytest.mark.parametrize("path", ["/", "/jobs", "/keys", "/jobs/01a2070b-7257-741b-abdd-d28c48eb1423"])
def test_a_page_asks_to_sign_in_and_leads_back(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/sign-in?next={path}"


def test_signing_in_leads_to_the_page_that_was_asked_for(client: FlaskClient, user: User) -> None:
    assert sign_in(client, user, onward="/jobs?status=failed") == (303, "/jobs?status=failed")
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "javascript:1"]
)
def test_signing_in_never_leads_to_another_site(client: FlaskClient, user: User, onward: str) -> None:
    assert sign_in(client, user, onward=onward) == (303, "/")


def test_a_wrong_password_is_said_next_to_its_field(client: FlaskClient, user: User) -> None:
    answer = client.post("/sign-in", data={"email": user.email, "password": "tea"})
    assert answer.status_code == 401
    assert 'aria-describedby="password-error"' in answer.text
    assert "match" in answer.text.split('id="password-error"')[1]
    assert f'value="{user.email}"' in answer.text
    assert 'value="tea"' not in answer.text


def test_an_unknown_account_reads_like_a_wrong_password(client: FlaskClient, user: User) -> None:
    known = client.post("/sign-in", data={"email": user.email, "password": "tea"})
    unknown = client.post("/sign-in", data={"email": "nobody@example.com", "password": "tea"})
    assert unknown.status_code == known.status_code
    assert unknown.text.replace("nobody@example.com", user.email) == known.text


def test_signing_out_ends_the_session_on_the_server(browser: FlaskClient) -> None:
    cookie = browser.get_cookie("pixelift")
    assert cookie
    assert browser.post("/sign-out").headers["Location"] == "/sign-in"
    browser.set_cookie("pixelift", cookie.value)
    assert browser.get("/").status_code == 303


def test_another_site_cannot_sign_out(browser: FlaskClient) -> None:
    assert browser.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.get("/").status_code == 200


def test_the_theme_stands_in_the_first_byte(browser: FlaskClient) -> None:
    assert "data-theme" not in browser.get("/").text.split("<head>")[0]
    answer = browser.post("/theme", data={"theme": "dark", "next": "/jobs"})
    assert answer.headers["Location"] == "/jobs"
    assert '<html lang="en" data-theme="dark">' in browser.get("/").text


def test_an_unknown_theme_is_left_alone(browser: FlaskClient) -> None:
    browser.set_cookie("theme", '"><script>')
    assert "data-theme" not in browser.get("/").text


def test_a_key_opens_no_page(client: FlaskClient, bearer: dict[str, str]) -> None:
    assert client.get("/keys", headers=bearer).location == "/sign-in?next=/keys"


@pytest.mark.parametrize(
    "onward", ["//evil.example", "////evil.example/a", "/\\evil.example", "https://evil.example", "/a\nb"]
)
def test_a_strangers_link_does_not_lead_away(client: FlaskClient, user: User, onward: str) -> None:
    assert sign_in(client, user, onward=onward) == (303, "/")
    assert client.get("/sign-in", query_string={"next": onward}).location == "/"
