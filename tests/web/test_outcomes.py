from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pixelift.engine.options import Format
from pixelift.models import Image, Job, JobStatus, User
from pixelift.web import outcomes

NARROW, NBSP, TIMES = "\u202f", "\u00a0", "\N{MULTIPLICATION SIGN}"
FACE: dict[str, Any] = {"box": [10, 5, 20, 15], "score": 0.9, "restored": True, "similarity": 0.94, "reason": None}


@pytest.fixture
def done(
    make_user: Callable[..., User], make_image: Callable[..., Image], make_job: Callable[..., Job]
) -> Callable[..., Job]:
    """A finished job of a source of 30 by 20."""

    def make(size: tuple[int, int], outcome: dict[str, Any] | None = None, **options: Any) -> Job:
        user = make_user()
        result = make_image(user, width_px=size[0], height_px=size[1])
        return make_job(
            user,
            JobStatus.COMPLETED,
            width_px=size[0],
            height_px=size[1],
            result=result,
            options={"scale": 4.0, "model": None, "format": None, "quality": None, **options},
            outcome=outcome,
        )

    return make


def facts(found: list[outcomes.Fact]) -> dict[str, str]:
    return {fact.name: f"{fact.words}|{fact.note}" for fact in found}


def test_a_job_from_before_there_were_options_is_described(done: Callable[..., Job]) -> None:
    shown = outcomes.describe(done((120, 80)))
    assert facts(shown["chosen"]) == {"Format": "PNG|", "Metadata": "kept, without the place|"}
    assert (shown["faces"], shown["fidelity"], shown["fit"]) == ([], None, "inside")


def test_what_was_asked_for_is_said_with_what_did_it(done: Callable[..., Job]) -> None:
    told = {"denoiser": "non-local means", "face_model": "GFPGANv1.4", "device": "cpu", "precision": "bf16"}
    wanted = {"denoise": 0.25, "enhance_face": 0.8, "keep_metadata": False, "keep_location": True}
    described = outcomes.describe(done((120, 80), told, **wanted))
    shown = facts([*described["chosen"], *described["machine"]])
    assert shown["Noise"] == f"25{NARROW}% removed|before the network"
    assert shown["Faces"] == "at strength 0.8|GFPGANv1.4"
    assert shown["Metadata"] == "left out|"
    assert shown["Computed"] == "CPU · bf16|"


@pytest.mark.parametrize(
    ("size", "wanted", "how"),
    [
        ((75, 50), {"scale": 2.5}, f"2.5{TIMES}"),
        ((60, 40), {"width_px": 60}, f"2{TIMES}"),
        ((60, 40), {"width_px": 60, "height_px": 90}, f"2{TIMES}"),
        ((60, 60), {"width_px": 60, "height_px": 60, "fit": "cover"}, "cropped"),
        ((60, 60), {"width_px": 60, "height_px": 60, "fit": "exact"}, "stretched"),
    ],
)
def test_how_a_size_was_met(done: Callable[..., Job], size: tuple[int, int], wanted: dict[str, Any], how: str) -> None:
    assert outcomes.size_words(done(size, **wanted)) == how


def test_a_quality_is_said_of_formats_that_have_one(done: Callable[..., Job]) -> None:
    job = done((120, 80), quality=55)
    job.format = Format.JPEG
    assert facts(outcomes.describe(job)["chosen"])["Format"] == "JPEG|quality 55"
    job.format = Format.PNG
    assert facts(outcomes.describe(job)["chosen"])["Format"] == "PNG|"


def test_a_moving_picture_says_how_many_frames_it_has(done: Callable[..., Job]) -> None:
    job = done((120, 80))
    job.source.frames = 12
    assert facts(outcomes.describe(job)["machine"]) == {"Frames": "12|"}


def test_fidelity_is_told_in_decibels_and_in_plain_words(done: Callable[..., Job]) -> None:
    fidelity = outcomes.describe(done((120, 80), {"fidelity_db": 40.0}))["fidelity"]
    assert (fidelity.words, fidelity.note) == (f"40.0{NBSP}dB", f"1{NARROW}%")


def test_a_face_is_where_the_result_has_it(done: Callable[..., Job]) -> None:
    told = {"faces": [FACE]}
    whole = outcomes.describe(done((120, 80), told))["faces"][0]
    assert (whole.x, whole.y, whole.width, whole.height) == (40, 20, 40, 40)
    both = {"width_px": 60, "height_px": 60}
    cropped = outcomes.describe(done((60, 60), told, **both, fit="cover"))["faces"][0]
    assert (cropped.x, cropped.y, cropped.width, cropped.height) == (15, 15, 30, 30)
    stretched = outcomes.describe(done((60, 60), told, **both, fit="exact"))["faces"][0]
    assert (stretched.x, stretched.y, stretched.width, stretched.height) == (20, 15, 20, 30)


def test_a_face_that_was_left_says_why(done: Callable[..., Job]) -> None:
    left = FACE | {"restored": False, "similarity": None, "reason": "too_small"}
    shown = outcomes.describe(done((120, 80), {"faces": [FACE, left]}))["faces"]
    assert [face.words for face in shown] == [
        f"restored, 94{NARROW}% like the source",
        "left as it was: too small to restore",
    ]
