from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pixelift.db import Database
from pixelift.engine import formats
from pixelift.models import Speed
from tests.web.conftest import SCRIPT, Order


def post(browser: FlaskClient, *contents: bytes, **fields: Any) -> TestResponse:
    files = [(io.BytesIO(content), f"cup-{number}.png") for number, content in enumerate(contents)]
    return browser.post("/jobs", data={"file": files, **fields})


def test_the_studio_tells_the_script_the_limits_of_the_plan(browser: FlaskClient) -> None:
    page = browser.get("/").text
    assert 'data-max-bytes="100000000"' in page
    assert 'data-max-pixels="100000000"' in page


def test_one_picture_leads_to_its_job(browser: FlaskClient, picture: bytes) -> None:
    answer = post(browser, picture, scale="2", format="webp", quality="70")
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"]).text
    assert "24\u00a0\N{MULTIPLICATION SIGN}\u00a016" in page
    assert "WebP" in page


def test_several_pictures_lead_to_the_history(browser: FlaskClient, picture: bytes) -> None:
    assert post(browser, picture, picture).headers["Location"] == "/jobs"
    page = browser.get("/jobs").text
    assert "cup-0.png" in page
    assert "cup-1.png" in page


def test_good_pictures_are_taken_and_bad_ones_named(browser: FlaskClient, picture: bytes) -> None:
    answer = post(browser, picture, b"no picture at all")
    assert answer.status_code == 422
    assert "<b>cup-1.png</b>" in answer.text
    assert "<b>cup-0.png</b> is on its way" in answer.text


def test_nothing_chosen_is_said_in_the_studio(browser: FlaskClient) -> None:
    answer = post(browser)
    assert answer.status_code == 422
    assert "Choose a picture first" in answer.text
    assert 'id="order"' in answer.text


def test_a_size_of_ones_own_may_have_a_comma(browser: FlaskClient, picture: bytes) -> None:
    answer = post(browser, picture, scale="other", own_scale="2,5")
    assert "30\u00a0\N{MULTIPLICATION SIGN}\u00a020" in browser.get(answer.headers["Location"]).text


def test_a_size_out_of_range_is_refused(browser: FlaskClient, picture: bytes) -> None:
    for scale in ("9", "0.5", "nan", "inf", "four"):
        answer = post(browser, picture, scale="other", own_scale=scale)
        assert answer.status_code == 422
        assert "from 1 to 8 times" in answer.text


def test_an_exact_size_reaches_the_job(browser: FlaskClient, picture: bytes) -> None:
    answer = post(browser, picture, scale="exact", width="20", height="20", fit="cover")
    again = browser.get(answer.headers["Location"].replace("/jobs/", "/?again=")).text
    assert 'value="exact" checked' in again
    assert 'name="width" type="number" min="1" step="1" inputmode="numeric" value="20"' in again
    assert 'name="fit" value="cover" checked' in again


WRONG = [
    ({"scale": "exact"}, "Say a width, a height or both."),
    ({"scale": "exact", "width": "1.5"}, "Width and height are whole numbers of pixels."),
    ({"scale": "exact", "width": "-2"}, "Width and height are whole numbers of pixels."),
    ({"denoise": "2"}, "The strength is a number from 0 to 1."),
    ({"faces": "yes", "face": "much"}, "The strength is a number from 0 to 1."),
    ({"format": "jpeg", "quality": "best"}, "The quality is a whole number from 1 to 100."),
    ({"format": "exe"}, "Choose a format from the list."),
]


@pytest.mark.parametrize(("fields", "sentence"), WRONG, ids=[str(wrong[0]) for wrong in WRONG])
def test_a_wrong_field_is_said_and_nothing_typed_is_lost(
    browser: FlaskClient, picture: bytes, fields: dict[str, str], sentence: str
) -> None:
    answer = post(browser, picture, **fields, model="realesr-animevideov3")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="realesr-animevideov3" checked' in answer.text


