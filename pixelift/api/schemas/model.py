"""A network that may be installed."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Model(BaseModel):
    name: str = Field(examples=["realesrgan-x4plus"])
    title: str = Field(examples=["Photo"])
    description: str = Field(examples=["Photographs and anything else."])
    architecture: str = Field(examples=["RRDBNet, 23 blocks"])
    native_scale: int = Field(description="Other scales are resampled.", examples=[4])
    licence: str = Field(examples=["BSD-3-Clause"])
    size_bytes: int = Field(description="Of the weights.", examples=[33_424_520])
    sha256: str = Field(examples=["713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf"])
    installed: bool = Field(examples=[True])
    default: bool = Field(description="Whether auto means this one.", examples=[True])


class ModelList(BaseModel):
    items: list[Model]
    total: int = Field(examples=[1])
