"""A region of a picture through several settings."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Json
from pydantic_core import PydanticCustomError

from pixelift.api.schemas.common import Strict
from pixelift.api.schemas.job import JobError
from pixelift.api.schemas.upscale import PICTURE_URL, Unit, strength
from pixelift.engine.options import MAX_SCALE, MIN_SCALE, USUAL_DENOISE, USUAL_FACE, Options
from pixelift.engine.regions import Region, Wanted
from pixelift.previews import MAX_VARIANTS

MAX_SIDE_PX, SIDE_PX = 512, 256
FAR_PX = 2**31 - 1
DATA_URL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
REGION = "What to show; without x or y the middle."
VARIANTS = "The settings to compare."


class PreviewRegion(Strict):
    """In pixels of the picture as it is seen, from the left and from the top."""

    model_config = ConfigDict(strict=True)

    width: int = Field(SIDE_PX, ge=1, le=MAX_SIDE_PX, examples=[SIDE_PX])
    height: int = Field(SIDE_PX, ge=1, le=MAX_SIDE_PX, examples=[SIDE_PX])
    x: int | None = Field(None, ge=0, le=FAR_PX, examples=[172])
    y: int | None = Field(None, ge=0, le=FAR_PX, examples=[72])

    def to_wanted(self) -> Wanted:
        return Wanted(self.width, self.height, self.x, self.y)

    @classmethod
    def of(cls, region: Region) -> Self:
        return cls(x=region.x_px, y=region.y_px, width=region.width_px, height=region.height_px)


class Variant(Strict):
    model_config = ConfigDict(strict=True)

    model: str = Field("auto", max_length=100, description="A name from GET /models, or auto.", examples=["auto"])
    scale: float = Field(4, ge=MIN_SCALE, le=MAX_SCALE, allow_inf_nan=False, examples=[4])
    denoise: Annotated[Unit | bool, strength(USUAL_DENOISE)] = Field(
        0.0, description="As in POST /upscale.", examples=[0.5]
    )
    enhance_face: Annotated[Unit | bool, strength(USUAL_FACE)] = Field(
        0.0, description="As in POST /upscale.", examples=[0.0]
    )

    def to_options(self) -> Options:
        return Options(
            scale=self.scale,
            model=None if self.model == "auto" else self.model,
            denoise=self.denoise,
            enhance_face=self.enhance_face,
        )


def _uuid(given: object) -> object:
    """JSON has texts in place of ids."""
    try:
        return UUID(given) if isinstance(given, str) else given
    except ValueError:
        raise PydanticCustomError("uuid_parsing", "must be an id") from None


Variants = Annotated[list[Variant], Field(min_length=1, max_length=MAX_VARIANTS)]


class PreviewBySource(Strict):
    """A picture at an address, or one that is here already."""

    image_url: str | None = Field(
        None, max_length=2_000, description="A public http or https address of the picture.", examples=[PICTURE_URL]
    )
    job_id: Annotated[UUID, BeforeValidator(_uuid)] | None = Field(
        None, description="Instead: a job of yours, whose source to take."
    )
    region: PreviewRegion = Field(PreviewRegion(), description=REGION)
    variants: Variants = Field(description=VARIANTS, examples=[[{"model": "auto"}, {"model": "auto", "scale": 2}]])


class PreviewForm(Strict):
    """A form carries lists and objects as JSON."""

    region: Json[PreviewRegion] = Field(
        PreviewRegion(), description=f"JSON. {REGION}", examples=['{"width": 128, "height": 128}']
    )
    variants: Json[Variants] = Field(
        description=f"JSON. {VARIANTS}", examples=['[{"model": "auto"}, {"model": "auto", "scale": 2}]']
    )


class PreviewPicture(BaseModel):
    width: int = Field(description="Pixels.", examples=[1])
    height: int = Field(description="Pixels.", examples=[1])
    data_url: str = Field(description="A PNG.", examples=[DATA_URL])


class PreviewAnswer(BaseModel):
    """One variant: a picture, or why there is none. The others are not affected."""

    settings: Variant
    picture: PreviewPicture | None
    seconds: float | None = Field(description="How long the worker took.", examples=[0.42])
    error: JobError | None = Field(examples=[None])


class Previews(BaseModel):
    region: PreviewRegion = Field(description="What you see; the part of your region that lies in the picture.")
    source: PreviewPicture = Field(description="The region as it is.")
    variants: list[PreviewAnswer] = Field(description="In your order.")
