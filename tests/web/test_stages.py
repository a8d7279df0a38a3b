from __future__ import annotations

from collections.abc import Callable

from pixelift.models import Job, JobStatus, User
from pixelift.web import stages


def test_faces_are_a_stage_of_jobs_that_asked_for_them(
    make_job: Callable[..., Job], make_user: Callable[..., User]
) -> None:
    asked = {"scale": 2.0, "enhance_face": 0.8}
    with_faces = make_job(make_user(), JobStatus.PROCESSING, options=asked, stage="faces")
    without = make_job(make_user(), JobStatus.PROCESSING, stage="upscaling")
    assert stages.describe(with_faces, None)["doing"] == "Restoring faces"
    lines = stages.describe(with_faces, None)["stages"]
    assert [line.words for line in lines if line.state == "now"] == ["Restoring faces"]
    assert "Restoring faces" not in [line.words for line in stages.describe(without, None)["stages"]]
