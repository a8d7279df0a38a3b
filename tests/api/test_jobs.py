from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image as Pillow

from pixelift import accounts, events, jobs, keys
from pixelift.db import Database
from pixelift.models import Image, Job, User

Headers = dict[str, str]


@pytest.fixture
def job_id(client: FlaskClient, bearer: Headers, picture: bytes) -> str:
    data = {"file": (io.BytesIO(picture), "cup.png")}
    made: str = client.post("/api/v1/upscale", headers=bearer, data=data).get_json()["data"]["job_id"]
    return made


@pytest.fixture
def stranger(database: Database) -> Headers:
    with database.session() as session:
        user, _ = accounts.create(session, "stranger@example.com")
        return {"Authorization": f"Bearer {keys.issue(session, user, name='x')[1]}"}


@pytest.fixture
def finish(web: Flask, database: Database, tmp_path: Path) -> Callable[[str], bytes]:
    """Do what a worker does, but for the picture."""

    def run(job_id: str) -> bytes:
        file = tmp_path / "result"
        Pillow.new("RGB", (48, 32), "red").save(file, "PNG")
        with database.session() as session:
            job = jobs.claim(session, UUID(job_id))
            assert job
            result = Image(
                user_id=job.user_id,
                filename="cup-48x32.png",
                format="png",
                width_px=48,
                height_px=32,
                size_bytes=file.stat().st_size,
                sha256="f" * 64,
                blob_prefix=f"results/{job.id}/{job.attempt}",
            )
            web.extensions["pixelift"].blobs.put(result.blob_key, file)
            assert jobs.complete(session, job, result, {"fidelity_db": 31.5})
        return file.read_bytes()

    return run


def data_of(client: FlaskClient, path: str, headers: Headers) -> Any:
    return client.get(f"/api/v1{path}", headers=headers).get_json()["data"]


def test_a_waiting_job_shows_its_place_in_the_queue(client: FlaskClient, bearer: Headers, job_id: str) -> None:
    job = data_of(client, f"/jobs/{job_id}", bearer)
    assert (job["status"], job["progress"], job["queue_position"]) == ("pending", 0, 1)
    assert job["result"] is None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", job["created_at"])


def test_a_completed_job_shows_sizes_and_serves_the_file(
    client: FlaskClient, bearer: Headers, job_id: str, finish: Callable[[str], bytes]
) -> None:
    content = finish(job_id)
    result = data_of(client, f"/jobs/{job_id}", bearer)["result"]
    assert result["original_size"] == {"width": 12, "height": 8}
    assert result["output_size"] == {"width": 48, "height": 32}
    assert result["fidelity_db"] == 31.5
    with client.get(result["output_url"], headers=bearer) as answer:
        assert answer.data == content
        assert answer.content_type == "image/png"
        assert answer.headers["Content-Disposition"] == "attachment; filename=cup-48x32.png"


def test_a_result_honours_ranges_and_etags(
    client: FlaskClient, bearer: Headers, job_id: str, finish: Callable[[str], bytes]
) -> None:
    content = finish(job_id)
    path = f"/api/v1/jobs/{job_id}/result"
    with client.get(path, headers={**bearer, "Range": "bytes=8-15"}) as part:
        assert (part.status_code, part.data) == (206, content[8:16])
    with client.get(path, headers={**bearer, "If-None-Match": f'"{"f" * 64}"'}) as again:
        assert (again.status_code, again.data) == (304, b"")


def test_a_result_that_does_not_exist_yet_is_a_conflict(client: FlaskClient, bearer: Headers, job_id: str) -> None:
    answer = client.get(f"/api/v1/jobs/{job_id}/result", headers=bearer)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "CONFLICT")


def test_a_cancelled_job_cannot_be_cancelled_again(client: FlaskClient, bearer: Headers, job_id: str) -> None:
    assert client.delete(f"/api/v1/jobs/{job_id}", headers=bearer).get_json()["data"]["status"] == "cancelled"
    answer = client.delete(f"/api/v1/jobs/{job_id}", headers=bearer)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "JOB_NOT_CANCELLABLE")


