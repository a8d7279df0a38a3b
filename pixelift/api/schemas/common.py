"""Shapes that every answer shares; the OpenAPI document is made from these."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

T = TypeVar("T")
Moment = Annotated[
    datetime, PlainSerializer(lambda moment: moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
]


SENTENCE = "scale must be at most 8."


class Strict(BaseModel):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class RateLimit(BaseModel):
    limit: int = Field(examples=[600])
    remaining: int = Field(examples=[599])
    reset: datetime = Field(examples=["2026-01-18T12:01:00Z"])


class Meta(BaseModel):
    requestId: str = Field(examples=["req_5f0c2a9be13d4478a6c1e2f0"])  # noqa: N815 (the contract's spelling)
    timestamp: datetime = Field(examples=["2026-01-18T12:00:00Z"])
    rateLimit: RateLimit | None = Field(None, description="The tightest window.")  # noqa: N815 (as above)


class Success(BaseModel, Generic[T]):
    success: Literal[True]
    data: T
    meta: Meta


class ErrorDetail(BaseModel):
    field: str = Field(examples=["scale"])
    detail: str = Field(examples=["must be at most 8"])
    error_code: str = Field(examples=["LESS_THAN_EQUAL"])


class ErrorBody(BaseModel):
    code: str = Field(examples=["VALIDATION_ERROR"])
    message: str = Field(description="One sentence a person can act on.", examples=[SENTENCE])
    details: list[ErrorDetail] | None = Field(None, description="What is wrong, field by field.")
    docs: str = Field(description="Where this error is explained.", examples=["/api/v1/docs#VALIDATION_ERROR"])


class Failure(BaseModel):
    success: Literal[False]
    error: ErrorBody
    meta: Meta


class PageQuery(Strict):
    page: int = Field(1, ge=1, le=100_000, description="1 is the first.")
    size: int = Field(20, ge=1, le=100, description="Items on a page.", examples=[5])
