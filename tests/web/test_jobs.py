from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from pixelift import jobs
from pixelift.db import Database
from pixelift.errors import EngineFailed, EngineOutputRejected, PixeliftError
from tests.web.conftest import Order, Worker

FRAME = re.compile(r"id: (\d+)\n(?:data: .*\n)+\n")


def status(html: str) -> str:
    found = re.search(r'data-status="(\w+)"', html)
    assert found
    return found[1]


def test_a_waiting_job_says_its_place_in_line(browser: FlaskClient, order: Order) -> None:
    order()
    page = browser.get(f"/jobs/{order()}").text
    assert "2nd in line" in page
    assert "Cancel" in page


def test_a_running_job_shows_finished_strips_in_place(browser: FlaskClient, order: Order, worker: Worker) -> None:
    job = worker.claim(order())
    worker.advance(job)
    page = browser.get(f"/jobs/{job.id}").text
    assert "50\u202f%" in page
    assert "strip 2 of 2" in page
    assert f'href="/jobs/{job.id}/strips/1/0" y="0.0" width="1200" height="400.0"' in page


def test_a_completed_job_compares_and_offers_the_file(browser: FlaskClient, order: Order, worker: Worker) -> None:
    result = worker.complete(worker.claim(job_id := order()))
    page = browser.get(f"/jobs/{job_id}").text
    assert "<pixel-compare" in page
    assert f'href="/images/{result.id}/download" download' in page
    assert f'href="/?again={job_id}"' in page
    assert "hx-sse:connect" not in page


def test_faces_are_framed_where_the_result_has_them(browser: FlaskClient, order: Order, worker: Worker) -> None:
    face = {"box": [1, 2, 5, 6], "score": 0.9, "restored": True, "similarity": 0.9, "reason": None}
    job = worker.claim(job_id := order(scale="2"))
    worker.complete(job, {"faces": [face], "fidelity_db": 40.0})
    page = browser.get(f"/jobs/{job_id}").text
    assert page.count('<rect x="2.0" y="4.0" width="8.0" height="8.0"/>') == 2
    assert "data-faces" in page
    assert "40.0\u00a0dB" in page
    assert "1\u202f% away from its source" in page


@pytest.mark.parametrize(("fit", "cut"), [("cover", "xMidYMid slice"), ("exact", "none")])
def test_a_source_is_compared_in_the_shape_of_the_result(
    browser: FlaskClient, order: Order, worker: Worker, fit: str, cut: str
) -> None:
    worker.complete(worker.claim(job_id := order(scale="exact", width="20", height="30", fit=fit)))
    page = browser.get(f"/jobs/{job_id}").text
    assert f'data-size="12 8" width="20" height="30" preserveAspectRatio="{cut}"' in page


@pytest.mark.parametrize(
    ("error", "main_act"), [(EngineOutputRejected(), "Change settings"), (EngineFailed(), "Run again")]
)
def test_a_failed_job_says_why_and_what_to_do(
    browser: FlaskClient, database: Database, order: Order, worker: Worker, error: PixeliftError, main_act: str
) -> None:
    job = worker.claim(order())
    for _ in range(jobs.MAX_FAILURES):
        with database.session() as session:
            jobs.fail(session, job, error)
        with database.session() as session:
            job = jobs.claim(session, job.id) or job
    page = browser.get(f"/jobs/{job.id}").text
    assert status(page) == "failed"
    assert error.message in page
    assert re.search(rf'class="button main keep"[^>]*>.*{main_act}', page)


def test_the_stream_sends_the_same_markup_until_the_end(browser: FlaskClient, order: Order, worker: Worker) -> None:
    job_id = order()
    with browser.get(f"/jobs/{job_id}/live") as stream:
        assert stream.content_type == "text/event-stream; charset=utf-8"
        parts: Iterator[bytes] = stream.iter_encoded()
        first = next(parts).decode() + next(parts).decode()
        assert status(first) == "pending"
        assert f'id="job-{job_id}"' in first
        threading.Thread(target=lambda: worker.complete(worker.claim(job_id))).start()
        rest = b"".join(parts).decode()
    frames = FRAME.findall(first + rest)
    assert frames == sorted(frames, key=int)
    assert status(rest.rsplit("<article", 1)[1].join(("<article", ""))) == "completed"
    assert rest.endswith("event: ended\ndata: \n\n")


def test_the_stream_of_an_ended_job_is_one_frame(browser: FlaskClient, order: Order, worker: Worker) -> None:
    worker.complete(worker.claim(job_id := order()))
    body = browser.get(f"/jobs/{job_id}/live").text
    assert len(FRAME.findall(body)) == 1
    assert body.endswith("event: ended\ndata: \n\n")


def test_a_cancelled_job_can_be_run_again(browser: FlaskClient, order: Order) -> None:
    job_id = order("mug.png", scale="3")
    assert browser.post(f"/jobs/{job_id}/cancellation").headers["Location"] == f"/jobs/{job_id}"
    assert status(browser.get(f"/jobs/{job_id}").text) == "cancelled"
    again = browser.post(f"/jobs/{job_id}/repetition").headers["Location"]
    page = browser.get(again).text
    assert status(page) == "pending"
    assert "36\u00a0\N{MULTIPLICATION SIGN}\u00a024" in page


def test_an_ended_job_cannot_be_cancelled(browser: FlaskClient, order: Order, worker: Worker) -> None:
    worker.complete(worker.claim(job_id := order()))
    assert browser.post(f"/jobs/{job_id}/cancellation").status_code == 409


def test_a_deleted_job_is_gone_with_its_pictures(browser: FlaskClient, order: Order, worker: Worker) -> None:
    result = worker.complete(worker.claim(job_id := order()))
    assert "Deleted cup.png." in browser.post(f"/jobs/{job_id}/deletion", follow_redirects=True).text
    assert browser.get(f"/jobs/{job_id}").status_code == 404
    assert browser.get(f"/images/{result.id}/preview").status_code == 404


def test_a_strangers_job_is_as_good_as_missing(stranger: FlaskClient, order: Order) -> None:
    job_id = order()
    for path in ("", "/live", "/strips/1/0"):
        assert stranger.get(f"/jobs/{job_id}{path}").status_code == 404
    for path in ("/cancellation", "/repetition", "/deletion"):
        assert stranger.post(f"/jobs/{job_id}{path}").status_code == 404


def test_a_name_is_text_wherever_it_stands(browser: FlaskClient, order: Order) -> None:
    job_id = order("<img src=x onerror=alert(1)>.png")
    for path in ("/jobs", f"/jobs/{job_id}", f"/?again={job_id}"):
        assert "<img src=x" not in browser.get(path).text