@pytest.mark.parametrize("suffix", ["", "/result", "/events"])
def test_a_foreign_job_looks_exactly_like_a_missing_one(
    client: FlaskClient, stranger: Headers, job_id: str, suffix: str
) -> None:
    answers = [client.get(f"/api/v1/jobs/{name}{suffix}", headers=stranger) for name in (job_id, uuid4())]
    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].get_json()["error"] == answers[1].get_json()["error"]


def test_a_foreign_job_cannot_be_cancelled(
    client: FlaskClient, bearer: Headers, stranger: Headers, job_id: str
) -> None:
    assert client.delete(f"/api/v1/jobs/{job_id}", headers=stranger).status_code == 404
    assert data_of(client, f"/jobs/{job_id}", bearer)["status"] == "pending"


def test_the_list_has_pages_and_filters(client: FlaskClient, bearer: Headers, picture: bytes) -> None:
    for _ in range(3):
        client.post("/api/v1/upscale", headers=bearer, data={"file": (io.BytesIO(picture), "cup.png")})
    first = data_of(client, "/jobs?size=2", bearer)
    assert (len(first["items"]), first["total"], first["pages"]) == (2, 3, 2)
    second = data_of(client, "/jobs?size=2&page=2", bearer)
    assert not {job["job_id"] for job in first["items"]} & {job["job_id"] for job in second["items"]}
    assert data_of(client, "/jobs?status=completed", bearer)["total"] == 0


@pytest.mark.parametrize("query", ["size=0", "size=101", "page=0", "status=odd", "surprise=1", "page=x"])
def test_a_wrong_query_is_refused(client: FlaskClient, bearer: Headers, query: str) -> None:
    answer = client.get(f"/api/v1/jobs?{query}", headers=bearer)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "VALIDATION_ERROR")


def test_the_stream_tells_all_and_ends_with_the_last_event(
    client: FlaskClient, bearer: Headers, job_id: str, finish: Callable[[str], bytes]
) -> None:
    finish(job_id)
    stream = client.get(f"/api/v1/jobs/{job_id}/events", headers=bearer)
    assert stream.content_type.startswith("text/event-stream")
    assert re.findall(r"event: (\S+)", stream.text) == ["job.created", "job.started", "job.completed"]


def test_a_stream_goes_on_where_it_was_cut(
    client: FlaskClient, bearer: Headers, job_id: str, finish: Callable[[str], bytes]
) -> None:
    finish(job_id)
    ids = re.findall(r"id: (\d+)", client.get(f"/api/v1/jobs/{job_id}/events", headers=bearer).text)
    rest = client.get(f"/api/v1/jobs/{job_id}/events", headers={**bearer, "Last-Event-ID": ids[0]})
    assert re.findall(r"id: (\d+)", rest.text) == ids[1:]


def test_a_stream_that_is_open_hears_news_at_once(
    client: FlaskClient, bearer: Headers, job_id: str, database: Database
) -> None:
    stream = client.get(f"/api/v1/jobs/{job_id}/events", headers=bearer, buffered=False)
    chunks = iter(stream.response)
    assert "retry" in str(next(chunks))
    assert "job.created" in str(next(chunks))
    with database.session() as session:
        owner = session.get_one(Job, UUID(job_id)).user_id
        jobs.cancel(session, session.get_one(User, owner), UUID(job_id))
    assert "job.cancelled" in str(next(chunks))
    assert list(chunks) == []


def test_one_stream_too_many_is_told_to_poll(client: FlaskClient, bearer: Headers, job_id: str) -> None:
    path = f"/api/v1/jobs/{job_id}/events"
    streams = [client.get(path, headers=bearer, buffered=False) for _ in range(events.MAX_STREAMS_PER_USER)]
    answer = client.get(path, headers=bearer)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert answer.headers["Retry-After"]
    for stream in streams:
        stream.close()
    again = client.get(path, headers=bearer, buffered=False)
    assert again.status_code == 200
    again.close()


