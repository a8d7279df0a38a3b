"""A job as clients see it."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from pixelift.api.schemas.common import Moment, PageQuery, Strict
from pixelift.engine.options import MAX_SCALE, MIN_SCALE, Format, Options

Status = Literal["pending", "processing", "completed", "failed", "cancelled", "delayed"]


class UpscaleOptions(Strict):
    scale: float = Field(
        4,
        ge=MIN_SCALE,
        le=MAX_SCALE,
        allow_inf_nan=False,
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
    image_url: str = Field(max_length=2_000, description="A public http or https address of the picture.")


class JobPath(Strict):
    job_id: UUID


class JobQuery(PageQuery):
    status: Status | None = None
    model: str | None = Field(None, max_length=100)


class Size(BaseModel):
    width: int
    height: int


class Parameters(BaseModel):
    scale: float
    model: str
    format: str
    quality: int | None


class Result(BaseModel):
    output_url: str = Field(description="GET it with the same credential.")
    original_size: Size
    output_size: Size
    file_size: int = Field(description="Bytes.")
    format: str
    processing_time: float | None = Field(description="Seconds.")
    model: str
    sha256: str
    fidelity_db: float | None = Field(description="PSNR between the source and the result scaled back down.")


class JobError(BaseModel):
    code: str
    message: str
    retryable: bool


class Job(BaseModel):
    job_id: UUID
    kind: Literal["upscale"]
    status: Status
    progress: int = Field(ge=0, le=100, description="Percent.")
    stage: str | None = Field(examples=["upscaling"])
    queue_position: int | None = Field(description="1 starts next; null when the job does not wait.")
    created_at: Moment
    started_at: Moment | None
    completed_at: Moment | None
    processing_time: float | None = Field(description="Seconds.")
    attempts: int
    parameters: Parameters
    result: Result | None
    error: JobError | None
    livemode: bool


class JobPage(BaseModel):
    items: list[Job]
    total: int
    page: int
    size: int
    pages: int


class Accepted(BaseModel):
    job_id: UUID
    status: Status
    queue_position: int | None
    status_url: str
    events_url: str
    result_url: str
    message: str


class EventsHeader(BaseModel):
    last_event_id: int = Field(0, ge=0, le=2**62, alias="Last-Event-ID", description="Replay what came after this id.")
