"""A network that may be installed."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from pixelift.api.schemas.common import Moment


class Speed(BaseModel):
    """How fast a network is on this machine: a running mean in which old pictures fade."""

    device: str = Field(examples=["cpu"])
    precision: str = Field(examples=["bf16"])
    megapixels_per_second: float = Field(description="Of the source.", examples=[0.0123])
    pictures: int = Field(description="How many were measured.", examples=[12])
    measured_at: Moment = Field(examples=["2026-01-18T12:00:06.920Z"])


class Model(BaseModel):
    name: str = Field(examples=["realesrgan-x4plus"])
    title: str = Field(examples=["Photo"])
    description: str = Field(examples=["Photographs and anything else."])
    kind: Literal["upscale", "face", "detection"] = Field(
        description="upscale can be ordered; the others serve enhance_face.", examples=["upscale"]
    )
    architecture: str = Field(examples=["RRDBNet, 23 blocks"])
    native_scale: int = Field(description="Other scales are resampled.", examples=[4])
    licence: str = Field(examples=["BSD-3-Clause"])
    size_bytes: int = Field(description="Of the weights.", examples=[33_424_520])
    sha256: str = Field(examples=["713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf"])
    installed: bool = Field(examples=[True])
    install: str = Field(description="The command that brings it.", examples=["pixelift models pull realesrgan-x2plus"])
    terms: str | None = Field(description="Conditions of use beyond the licence's name.", examples=[None])
    default: bool = Field(description="Whether auto means this one.", examples=[True])
    speeds: list[Speed] = Field(description="Measured here, the last first; empty until a picture was enlarged.")


class ModelList(BaseModel):
    items: list[Model]
    total: int = Field(examples=[1])
