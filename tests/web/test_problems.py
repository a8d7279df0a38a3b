from __future__ import annotations

import re

from flask.testing import FlaskClient

from tests.web.conftest import SCRIPT

INLINE = re.compile(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)


def test_a_missing_page_says_so_and_leads_on(browser: FlaskClient) -> None:
    answer = browser.get("/nothing")
    assert answer.status_code == 404
    assert "Not found" in answer.text
    assert "Go to Studio" in answer.text


def test_a_visitor_sees_errors_without_the_menu(client: FlaskClient) -> None:
    page = client.get("/nothing").text
    assert "Not found" in page
    assert "Sign out" not in page


def test_a_script_gets_an_error_as_a_fragment(browser: FlaskClient) -> None:
    answer = browser.get("/nothing", headers=SCRIPT)
    assert answer.status_code == 404
    assert "<html" not in answer.text


def test_no_page_needs_an_inline_style_or_script(browser: FlaskClient, client: FlaskClient) -> None:
    for path in ("/", "/jobs", "/keys", "/nothing", "/sign-in"):
        answer = browser.get(path)
        assert not INLINE.findall(answer.text), path
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy


def test_every_static_file_that_a_page_names_is_there(browser: FlaskClient) -> None:
    page = browser.get("/").text
    for address in re.findall(r'(?:href|src)="(/static/[^"#]+)', page):
        if "/vendor/" not in address:
            with browser.get(address) as answer:
                assert answer.status_code == 200, address