@pytest.mark.parametrize(("asked", "status"), [("bytes=99999999-", 416), ("lines=1", 200), ("bytes=0-1,3-4", 200)])
def test_ranges_that_cannot_be_served(
    client: FlaskClient, bearer: Headers, job_id: str, finish: Callable[[str], bytes], asked: str, status: int
) -> None:
    content = finish(job_id)
    with client.get(f"/api/v1/jobs/{job_id}/result", headers={**bearer, "Range": asked}) as answer:
        assert answer.status_code == status
        assert status == 200 or answer.headers["Content-Range"] == f"bytes */{len(content)}"


def test_a_result_is_cached_by_its_owner_alone(
    client: FlaskClient, bearer: Headers, job_id: str, finish: Callable[[str], bytes]
) -> None:
    finish(job_id)
    with client.get(f"/api/v1/jobs/{job_id}/result", headers=bearer) as answer:
        assert answer.headers["Cache-Control"] == "private, max-age=3600"
        assert "Cookie" in answer.headers["Vary"]


def test_an_id_from_nowhere_does_not_hide_what_comes(
    client: FlaskClient, bearer: Headers, job_id: str, database: Database, user: User
) -> None:
    stream = client.get(f"/api/v1/jobs/{job_id}/events", headers={**bearer, "Last-Event-ID": "999999"}, buffered=False)
    chunks = iter(stream.response)
    assert "retry" in str(next(chunks))
    with database.session() as session:
        jobs.cancel(session, user, UUID(job_id))
    assert "job.cancelled" in str(next(chunks))
    assert list(chunks) == []


def test_a_stream_ends_when_its_key_is_revoked(
    client: FlaskClient, bearer: Headers, job_id: str, database: Database, user: User
) -> None:
    stream = client.get(f"/api/v1/jobs/{job_id}/events", headers=bearer, buffered=False)
    chunks = iter(stream.response)
    assert "retry" in str(next(chunks))
    assert "job.created" in str(next(chunks))
    with database.session() as session:
        for key in keys.search(session, user):
            keys.revoke(session, user, key.id)
        jobs.cancel(session, user, UUID(job_id))
    assert list(chunks) == []


def test_a_result_tells_of_faces_and_noise(
    client: FlaskClient, bearer: Headers, database: Database, job_id: str, finish: Callable[[str], bytes]
) -> None:
    finish(job_id)
    face = {"box": [1, 2, 5, 6], "score": 0.9, "restored": False, "similarity": None, "reason": "too_small"}
    with database.session() as session:
        job = session.get_one(Job, UUID(job_id))
        job.outcome = {"fidelity_db": 31.5, "denoiser": "non-local means", "face_model": "gfpgan", "faces": [face]}
    result = client.get(f"/api/v1/jobs/{job_id}", headers=bearer).get_json()["data"]["result"]
    assert result["faces"] == [face]
    assert (result["denoiser"], result["face_model"], result["bit_depth"]) == ("non-local means", "gfpgan", None)


def test_a_job_from_before_an_option_existed_has_its_default(
    client: FlaskClient, bearer: Headers, database: Database, job_id: str, finish: Callable[[str], bytes]
) -> None:
    finish(job_id)
    with database.session() as session:
        job = session.get_one(Job, UUID(job_id))
        job.options = {"scale": 2.0, "model": None, "format": None, "quality": None}
        job.outcome = {}
    shown = client.get(f"/api/v1/jobs/{job_id}", headers=bearer).get_json()["data"]
    assert (shown["parameters"]["denoise"], shown["parameters"]["keep_metadata"]) == (0.0, True)
    assert (shown["result"]["faces"], shown["result"]["fidelity_db"]) == ([], None)
