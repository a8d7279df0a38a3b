"""An order as clients send it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AliasChoices, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from pixelift.api.schemas.common import Strict
from pixelift.engine.options import MAX_SCALE, MIN_SCALE, USUAL_DENOISE, USUAL_FACE, Fit, Format, Options
from pixelift.engine.planning import MAX_RESULT_PIXELS
from pixelift.errors import Detail, ValidationFailed

PICTURE_URL = "https://shop.example/cup.jpg"


def strength(usual: float) -> WrapValidator:
    """Take a number from 0 to 1, or yes for the usual one and no for 0."""

    def read(value: object, parse: ValidatorFunctionWrapHandler) -> float:
        try:
            given: float | bool = parse(value)
        except ValidationError:
            raise PydanticCustomError("strength", "must be true, false or a number from 0 to 1") from None
        return usual * given if isinstance(given, bool) else given

    return WrapValidator(read)


Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Pixels = Annotated[int, Field(ge=1, le=MAX_RESULT_PIXELS)]


class UpscaleOptions(Strict):
    scale: float = Field(
        4,
        ge=MIN_SCALE,
        le=MAX_SCALE,
        allow_inf_nan=False,
        examples=[4],
        description="How many times wider and higher. 1 enhances without enlarging.",
    )
    width: Pixels | None = Field(None, description="In pixels, in place of scale. One of the two keeps the shape.")
    height: Pixels | None = Field(None, description="In pixels, in place of scale.")
    fit: Literal["inside", "cover", "exact"] = Field(
        "inside",
        description="How width and height are met: as large as fits inside, covered and cropped, or stretched.",
    )
    denoise: Annotated[Unit | bool, strength(USUAL_DENOISE)] = Field(
        0, description=f"How much noise to take away first. true is {USUAL_DENOISE}."
    )
    enhance_face: Annotated[Unit | bool, strength(USUAL_FACE)] = Field(
        0,
        validation_alias=AliasChoices("enhance_face", "face_enhance"),
        description=f"How much to restore faces; 0 leaves them alone, true is {USUAL_FACE}. Or face_enhance.",
    )
    model: str = Field("auto", max_length=100, description="A name from GET /models, or auto.")
    format: Literal["auto", "png", "jpeg", "webp", "avif", "tiff"] = Field("auto", description="auto: as the source.")
    quality: int | None = Field(None, ge=1, le=100, description="Of jpeg, webp and avif.")
    keep_metadata: bool = Field(
        True, description="Who took it, when and with what. Colour profiles are always honoured."
    )
    keep_location: bool = Field(False, description="Where it was taken, with the rest of the metadata.")

    def to_options(self) -> Options:
        """Raise ValidationFailed when the size is said twice."""
        if "scale" in self.model_fields_set and (self.width or self.height):
            sentence = "Give either scale, or width and height."
            raise ValidationFailed(sentence, details=(Detail("scale", sentence),))
        return Options(
            scale=self.scale,
            width_px=self.width,
            height_px=self.height,
            fit=Fit(self.fit),
            denoise=self.denoise,
            enhance_face=self.enhance_face,
            keep_metadata=self.keep_metadata,
            keep_location=self.keep_location,
            model=None if self.model == "auto" else self.model,
            format=None if self.format == "auto" else Format(self.format),
            quality=self.quality,
        )


class UpscaleByUrl(UpscaleOptions):
    image_url: str = Field(
        max_length=2_000, description="A public http or https address of the picture.", examples=[PICTURE_URL]
    )
