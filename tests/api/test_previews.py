"""Previews with a real engine behind them; whatever happens, nothing of them is left."""

from __future__ import annotations

import http.client
import io
import json
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import requests
from flask import Flask
from PIL import Image as Pillow
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from pixelift import accounts, app, keys, previewing, previews
from pixelift.db import Database
from pixelift.engine.host import Engine, Order, Outcome, Watch
from pixelift.engine.options import Format, Options
from pixelift.errors import EngineFailed
from pixelift.models import Preview
from pixelift.processing import Workshop
from pixelift.settings import Settings
from pixelift.storage import Folder
from tests import live
from tests.api.test_upscale import left_behind
from tests.conftest import png

Json = dict[str, Any]
FAST = {"model": "realesr-animevideov3"}
Ask = Callable[..., TestResponse]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    settings.scratch_dir.mkdir()
    return settings.model_copy(update={"preview_timeout_s": 60})


@pytest.fixture
def workshop(settings: Settings, database: Database, engine: Engine) -> Workshop:
    return Workshop(database, Folder(settings.blobs_dir), engine, settings.scratch_dir, threading.Event())


@pytest.fixture
def working(workshop: Workshop) -> Iterator[None]:
    """A worker that takes previews as they come."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.05):
            with workshop.database.session() as session:
                waiting = list(session.scalars(select(Preview.id).where(~Preview.is_claimed)))
            for preview_id in waiting:
                previewing.make(workshop, preview_id)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


@pytest.fixture
def ask(web: Flask, bearer: dict[str, str]) -> Ask:
    def send(
        variants: list[Json], region: Json | None = None, content: bytes | None = None, **fields: Any
    ) -> TestResponse:
        data = {"variants": json.dumps(variants), **fields}
        if region is not None:
            data["region"] = json.dumps(region)
        data["file"] = (io.BytesIO(content or png((60, 40))), "cup.png")
        return web.test_client().post("/api/v1/previews", headers=bearer, data=data)

    return send


def nothing_is_left(web: Flask, settings: Settings) -> bool:
    with web.extensions["pixelift"].database.session() as session:
        rows = sum(
            session.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in ("previews", "preview_answers")
        )
    return not rows and left_behind(web, settings) == []


def opened(picture: Json) -> Pillow.Image:
    kind, _, content = picture["data_url"].partition(",")
    assert kind == "data:image/png;base64"
    return Pillow.open(io.BytesIO(b64decode(content)))


@pytest.mark.usefixtures("working")
def test_six_variants_come_back_in_order_and_leave_nothing(web: Flask, settings: Settings, ask: Ask) -> None:
    variants = [{**FAST, "scale": scale} for scale in (1, 2, 2.5, 3, 4, 8)]
    answer = ask(variants, {"x": 8, "y": 4, "width": 20, "height": 16})
    assert answer.status_code == 200, answer.text
    data = answer.get_json()["data"]
    assert data["region"] == {"x": 8, "y": 4, "width": 20, "height": 16}
    assert opened(data["source"]).size == (20, 16)
    assert [opened(each["picture"]).size for each in data["variants"]] == [
        (20, 16), (40, 32), (50, 40), (60, 48), (80, 64), (160, 128),
    ]  # fmt: skip
    assert all(each["error"] is None and each["seconds"] > 0 for each in data["variants"])
    assert data["variants"][1]["settings"] == {**FAST, "scale": 2.0, "denoise": 0.0, "enhance_face": 0.0}
    assert nothing_is_left(web, settings)


@pytest.mark.usefixtures("working")
def test_a_preview_shows_what_a_job_would_make(ask: Ask, workshop: Workshop, tmp_path: Path) -> None:
    source = tmp_path / "source.png"
    Pillow.effect_noise((90, 80), 60).convert("RGB").save(source)
    options = Options(model=FAST["model"], format=Format.PNG)
    workshop.engine.run(Order(source, tmp_path / "whole.png", options), lambda _news: None)
    answer = ask([FAST], {"x": 40, "y": 30, "width": 24, "height": 24}, source.read_bytes())
    shown = opened(answer.get_json()["data"]["variants"][0]["picture"])
    whole = Pillow.open(tmp_path / "whole.png").crop((160, 120, 256, 216))
    assert max(abs(a - b) for a, b in zip(shown.tobytes(), whole.tobytes(), strict=True)) <= 3


@pytest.mark.usefixtures("working")
def test_the_middle_is_shown_and_a_region_over_the_edge_is_cut(ask: Ask) -> None:
    assert ask([FAST], {"width": 20, "height": 20}).get_json()["data"]["region"] == {
        "x": 20, "y": 10, "width": 20, "height": 20,
    }  # fmt: skip
    assert ask([FAST], {"x": 50, "y": 30}).get_json()["data"]["region"] == {"x": 50, "y": 30, "width": 10, "height": 10}
    assert ask([FAST]).get_json()["data"]["region"] == {"x": 0, "y": 0, "width": 60, "height": 40}


@pytest.mark.usefixtures("working")
def test_a_variant_that_fails_says_why_and_spares_the_others(
    ask: Ask, web: Flask, settings: Settings, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = workshop.engine.run

    def run_and_die(order: Order, watch: Watch) -> Outcome:
        if order.options.scale == 3:
            raise EngineFailed
        return run(order, watch)

    monkeypatch.setattr(workshop.engine, "run", run_and_die)
    answer = ask([FAST, {**FAST, "scale": 3}, {**FAST, "scale": 2}])
    first, failed, last = answer.get_json()["data"]["variants"]
    assert answer.status_code == 200
    assert first["picture"]
    assert last["picture"]
    assert failed["picture"] is None
    assert failed["error"]["code"] == "ENGINE_FAILED"
    assert nothing_is_left(web, settings)


BAD = [
    ({"variants": [FAST] * 7}, "variants"),
    ({"variants": []}, "variants"),
    ({"variants": [{"model": "esrgan-9000"}]}, "variants.0.model"),
    ({"variants": [{**FAST, "scale": "4"}]}, "variants.0.scale"),
    ({"variants": {}}, "variants"),
    ({"variants": [None]}, "variants.0"),
    ({"variants": [{**FAST, "scale": 9}]}, "variants.0.scale"),
    ({"variants": [{**FAST, "colour": "red"}]}, "variants.0.colour"),
    ({"variants": [FAST], "region": {"width": 513}}, "region.width"),
    ({"variants": [FAST], "region": {"x": -1, "y": 0}}, "region.x"),
    ({"variants": [FAST], "region": {"x": 1.5}}, "region.x"),
    ({"variants": [FAST], "region": {"width": True}}, "region.width"),
    ({"variants": [FAST], "region": []}, "region"),
    ({"variants": [FAST], "region": {"x": 60}}, "region"),
]


@pytest.mark.parametrize(("order", "field"), BAD, ids=str)
def test_a_wrong_order_is_refused_in_a_sentence_and_leaves_nothing(
    ask: Ask, web: Flask, settings: Settings, order: Json, field: str
) -> None:
    answer = ask(**order)
    error = answer.get_json()["error"]
    assert (answer.status_code, error["details"][0]["field"]) == (422, field)
    assert error["message"].endswith(".")
    assert not any(name in error["message"] for name in ("Variant", "PreviewRegion", "instance"))
    assert nothing_is_left(web, settings)


def test_a_region_outside_is_refused_with_the_size_of_the_picture(ask: Ask, web: Flask, settings: Settings) -> None:
    answer = ask([FAST], {"x": 60, "y": 0})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert "60 pixels wide and 40 high" in answer.get_json()["error"]["message"]
    assert nothing_is_left(web, settings)


def test_more_pixels_than_are_made_at_once_are_refused(ask: Ask) -> None:
    answer = ask([{**FAST, "scale": 8}] * 2, {"width": 512, "height": 512}, png((600, 600)))
    assert answer.status_code == 422
    assert "33,554,432 pixels, and at most 25,165,824" in answer.get_json()["error"]["message"]


def test_a_damaged_picture_is_refused(ask: Ask, web: Flask, settings: Settings) -> None:
    answer = ask([FAST], content=png((60, 40))[:90])
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "INVALID_IMAGE")
    assert nothing_is_left(web, settings)


def test_a_model_that_is_not_installed_is_named_before_anything_is_read(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pixelift.engine.shelf._package_folder", lambda: None)
    answer = ask([FAST], content=b"not even a picture")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "MODEL_NOT_INSTALLED")


@pytest.mark.usefixtures("working")
def test_the_source_of_a_job_can_be_previewed_by_its_owner_alone(
    web: Flask, database: Database, bearer: dict[str, str]
) -> None:
    client = web.test_client()
    data = {"file": (io.BytesIO(png((60, 40))), "cup.png")}
    job_id = client.post("/api/v1/upscale", headers=bearer, data=data).get_json()["data"]["job_id"]
    order = {"job_id": job_id, "variants": [FAST]}
    assert client.post("/api/v1/previews", headers=bearer, json=order).status_code == 200
    with database.session() as session:
        stranger = accounts.create(session, "stranger@example.com", password="water-glass")[0]
        secret = keys.issue(session, stranger, name="theirs")[1]
    foreign = client.post("/api/v1/previews", headers={"X-API-Key": secret}, json=order)
    missing = client.post("/api/v1/previews", headers=bearer, json={**order, "job_id": str(uuid4())})
    assert [each.status_code for each in (foreign, missing)] == [404, 404]
    assert foreign.get_json()["error"] == missing.get_json()["error"]


@pytest.mark.parametrize("given", [{}, {"image_url": "https://a.example/a.png", "job_id": str(UUID(int=7))}], ids=str)
def test_exactly_one_picture_is_needed(web: Flask, bearer: dict[str, str], given: Json) -> None:
    answer = web.test_client().post("/api/v1/previews", headers=bearer, json={**given, "variants": [FAST]})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "VALIDATION_ERROR")


def test_without_a_worker_the_answer_is_to_come_back(settings: Settings, bearer: dict[str, str]) -> None:
    hasty = app.create(settings.model_copy(update={"preview_timeout_s": 0.3}))
    data = {"variants": json.dumps([FAST]), "file": (io.BytesIO(png()), "cup.png")}
    answer = hasty.test_client().post("/api/v1/previews", headers=bearer, data=data)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert answer.headers["Retry-After"]
    assert nothing_is_left(hasty, settings)
    hasty.extensions["pixelift"].close()


def test_what_is_not_ready_in_time_is_left_out(settings: Settings, database: Database, bearer: dict[str, str]) -> None:
    """The worker begins, answers the first and is never heard of again."""
    hasty = app.create(settings.model_copy(update={"preview_timeout_s": 2}))
    data = {"variants": json.dumps([FAST, FAST]), "file": (io.BytesIO(png()), "cup.png")}
    thread = threading.Thread(target=_answer_one, args=(database,))
    thread.start()
    answer = hasty.test_client().post("/api/v1/previews", headers=bearer, data=data)
    thread.join()
    done, late = answer.get_json()["data"]["variants"]
    assert done["picture"]
    assert late["error"]["code"] == "PREVIEW_TIMED_OUT"
    assert nothing_is_left(hasty, settings)
    hasty.extensions["pixelift"].close()


def test_a_user_has_one_preview_at_a_time_and_leaving_ends_it(
    web: Flask, settings: Settings, database: Database, bearer: dict[str, str]
) -> None:
    order: Json = {"files": {"file": ("cup.png", png())}, "data": {"variants": json.dumps([FAST])}}
    with live.serving(web) as address:
        wire = requests.Request("POST", f"{address}/api/v1/previews", headers=bearer, **order).prepare()
        first = http.client.HTTPConnection(urlsplit(address).netloc)
        first.request("POST", wire.path_url, wire.body, dict(wire.headers))
        _wait_until(lambda: _count(database) == 1)
        second = requests.Session().send(wire, timeout=30)
        assert (second.status_code, second.json()["error"]["code"]) == (429, "RATE_LIMIT_EXCEEDED")
        first.close()
        _wait_until(lambda: nothing_is_left(web, settings))


def _answer_one(database: Database) -> None:
    _wait_until(lambda: _count(database) == 1)
    with database.session() as session:
        preview = previews.claim(session, session.scalars(select(Preview.id)).one())
        assert preview
        facts = {"width_px": 12, "height_px": 8, "seconds": 0.1}
        previews.answer(session, preview.id, 0, picture=png(), facts=facts)


def _count(database: Database) -> int:
    with database.session() as session:
        return session.scalar(text("SELECT count(*) FROM previews")) or 0


def _wait_until(true: Callable[[], bool], within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
