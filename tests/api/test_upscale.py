from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image as Pillow
from sqlalchemy import text
from werkzeug.test import TestResponse

from pixelift.api.schemas.upscale import UpscaleOptions
from pixelift.settings import Settings

Headers = dict[str, str]


def send(client: FlaskClient, bearer: Headers, content: bytes, name: str = "cup.png", **fields: Any) -> TestResponse:
    data = {"file": (io.BytesIO(content), name), **fields}
    return client.post("/api/v1/upscale", headers=bearer, data=data)


def left_behind(web: Flask, settings: Settings) -> list[Any]:
    """Rows, blobs and scratch files: everything a refused request must not leave."""
    with web.extensions["pixelift"].database.session() as session:
        rows = [
            row
            for table in ("jobs", "images", "events", "procrastinate_jobs")
            for row in session.execute(text(f"SELECT * FROM {table}"))
        ]
    files = [
        path for folder in (settings.blobs_dir, settings.scratch_dir) for path in folder.rglob("*") if path.is_file()
    ]
    return rows + files


def saved(size: tuple[int, int], kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Pillow.linear_gradient("L").resize(size).convert("RGB").save(buffer, kind, **options)
    return buffer.getvalue()


def paged() -> bytes:
    pages = [Pillow.new("RGB", (8, 8), colour) for colour in ("red", "green")]
    buffer = io.BytesIO()
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    return buffer.getvalue()


def test_an_uploaded_picture_becomes_a_job(client: FlaskClient, bearer: Headers, picture: bytes) -> None:
    answer = send(client, bearer, picture, scale="2", format="webp")
    assert answer.status_code == 202
    data = answer.get_json()["data"]
    assert data["status"] == "pending"
    assert data["queue_position"] == 1
    job = client.get(data["status_url"], headers=bearer).get_json()["data"]
    assert job["parameters"] == {
        "scale": 2.0,
        "width": None,
        "height": None,
        "fit": None,
        "denoise": 0.0,
        "enhance_face": 0.0,
        "model": "realesrgan-x4plus",
        "format": "webp",
        "quality": None,
        "keep_metadata": True,
        "keep_location": False,
    }


WORDS: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({"denoise": "true"}, {"denoise": 0.5}),
    ({"denoise": "1"}, {"denoise": 1.0}),
    ({"denoise": "0.25"}, {"denoise": 0.25}),
    ({"denoise": "off"}, {"denoise": 0.0}),
    ({"enhance_face": "false"}, {"enhance_face": 0.0}),
    ({"keep_metadata": "no", "keep_location": "true"}, {"keep_metadata": False, "keep_location": True}),
    ({"width": "24"}, {"scale": None, "width": 24, "height": None, "fit": None}),
    ({"width": "24", "height": "24", "fit": "cover"}, {"scale": None, "width": 24, "height": 24, "fit": "cover"}),
]


@pytest.mark.parametrize(("fields", "shown"), WORDS, ids=[str(each[0]) for each in WORDS])
def test_what_was_ordered_is_shown(
    client: FlaskClient, bearer: Headers, picture: bytes, fields: dict[str, str], shown: dict[str, Any]
) -> None:
    answer = send(client, bearer, picture, **fields)
    job = client.get(answer.get_json()["data"]["status_url"], headers=bearer).get_json()["data"]
    assert {name: job["parameters"][name] for name in shown} == shown


@pytest.mark.parametrize(
    ("given", "strength"), [(True, 0.8), (False, 0.0), (1, 1.0), (0.3, 0.3), ("yes", 0.8), ("0.3", 0.3)]
)
@pytest.mark.parametrize("name", ["enhance_face", "face_enhance"])
def test_a_strength_is_a_number_or_a_yes(name: str, given: object, strength: float) -> None:
    strict = not isinstance(given, str)
    assert UpscaleOptions.model_validate({name: given}, strict=strict).to_options().enhance_face == strength


def test_the_content_counts_and_not_the_extension(client: FlaskClient, bearer: Headers) -> None:
    answer = send(client, bearer, saved((9, 9), "JPEG"), name="lies.png")
    job = client.get(answer.get_json()["data"]["status_url"], headers=bearer).get_json()["data"]
    assert job["parameters"]["format"] == "jpeg"


BAD_FILES = [
    ("not a picture", b"hello, I am a text", 415, "UNSUPPORTED_FORMAT"),
    ("an empty file", b"", 400, "INVALID_REQUEST"),
    ("an svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', 415, "UNSUPPORTED_FORMAT"),
    ("a pdf", b"%PDF-1.7 hello", 415, "UNSUPPORTED_FORMAT"),
    ("truncated", saved((64, 64), "PNG")[:120], 422, "INVALID_IMAGE"),
    ("pages", paged(), 422, "INVALID_IMAGE"),
]


@pytest.mark.parametrize(
    ("content", "status", "code"), [bad[1:] for bad in BAD_FILES], ids=[bad[0] for bad in BAD_FILES]
)
def test_a_bad_file_is_refused_and_leaves_nothing(
    web: Flask, settings: Settings, bearer: Headers, content: bytes, status: int, code: str
) -> None:
    answer = send(web.test_client(), bearer, content)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)
    assert answer.get_json()["error"]["message"].endswith(".")
    assert left_behind(web, settings) == []