def test_the_studio_remembers_what_was_chosen_last(browser: FlaskClient, picture: bytes) -> None:
    chosen = {"scale": "exact", "height": "40", "denoise": "0.3", "keep_metadata": "no", "keep_location": "yes"}
    assert post(browser, picture, **chosen).status_code == 303
    page = browser.get("/").text
    assert 'value="exact" checked' in page
    assert 'type="range" min="0" max="1" step="0.05" value="0.3"' in page
    assert re.search(r'name="keep_location" value="yes" checked', page)
    assert not re.search(r'name="keep_metadata" value="yes" checked', page)
    assert '<details class="further" open>' in page


def test_a_memory_that_means_nothing_is_forgotten(browser: FlaskClient) -> None:
    browser.set_cookie("studio", "scale=exact&model=gone&width=%3Cscript%3E&surprise=1&&&=")
    page = browser.get("/")
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert 'value="realesrgan-x4plus" checked' in page.text


def test_the_script_learns_how_fast_a_model_is_here(browser: FlaskClient, database: Database) -> None:
    assert "data-mpx-per-s" not in browser.get("/").text
    speed = Speed(model="realesr-animevideov3", device="cpu", precision="fp32", mpx_per_s=1.5, pictures=1)
    with database.session() as session:
        session.add(speed)
    assert 'data-native="4" data-mpx-per-s="1.5" value="realesr-animevideov3"' in browser.get("/").text


def test_the_dropzone_takes_what_the_engine_reads(browser: FlaskClient) -> None:
    page = browser.get("/").text
    accepted = re.search(r'accept="([^"]+)"', page)
    assert accepted
    assert {*formats.CONTENT_TYPES.values(), ".jpg", ".jpeg", ".tiff"} <= set(accepted[1].split(","))
    assert f'data-readable="{" ".join(formats.READABLE)}"' in page


def test_a_script_gets_a_live_row(browser: FlaskClient, picture: bytes) -> None:
    answer = browser.post("/jobs", data={"file": (io.BytesIO(picture), "cup.png")}, headers=SCRIPT)
    assert answer.status_code == 201
    job_id = answer.headers["Location"].removeprefix("/jobs/")
    assert f'id="row-{job_id}"' in answer.text
    assert f'name="live" value="{job_id}"' in answer.text
    assert "<html" not in answer.text


def test_a_script_gets_the_sentence_of_an_error(browser: FlaskClient) -> None:
    answer = browser.post("/jobs", data={"file": (io.BytesIO(b"%PDF-1.7"), "cup.png")}, headers=SCRIPT)
    assert answer.status_code == 415
    assert "data-problem" in answer.text
    assert "<html" not in answer.text


def test_a_script_that_is_signed_out_is_sent_to_sign_in(client: FlaskClient) -> None:
    answer = client.post("/jobs", headers=SCRIPT)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in")


def test_run_again_keeps_the_picture_and_the_settings(browser: FlaskClient, order: Order) -> None:
    first = order("mug.png", scale="3", format="jpeg", quality="61", model="realesr-animevideov3")
    page = browser.get(f"/?again={first}").text
    assert 'value="3" checked' in page
    assert 'value="jpeg" data-quality="95" checked' in page
    assert 'value="realesr-animevideov3" checked' in page
    assert 'value="61"' in page
    source = page.split('name="source" value="')[1].split('"')[0]
    answer = browser.post("/jobs", data={"source": source, "scale": "2"})
    assert "mug.png" in browser.get(answer.headers["Location"]).text


def test_nobody_runs_a_strangers_picture(browser: FlaskClient, stranger: FlaskClient, order: Order) -> None:
    source = browser.get(f"/?again={order()}").text.split('name="source" value="')[1].split('"')[0]
    answer = stranger.post("/jobs", data={"source": source}, headers=SCRIPT)
    assert answer.status_code == 404
