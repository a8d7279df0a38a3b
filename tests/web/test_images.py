from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from PIL import Image as Pillow

from tests.web.conftest import SCRIPT, Order, Worker


def tiff() -> bytes:
    buffer = io.BytesIO()
    Pillow.linear_gradient("L").resize((12, 8)).convert("RGB").save(buffer, "TIFF")
    return buffer.getvalue()


@pytest.fixture
def source_id(browser: FlaskClient, order: Order) -> str:
    return browser.get(f"/?again={order()}").text.split('name="source" value="')[1].split('"')[0]


@pytest.mark.parametrize(("kind", "content_type"), [("thumbnail", "image/webp"), ("preview", "image/png")])
def test_a_picture_is_shown_to_its_owner_alone(
    browser: FlaskClient, stranger: FlaskClient, client: FlaskClient, source_id: str, kind: str, content_type: str
) -> None:
    with browser.get(f"/images/{source_id}/{kind}") as answer:
        assert answer.content_type == content_type
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.cache_control.private
        assert Pillow.open(io.BytesIO(answer.data)).size == (12, 8)
        etag = answer.headers["ETag"]
    with browser.get(f"/images/{source_id}/{kind}", headers={"If-None-Match": etag}) as again:
        assert again.status_code == 304
    assert stranger.get(f"/images/{source_id}/{kind}").status_code == 404


def test_a_tiff_is_shown_in_a_format_that_browsers_know(browser: FlaskClient) -> None:
    answer = browser.post("/jobs", data={"file": (io.BytesIO(tiff()), "cup.tif")}, headers=SCRIPT)
    page = browser.get(f"/?again={answer.headers['Location'].rsplit('/', 1)[1]}").text
    source = page.split('name="source" value="')[1].split('"')[0]
    with browser.get(f"/images/{source}/preview") as shown, browser.get(f"/images/{source}/download") as kept:
        assert shown.content_type == "image/png"
        assert kept.content_type == "image/tiff"
        assert kept.headers["Content-Disposition"] == "attachment; filename=cup.tif"


def test_a_strip_is_shown_while_the_job_runs(browser: FlaskClient, order: Order, worker: Worker) -> None:
    job = worker.claim(order())
    worker.advance(job)
    with browser.get(f"/jobs/{job.id}/strips/1/0") as answer:
        assert answer.content_type == "image/webp"
    assert browser.get(f"/jobs/{job.id}/strips/1/7").status_code == 404