BAD_FIELDS: list[tuple[dict[str, str], str]] = [
    ({"scale": "0.5"}, "scale"),
    ({"scale": "8.01"}, "scale"),
    ({"scale": "nan"}, "scale"),
    ({"scale": "many"}, "scale"),
    ({"model": "esrgan-9000"}, "model"),
    ({"format": "exe"}, "format"),
    ({"quality": "101"}, "quality"),
    ({"width": "0"}, "width"),
    ({"height": "1.5"}, "height"),
    ({"fit": "stretch"}, "fit"),
    ({"scale": "2", "width": "24"}, "scale"),
    ({"denoise": "1.1"}, "denoise"),
    ({"denoise": "much"}, "denoise"),
    ({"enhance_face": "nan"}, "enhance_face"),
    ({"face_enhance": "-1"}, "face_enhance"),
    ({"keep_metadata": "perhaps"}, "keep_metadata"),
    ({"colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("fields", "field"), BAD_FIELDS, ids=[str(bad[0]) for bad in BAD_FIELDS])
def test_a_wrong_field_is_named_and_leaves_nothing(
    web: Flask, settings: Settings, bearer: Headers, picture: bytes, fields: dict[str, str], field: str
) -> None:
    answer = send(web.test_client(), bearer, picture, **fields)
    assert answer.status_code == 422
    error = answer.get_json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert error["details"][0]["field"] == field
    assert left_behind(web, settings) == []


def test_what_is_wrong_is_said_in_plain_numbers(client: FlaskClient, bearer: Headers, picture: bytes) -> None:
    for name, value, sentence in (("scale", "9", "at most 8."), ("width", "600000000", "at most 512,000,000.")):
        assert send(client, bearer, picture, **{name: value}).get_json()["error"]["message"].endswith(sentence)


def test_a_model_that_can_be_used_is_proposed(client: FlaskClient, bearer: Headers, picture: bytes) -> None:
    sentence = send(client, bearer, picture, model="esrgan-9000").get_json()["error"]["message"]
    assert "realesrgan-x4plus" in sentence
    assert "realesrgan-x2plus" not in sentence  # known, but not installed


@pytest.mark.parametrize(
    ("limits", "code"),
    [({"max_upload_bytes": 1_000}, "FILE_TOO_LARGE"), ({"max_source_pixels": 100}, "IMAGE_TOO_LARGE")],
)
def test_the_servers_limits_hold_and_the_message_names_them(
    settings: Settings, bearer: Headers, limits: dict[str, int], code: str
) -> None:
    from pixelift import app  # noqa: PLC0415 (an application of its own, with other limits)

    small = app.create(settings.model_copy(update=limits))
    answer = send(small.test_client(), bearer, saved((80, 80), "BMP"))
    small.extensions["pixelift"].close()
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, code)
    assert f"{next(iter(limits.values())):,}" in answer.get_json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "VALIDATION_ERROR"),
        ({"image_url": "http://127.0.0.1/a.png"}, 422, "FORBIDDEN_URL"),
        ({"image_url": "file:///etc/passwd"}, 422, "FORBIDDEN_URL"),
        ({"image_url": "http://nowhere.invalid/a.png"}, 422, "FETCH_FAILED"),
        ({"image_url": "http://a.example/a.png", "scale": "4"}, 422, "VALIDATION_ERROR"),
        ({"image_url": "http://a.example/a.png", "denoise": "true"}, 422, "VALIDATION_ERROR"),
        ({"image_url": "http://a.example/a.png", "keep_metadata": 1}, 422, "VALIDATION_ERROR"),
        ({"image_url": "http://a.example/a.png", "surprise": 1}, 422, "VALIDATION_ERROR"),
        ([], 400, "INVALID_REQUEST"),
    ],
    ids=str,
)
def test_a_bad_order_by_address_is_refused(
    web: Flask, settings: Settings, bearer: Headers, body: Any, status: int, code: str
) -> None:
    answer = web.test_client().post("/api/v1/upscale", headers=bearer, json=body)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)
    assert left_behind(web, settings) == []


def test_malformed_json_is_an_invalid_request(client: FlaskClient, bearer: Headers) -> None:
    answer = client.post("/api/v1/upscale", headers=bearer, data="{", content_type="application/json")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "INVALID_REQUEST")


def test_two_files_at_once_are_refused(client: FlaskClient, bearer: Headers, picture: bytes) -> None:
    data = {"file": [(io.BytesIO(picture), "a.png"), (io.BytesIO(picture), "b.png")]}
    answer = client.post("/api/v1/upscale", headers=bearer, data=data)
    assert answer.get_json()["error"]["details"][0]["error_code"] == "TOO_MANY"


def test_a_hostile_file_name_is_only_words(
    client: FlaskClient, bearer: Headers, picture: bytes, settings: Settings
) -> None:
    answer = send(client, bearer, picture, name='../../e"vil\r\nX: 1\u202egnp.exe')
    assert answer.status_code == 202
    assert not list(settings.data_dir.parent.rglob("*vil*"))


def test_a_picture_can_come_from_an_address(
    settings: Settings, bearer: Headers, picture_server: str, tmp_path: Path
) -> None:
    from pixelift import app  # noqa: PLC0415 (an application of its own, that may reach this machine)

    port = int(picture_server.rsplit(":", 1)[1])
    allowed = Settings(
        database_url=settings.database_url,
        data_dir=tmp_path / "open",
        allowed_networks="127.0.0.0/8",
        allowed_ports=str(port),
    )
    allowed.data_dir.mkdir()
    web = app.create(allowed)
    answer = web.test_client().post(
        "/api/v1/upscale", headers=bearer, json={"image_url": f"{picture_server}/photos/cup.png", "scale": 2}
    )
    web.extensions["pixelift"].close()
    assert answer.status_code == 202, answer.text
