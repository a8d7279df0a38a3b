"""A job as clients see it."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from pixelift.api.schemas.common import Moment, PageQuery, Strict
from pixelift.engine.options import MAX_SCALE, MIN_SCALE, Format, Options
from pixelift.models import EventType

JOB_ID = "019bd0f5-6c1e-7b43-9a57-3f1d2c8e4b60"
PICTURE_URL = "https://shop.example/cup.jpg"
JOB_URL = f"https://pixelift.example/api/v1/jobs/{JOB_ID}"
Status = Literal["pending", "processing", "completed", "failed", "cancelled", "delayed"]


class UpscaleOptions(Strict):
    scale: float = Field(
        4,
        ge=MIN_SCALE,
        le=MAX_SCALE,
        allow_inf_nan=False,
        examples=[4],
        description="How many times wider and higher. 4 is native; others are resampled after the network.",
    )
    model: str = Field("auto", max_length=100, description="A name from GET /models, or auto.")
    format: Literal["auto", "png", "jpeg", "webp", "avif", "tiff"] = Field("auto", description="auto: as the source.")
    quality: int | None = Field(None, ge=1, le=100, description="Of jpeg, webp and avif.")

    def to_options(self) -> Options:
        return Options(
            scale=self.scale,
            model=None if self.model == "auto" else self.model,
            format=None if self.format == "auto" else Format(self.format),
            quality=self.quality,
        )


class UpscaleByUrl(UpscaleOptions):
    image_url: str = Field(
        max_length=2_000, description="A public http or https address of the picture.", examples=[PICTURE_URL]
    )


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
    scale: float = Field(examples=[4])
    model: str = Field(description="The one that was chosen, if you left it open.", examples=["realesrgan-x4plus"])
    format: str = Field(examples=["jpeg"])
    quality: int | None = Field(examples=[None])


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


class Accepted(BaseModel):
    job_id: UUID = Field(examples=[JOB_ID])
    status: Status = Field(examples=["pending"])
    queue_position: int | None = Field(description="1 starts next.", examples=[1])
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
