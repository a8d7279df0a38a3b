"""Where an attempt works, and where a job keeps its finished rows from one attempt to the next."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

_PREFIX, _WORKPLACE, _LOCK = "rows-", "job-", ".lock"


@contextmanager
def workplace(scratch_dir: Path) -> Iterator[Path]:
    """Give a folder for one attempt, gone afterwards, and held so that it shows when its process was killed."""
    made = tempfile.TemporaryDirectory(dir=scratch_dir, prefix=_WORKPLACE)
    with made as folder, Path(folder, _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Path(folder)


def is_abandoned(path: Path) -> bool:
    """Whether it is the workplace of a process that is no more. Raises OSError when it is gone."""
    if not path.name.startswith(_WORKPLACE):
        return False
    with (path / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def folder(scratch_dir: Path, job_id: UUID) -> Path:
    return scratch_dir / f"{_PREFIX}{job_id}"


def kept(scratch_dir: Path) -> list[UUID]:
    """Return the jobs that have such a folder."""
    return [UUID(path.name.removeprefix(_PREFIX)) for path in scratch_dir.glob(f"{_PREFIX}*")]


def remove(scratch_dir: Path, job_id: UUID) -> None:
    shutil.rmtree(folder(scratch_dir, job_id), ignore_errors=True)
