from __future__ import annotations

import html
import re

from flask.testing import FlaskClient

from pixelift.models import User


def create(browser: FlaskClient, name: str = "Production site") -> str:
    answer = browser.post("/keys", data={"name": name})
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    found = re.search(r'<code id="secret">(pk_live_\w+)</code>', answer.text)
    assert found
    assert f'Authorization: Bearer {found[1]}"' in html.unescape(answer.text)
    return found[1]


def test_a_new_key_is_shown_once_and_opens_the_api(browser: FlaskClient) -> None:
    secret = create(browser)
    page = browser.get("/keys").text
    assert "Production site" in page
    assert secret not in page
    assert secret[:12] in page
    assert browser.get("/api/v1/jobs", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_a_key_without_a_name_is_refused_next_to_the_field(browser: FlaskClient) -> None:
    answer = browser.post("/keys", data={"name": "  "})
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text
    assert "No key yet" in answer.text


def test_a_revoked_key_opens_nothing(browser: FlaskClient, user: User) -> None:
    secret = create(browser)
    key_id = browser.get("/keys").text.split('id="revoke-')[1].split('"')[0]
    assert "Revoked." in browser.post(f"/keys/{key_id}/revocation", follow_redirects=True).text
    assert browser.get("/api/v1/jobs", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_nobody_revokes_a_strangers_key(browser: FlaskClient, stranger: FlaskClient) -> None:
    create(browser)
    key_id = browser.get("/keys").text.split('id="revoke-')[1].split('"')[0]
    assert stranger.post(f"/keys/{key_id}/revocation").status_code == 404
