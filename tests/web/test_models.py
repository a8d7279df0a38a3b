from __future__ import annotations

import html

from flask.testing import FlaskClient

from pixelift import speeds
from pixelift.db import Database
from pixelift.engine.shelf import Shelf
from tests.test_speeds import OUTCOME


def test_every_model_is_listed_with_what_brings_it(browser: FlaskClient) -> None:
    page = html.unescape(browser.get("/models").text)
    for model in Shelf().all():
        assert model.title in page
        assert model.installed or f'data-copy-text="{model.remedy}"' in page
    assert page.count("Installed") == 3
    assert "non-commercial" in page


def test_speeds_are_shown_once_they_are_known(browser: FlaskClient, database: Database) -> None:
    assert "Mpx/s" not in browser.get("/models").text
    with database.session() as session:
        speeds.note(session, OUTCOME)
    assert all("0.5\u00a0Mpx/s" in browser.get(path).text for path in ("/models", "/"))


def test_strangers_are_asked_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/models").status_code == 303
