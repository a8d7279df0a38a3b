"""Every error that a client or an operator may see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pixelift import errors
from pixelift.errors import PixeliftError


@dataclass(frozen=True)
class Code:
    name: str
    where: str
    message: str
    retryable: bool


def every() -> list[Code]:
    """Return the codes, each once, by where they occur."""
    kinds = sorted(_below(PixeliftError), key=lambda kind: (_where(kind), kind.code))
    return [Code(kind.code, _where(kind), kind().message, kind.retryable) for kind in kinds]


def _below(kind: type[PixeliftError]) -> Iterator[type[PixeliftError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def _where(kind: type[PixeliftError]) -> str:
    if issubclass(kind, errors.EngineFailed):
        return "in a job"
    return "at the start" if issubclass(kind, errors.CannotStart) else str(kind.status)
