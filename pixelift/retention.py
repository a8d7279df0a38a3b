"""Remove what nothing points at: orphan blobs, strips of ended jobs, a killed process's scratch, old counters."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import structlog
from sqlalchemy import delete, exists, func, select, text, update
from sqlalchemy.orm import Session

from pixelift import jobs, limits, scratch
from pixelift.db import Database
from pixelift.models import ENDED, Image, Job, SignIn
from pixelift.storage import Folder

ORPHAN_AFTER_S = 24 * 3600
ABANDONED_AFTER_S = 3600  # where a shared folder's locks are not seen by all machines, a mistake would cost a job
BATCH = 500
log = structlog.get_logger()


def sweep(database: Database, blobs: Folder, scratch_dir: Path) -> int:
    """Return how many things were removed."""
    with database.session() as session:
        session.execute(delete(SignIn).where(SignIn.expires_at < func.now()))
    removed = _drop_strips(database, blobs) + _drop_orphans(database, blobs) + _drop_scratch(scratch_dir)
    removed += _drop_rows(database, scratch_dir)
    with database.session() as session:
        removed += limits.sweep(session)
    log.info("swept", removed=removed)
    return removed


def _drop_strips(database: Database, blobs: Folder) -> int:
    """Strips are only shown while a job runs; a page that was open gets a minute to change."""
    with database.session() as session:
        ended = Job.completed_at < func.now() - text("interval '1 minute'")
        query = select(Job.id).where(Job.status.in_(ENDED), ended, func.jsonb_array_length(Job.strips) > 0).limit(BATCH)
        done = list(session.scalars(query.with_for_update(skip_locked=True)))
        session.execute(update(Job).where(Job.id.in_(done)).values(strips=[]))
    for job_id in done:
        blobs.delete(f"strips/{job_id}")
    return len(done)


def _drop_orphans(database: Database, blobs: Folder) -> int:
    oldest = time.time() - ORPHAN_AFTER_S
    aged = [key for prefix in ("sources", "results") for key, changed in blobs.keys(prefix) if changed < oldest]
    removed = 0
    for start in range(0, len(aged), BATCH):
        with database.session() as session:
            orphans = [key for key in aged[start : start + BATCH] if not _is_used(session, key)]
        for key in orphans:
            blobs.delete_if_older(key, oldest)
        removed += len(orphans)
    return removed


def _is_used(session: Session, key: str) -> bool:
    prefix = key.split(".", 1)[0]
    return bool(session.scalar(select(exists().where(Image.blob_prefix == prefix))))


def _drop_scratch(scratch_dir: Path) -> int:
    now = time.time()
    rows = {scratch.folder(scratch_dir, job_id) for job_id in scratch.kept(scratch_dir)}
    others = [entry for entry in scratch_dir.glob("*") if entry not in rows]
    left = [entry for entry in others if _is_left(entry, now)]
    for entry in left:
        shutil.rmtree(entry, ignore_errors=True)
    return len(left)


def _is_left(entry: Path, now_s: float) -> bool:
    try:
        age_s = now_s - entry.lstat().st_mtime
        return age_s > ORPHAN_AFTER_S or (age_s > ABANDONED_AFTER_S and scratch.is_abandoned(entry))
    except FileNotFoundError:  # its owner was done with it
        return False


def _drop_rows(database: Database, scratch_dir: Path) -> int:
    """Finished rows are kept as long as an attempt may go on with them, however long that is."""
    kept = scratch.kept(scratch_dir)
    with database.session() as session:
        ended = [job_id for job_id in kept if jobs.has_ended(session, job_id)]
    for job_id in ended:
        scratch.remove(scratch_dir, job_id)
    return len(ended)
