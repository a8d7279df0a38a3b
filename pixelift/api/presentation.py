"""Rows as the contract shows them."""

from __future__ import annotations

from flask import url_for
from sqlalchemy.orm import Session

from pixelift import estimates, jobs, models, services
from pixelift.api.schemas import job as schemas


def job(session: Session, row: models.Job) -> schemas.Job:
    return _job(row, jobs.queue_position(session, row))


def page(session: Session, found: jobs.Page) -> schemas.JobPage:
    positions = jobs.queue_positions(session, found.items)
    items = [_job(row, positions.get(row.id)) for row in found.items]
    return schemas.JobPage(items=items, total=found.total, page=found.page, size=found.size, pages=found.pages)


def _job(row: models.Job, position: int | None) -> schemas.Job:
    return schemas.Job.model_validate(
        {
            "job_id": row.id,
            "kind": row.kind,
            "status": row.status,
            "progress": row.progress,
            "stage": row.stage,
            "queue_position": position,
            "created_at": row.created_at,
            "started_at": row.started_at,
            "completed_at": row.completed_at,
            "processing_time": row.processing_s,
            "attempts": row.attempt,
            "parameters": _parameters(row),
            "result": _result(row),
            "error": row.error if row.status == models.JobStatus.FAILED else None,
            "livemode": True,
        }
    )


def accepted(session: Session, row: models.Job) -> schemas.Accepted:
    estimate = estimates.of(session, row, services.current().shelf)
    return schemas.Accepted(
        job_id=row.id,
        status=row.status,
        queue_position=jobs.queue_position(session, row),
        estimated_time=str(estimate) if estimate else None,
        estimate=schemas.Estimate(p50_s=estimate.p50_s, p90_s=estimate.p90_s) if estimate else None,
        status_url=_url("api_jobs.show", row),
        events_url=_url("api_jobs.follow", row),
        result_url=_url("api_jobs.result", row),
        message="Job accepted. Poll status_url, or stream events_url, until it has ended.",
    )


def _parameters(row: models.Job) -> dict[str, object]:
    wanted = row.wanted
    return {
        "scale": None if wanted.size_px else wanted.scale,
        "width": wanted.width_px,
        "height": wanted.height_px,
        "fit": wanted.fit if wanted.width_px and wanted.height_px else None,
        "denoise": wanted.denoise,
        "enhance_face": wanted.enhance_face,
        "model": row.model,
        "format": row.format,
        "quality": wanted.quality,
        "keep_metadata": wanted.keep_metadata,
        "keep_location": wanted.keep_location,
    }


def _result(row: models.Job) -> dict[str, object] | None:
    if row.result is None:
        return None
    told = row.outcome or {}
    return {
        "output_url": _url("api_jobs.result", row),
        "original_size": {"width": row.source.width_px, "height": row.source.height_px},
        "output_size": {"width": row.result.width_px, "height": row.result.height_px},
        "file_size": row.result.size_bytes,
        "format": row.result.format,
        "processing_time": row.processing_s,
        "model": row.model,
        "sha256": row.result.sha256,
        **{name: told.get(name) for name in ("fidelity_db", "bit_depth", "colours", "denoiser", "face_model")},
        "faces": told.get("faces", []),
        "frames": row.result.frames,
    }


def _url(endpoint: str, row: models.Job) -> str:
    return url_for(endpoint, job_id=row.id, _external=True)
