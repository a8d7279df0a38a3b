"""Where a job keeps its finished rows from one attempt to the next."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

_PREFIX = "rows-"


def folder(scratch_dir: Path, job_id: UUID) -> Path:
    return scratch_dir / f"{_PREFIX}{job_id}"


def kept(scratch_dir: Path) -> list[UUID]:
    """Return the jobs that have such a folder."""
    return [UUID(path.name.removeprefix(_PREFIX)) for path in scratch_dir.glob(f"{_PREFIX}*")]


def remove(scratch_dir: Path, job_id: UUID) -> None:
    shutil.rmtree(folder(scratch_dir, job_id), ignore_errors=True)
