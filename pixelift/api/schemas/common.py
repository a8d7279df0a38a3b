"""Shapes that every answer shares; the OpenAPI document is made from these."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

T = TypeVar("T")
Moment = Annotated[
    datetime, PlainSerializer(lambda moment: moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
]


class Strict(BaseModel):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class RateLimit(BaseModel):
    limit: int
    remaining: int
    reset: datetime


class Meta(BaseModel):
    requestId: str  # noqa: N815 (the contract's spelling)
    timestamp: datetime
    rateLimit: RateLimit | None = None  # noqa: N815 (as above)


class Success(BaseModel, Generic[T]):
    success: Literal[True]
    data: T
    meta: Meta


class ErrorDetail(BaseModel):
    field: str
    detail: str
    error_code: str


class ErrorBody(BaseModel):
    code: str = Field(examples=["VALIDATION_ERROR"])
    message: str = Field(description="One sentence a person can act on.")
    details: list[ErrorDetail] | None = None
    docs: str = Field(examples=["/api/v1/docs#VALIDATION_ERROR"])


class Failure(BaseModel):
    success: Literal[False]
    error: ErrorBody
    meta: Meta


class PageQuery(Strict):
    page: int = Field(1, ge=1, le=100_000)
    size: int = Field(20, ge=1, le=100)
