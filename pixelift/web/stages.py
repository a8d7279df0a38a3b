"""What the job page says while a picture is made: where it stands, what is done, how long it takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pixelift.models import Job, JobStatus
from pixelift.web import words

WORK = {"decoding": "Decoding", "faces": "Restoring faces", "upscaling": "Upscaling", "encoding": "Encoding"}
SURE_FROM_PERCENT, SURE_FROM_S = 5, 1.0


@dataclass(frozen=True)
class Stage:
    """One line of the list; `state` is done, now, next or never."""

    words: str
    state: str
    icon: str
    time: str = ""
    note: str = ""


def describe(job: Job, position: int | None) -> dict[str, Any]:
    """Return what `jobs/_job.html` shows besides the job itself."""
    now = datetime.now(UTC)
    since = job.started_at or job.created_at
    elapsed_s = ((job.completed_at or now) - since).total_seconds()
    running = job.status == JobStatus.PROCESSING
    return {
        "doing": _doing(job, position),
        "left": _left(job, elapsed_s) if running else "",
        "elapsed": words.stopwatch(elapsed_s) if running else "",
        "stages": _stages(job, position),
        "edge_px": _edge_px(job),
        "way_out": _way_out(job),
    }


def _doing(job: Job, position: int | None) -> str:
    match job.status:
        case JobStatus.PENDING:
            return words.in_line(position)
        case JobStatus.DELAYED:
            return f"{(job.error or {}).get('message', '')} Again in a moment, attempt {job.attempt + 1}."
        case JobStatus.PROCESSING:
            return _strip(job) or f"{WORK.get(job.stage or '', 'Starting')}"
        case _:
            return ""


def _strip(job: Job) -> str:
    if job.stage != "upscaling" or not job.strips:
        return ""
    tops = [top_px for top_px, _ in job.strips]
    step_px = tops[1] if len(tops) > 1 else job.strips[0][1]
    total = max(round(job.height_px / step_px), len(tops))
    return f"strip {min(len(job.strips) + 1, total)} of {total}"


def _left(job: Job, elapsed_s: float) -> str:
    if job.progress < SURE_FROM_PERCENT or elapsed_s < SURE_FROM_S:
        return ""
    left_s = elapsed_s * (100 - job.progress) / job.progress
    return f"about {words.roughly(left_s)} left"


def _edge_px(job: Job) -> int | None:
    """Return where the next strip begins; None when nothing grows."""
    if job.status != JobStatus.PROCESSING or job.stage != "upscaling":
        return None
    top_px, height_px = job.strips[-1] if job.strips else (0, 0)
    return int(top_px + height_px)


def _stages(job: Job, position: int | None) -> list[Stage]:
    waited = _waited(job, position)
    names = [name for name in WORK if name != "faces" or job.options.get("enhance_face")]
    reached = names.index(job.stage) if job.stage in names else -1
    running = job.status == JobStatus.PROCESSING
    work = [
        _work(name, "done" if at < reached else "now" if at == reached else "next", job)
        if running
        else _work(name, "never" if job.has_ended else "next", job)
        for at, name in enumerate(names)
    ]
    return [Stage("Received", "done", "completed"), waited, *work]


def _waited(job: Job, position: int | None) -> Stage:
    if job.status in {JobStatus.PENDING, JobStatus.DELAYED}:
        return Stage("Waiting for a slot", "now", "processing", note=words.in_line(position))
    if job.started_at is None:
        return Stage("Waiting for a slot", "never", "cancelled")
    waited_s = max((job.started_at - job.created_at).total_seconds(), 0)
    return Stage("Waited for a slot", "done", "completed", time=words.duration(waited_s))


def _work(name: str, state: str, job: Job) -> Stage:
    icon = {"done": "completed", "now": "processing", "next": "pending", "never": "cancelled"}[state]
    text = f"Encoding {words.format_name(job.format)}" if name == "encoding" else WORK[name]
    note = "Finished strips are already final." if (name, state) == ("upscaling", "now") else ""
    return Stage(text, state, icon, note=note)


def _way_out(job: Job) -> str:
    if job.status != JobStatus.FAILED:
        return ""
    retryable = (job.error or {}).get("retryable")
    return "Run it again; it may pass." if retryable else "Change the settings, or send another picture."
