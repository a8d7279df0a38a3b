"""A job as clients see it."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from pixelift.api.schemas.common import Moment, PageQuery, Strict
from pixelift.models import EventType

JOB_ID = "019bd0f5-6c1e-7b43-9a57-3f1d2c8e4b60"
JOB_URL = f"https://pixelift.example/api/v1/jobs/{JOB_ID}"
Status = Literal["pending", "processing", "completed", "failed", "cancelled", "delayed"]


class JobPath(Strict):
    job_id: UUID = Field(description="The job_id that POST /upscale answered.")


class JobQuery(PageQuery):
    status: Status | None = Field(None, description="Only jobs in this state.", examples=["completed"])
    model: str | None = Field(None, max_length=100, pattern=r"^[\w.-]*$", description="Only jobs done with this model.")


class Size(BaseModel):
    """In pixels."""

    width: int = Field(examples=[2400])
    height: int = Field(examples=[1600])


class Parameters(BaseModel):
    """What was ordered."""

    scale: float | None = Field(description="null when width or height decide.", examples=[4])
    width: int | None = Field(description="As asked for.", examples=[None])
    height: int | None = Field(description="As asked for.", examples=[None])
    fit: Literal["inside", "cover", "exact"] | None = Field(
        description="null unless both width and height are given.", examples=[None]
    )
    denoise: float = Field(examples=[0.3])
    enhance_face: float = Field(examples=[0.8])
    model: str = Field(description="The one that was chosen, if you left it open.", examples=["realesrgan-x4plus"])
    format: str = Field(examples=["jpeg"])
    quality: int | None = Field(examples=[None])
    keep_metadata: bool = Field(examples=[True])
    keep_location: bool = Field(examples=[False])


class Face(BaseModel):
    """One face that was found."""

    box: list[int] = Field(
        min_length=4,
        max_length=4,
        description="Left, top, right and bottom in the source's pixels.",
        examples=[[412, 180, 640, 470]],
    )
    score: float = Field(description="How sure it is a face, 0 to 1.", examples=[0.98])
    restored: bool = Field(examples=[True])
    similarity: float | None = Field(
        description="How much it still looks like the face in the source; 1 is the same.", examples=[0.94]
    )
    reason: str | None = Field(description="Why it was left as it was; null unless it was.", examples=[None])


class Result(BaseModel):
    output_url: str = Field(description="GET it with the same credential.", examples=[f"{JOB_URL}/result"])
    original_size: Size
    output_size: Size
    file_size: int = Field(description="Bytes.", examples=[1_482_113])
    format: str = Field(examples=["jpeg"])
    processing_time: float | None = Field(description="Seconds.", examples=[6.8])
    model: str = Field(examples=["realesrgan-x4plus"])
    sha256: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    fidelity_db: float | None = Field(
        description="PSNR between the source and the result scaled back down.", examples=[33.1]
    )
    bit_depth: int | None = Field(description="Bits of each channel.", examples=[8])
    colours: str | None = Field(
        description="kept, retoned (same primaries, tones of sRGB) or converted (to sRGB).", examples=["kept"]
    )
    denoiser: str | None = Field(description="What took the noise away; null when nothing did.", examples=[None])
    face_model: str | None = Field(description="What restored faces; null when nothing did.", examples=["gfpgan-v1.4"])
    faces: list[Face] = Field(description="Those that were found, when enhance_face was above 0.")
    frames: int = Field(description="More than 1 when the picture moves.", examples=[1])


class JobError(BaseModel):
    code: str = Field(examples=["INVALID_IMAGE"])
    message: str = Field(description="One sentence a person can act on.", examples=["This picture is damaged."])
    retryable: bool = Field(description="Whether the same order may succeed later.", examples=[False])


class Job(BaseModel):
    job_id: UUID = Field(examples=[JOB_ID])
    kind: Literal["upscale"]
    status: Status = Field(examples=["completed"])
    progress: int = Field(ge=0, le=100, description="Percent.", examples=[100])
    stage: str | None = Field(description="What the worker does now; null when none does.", examples=[None])
    queue_position: int | None = Field(description="1 starts next; null when the job does not wait.", examples=[None])
    created_at: Moment = Field(examples=["2026-01-18T12:00:00.000Z"])
    started_at: Moment | None = Field(examples=["2026-01-18T12:00:00.120Z"])
    completed_at: Moment | None = Field(examples=["2026-01-18T12:00:06.920Z"])
    processing_time: float | None = Field(description="Seconds.", examples=[6.8])
    attempts: int = Field(description="How often a worker began it.", examples=[1])
    parameters: Parameters
    result: Result | None = Field(description="null until the job is completed.")
    error: JobError | None = Field(description="Why it failed; null unless it did.", examples=[None])
    livemode: bool = Field(description="Whether a network did it.", examples=[True])


class JobPage(BaseModel):
    items: list[Job]
    total: int = Field(examples=[1])
    page: int = Field(examples=[1])
    size: int = Field(examples=[5])
    pages: int = Field(examples=[1])


class Estimate(BaseModel):
    """Seconds from now, from the speeds measured here and the pictures before it, with which it takes turns."""

    p50_s: float = Field(description="Half of such jobs should have ended by then.", examples=[12.4])
    p90_s: float = Field(description="Nine in ten.", examples=[24.8])


class Accepted(BaseModel):
    job_id: UUID = Field(examples=[JOB_ID])
    status: Status = Field(examples=["pending"])
    queue_position: int | None = Field(description="1 starts next.", examples=[1])
    estimated_time: str | None = Field(description="In words; null until the model was measured.", examples=["12-25s"])
    estimate: Estimate | None = Field(description="null until the model was measured here.")
    status_url: str = Field(description="Poll this.", examples=[JOB_URL])
    events_url: str = Field(description="Or stream this.", examples=[f"{JOB_URL}/events"])
    result_url: str = Field(description="Then download this.", examples=[f"{JOB_URL}/result"])
    message: str = Field(examples=["Job accepted."])


class StreamedEvent(BaseModel):
    """One event of the stream."""

    id: str = Field(description="Send the last one you saw as Last-Event-ID.", examples=["42"])
    event: EventType = Field(examples=["job.completed"])
    data: str = Field(
        description="JSON: job_id and at, and what this kind of event adds.",
        examples=[f'{{"job_id": "{JOB_ID}", "at": "2026-01-18T12:00:07Z"}}'],
    )


class EventsHeader(BaseModel):
    last_event_id: int = Field(0, ge=0, le=2**62, alias="Last-Event-ID", description="Replay what came after this id.")
