"""Speeds are learned from pictures, and say how long the next one takes."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from pixelift import estimates, speeds
from pixelift.db import Database
from pixelift.engine.orders import Outcome
from pixelift.engine.shelf import Shelf
from pixelift.models import Image, Job, JobStatus, User

FAST = "realesr-animevideov3"
OUTCOME = Outcome(
    width_px=4000,
    height_px=4000,
    format="png",
    size_bytes=1,
    sha256="",
    has_alpha=False,
    has_preview=False,
    model=FAST,
    precision="bf16",
    device="cpu",
    fidelity_db=30,
    network_pixels=1_000_000,
    network_s=2.0,
)


def speed(session: Session) -> float:
    (found,) = speeds.by_model(session)[FAST]
    session.refresh(found)
    return found.mpx_per_s


def test_the_first_picture_sets_the_speed_and_others_move_it(session: Session) -> None:
    speeds.note(session, OUTCOME)
    assert speed(session) == pytest.approx(0.5)
    speeds.note(session, replace(OUTCOME, network_s=0.5))
    assert speed(session) == pytest.approx(1.0)  # the geometric mean of 0.5 and 2
    for _ in range(60):
        speeds.note(session, replace(OUTCOME, network_s=0.25))
    assert speed(session) == pytest.approx(4.0, rel=0.01)


def test_one_odd_picture_does_not_tip_the_scale(session: Session) -> None:
    for _ in range(20):
        speeds.note(session, OUTCOME)
    speeds.note(session, replace(OUTCOME, network_s=2000.0))
    assert speed(session) > 0.5 / 4**0.2 * 0.99


def test_pictures_too_small_to_tell_are_passed_over(session: Session) -> None:
    speeds.note(session, replace(OUTCOME, network_pixels=100))
    speeds.note(session, replace(OUTCOME, network_s=0.0))
    assert speeds.by_model(session) == {}


def test_devices_and_precisions_are_apart(session: Session) -> None:
    speeds.note(session, OUTCOME)
    speeds.note(session, replace(OUTCOME, precision="fp32"))
    assert {each.precision for each in speeds.by_model(session)[FAST]} == {"bf16", "fp32"}


def test_a_job_takes_as_long_as_its_pixels_and_those_before_it(
    session: Session, make_user: Callable[..., User], make_image: Callable[..., Image], make_job: Callable[..., Job]
) -> None:
    user = make_user()
    large = make_image(user, width_px=1000, height_px=1000)
    first = make_job(user, JobStatus.PENDING, source=large, model=FAST)
    second = make_job(user, JobStatus.PENDING, source=large, model=FAST)
    assert estimates.of(session, first, Shelf()) is None
    speeds.note(session, OUTCOME)
    alone, behind = (estimates.of(session, job, Shelf()) for job in (first, second))
    assert alone is not None
    assert behind is not None
    assert behind.p50_s - alone.p50_s == pytest.approx(2.0)
    assert alone.p50_s < alone.p90_s
    assert str(alone) == f"{round(alone.p50_s)}-{round(alone.p90_s)}s"


def test_a_small_job_does_not_wait_for_a_large_one_before_it(
    session: Session, make_user: Callable[..., User], make_image: Callable[..., Image], make_job: Callable[..., Job]
) -> None:
    user = make_user()
    speeds.note(session, OUTCOME)
    make_job(user, JobStatus.PROCESSING, source=make_image(user, width_px=10_000, height_px=8_000), model=FAST)
    small = make_job(user, JobStatus.PENDING, source=make_image(user, width_px=500, height_px=500), model=FAST)
    estimate = estimates.of(session, small, Shelf())
    assert estimate is not None
    assert estimate.p50_s == pytest.approx(estimates.AROUND_S + 2 * 0.5)


def test_the_api_tells_speeds_and_estimates(
    client: FlaskClient, database: Database, bearer: dict[str, str], picture: bytes
) -> None:
    def accepted() -> dict[str, object]:
        form = {"file": (io.BytesIO(picture), "a.png"), "model": FAST}
        answer: dict[str, object] = client.post("/api/v1/upscale", data=form, headers=bearer).get_json()["data"]
        return answer

    assert accepted()["estimate"] is None
    with database.session() as session:
        speeds.note(session, OUTCOME)
    assert str(accepted()["estimated_time"]).endswith("s")
    items = client.get("/api/v1/models", headers=bearer).get_json()["data"]["items"]
    told = next(item for item in items if item["name"] == FAST)
    assert told["speeds"][0].items() >= {"megapixels_per_second": 0.5, "device": "cpu", "pictures": 1}.items()
    assert next(item for item in items if item["name"] == "CodeFormer")["terms"]
