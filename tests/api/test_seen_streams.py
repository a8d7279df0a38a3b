from __future__ import annotations

import io
import re
from uuid import UUID

from flask.testing import FlaskClient

from pixelift import jobs
from pixelift.db import Database
from pixelift.models import User


def test_who_saw_the_last_event_is_told_not_to_come_back(
    client: FlaskClient, bearer: dict[str, str], user: User, database: Database, picture: bytes
) -> None:
    data = {"file": (io.BytesIO(picture), "cup.png")}
    job_id = client.post("/api/v1/upscale", headers=bearer, data=data).get_json()["data"]["job_id"]
    with database.session() as session:
        jobs.cancel(session, user, UUID(job_id))
    path = f"/api/v1/jobs/{job_id}/events"
    last = re.findall(r"id: (\d+)", client.get(path, headers=bearer).text)[-1]
    again = client.get(path, headers={**bearer, "Last-Event-ID": last})
    assert (again.status_code, again.data) == (204, b"")
