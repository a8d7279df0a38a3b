"""What the engine is asked, what it tells meanwhile, and what it answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from pixelift.engine.options import Options


class Stage(StrEnum):
    """What the engine does with a picture, in this order."""

    DECODING = "decoding"
    UPSCALING = "upscaling"
    ENCODING = "encoding"


@dataclass(frozen=True)
class Strip:
    """A finished part of the result, as a small WebP at `path`. Sizes in the result's pixels.

    `height_px` reaches about one displayed pixel into the next strip, so that no line shows between them.
    """

    index: int
    count: int
    top_px: int
    height_px: int
    path: Path


@dataclass(frozen=True)
class Progress:
    """How far it is: `percent` never falls, and is 100 only when the result is there; `strips` are the new ones."""

    stage: Stage
    percent: int
    strips: tuple[Strip, ...] = ()
    strip_count: int = 0

    def to_json(self) -> dict[str, Any]:
        strips = [{**asdict(strip), "path": str(strip.path)} for strip in self.strips]
        return {**asdict(self), "strips": strips}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Progress:
        strips = tuple(Strip(**{**strip, "path": Path(strip["path"])}) for strip in data["strips"])
        return cls(Stage(data["stage"]), data["percent"], strips, data["strip_count"])


@dataclass(frozen=True)
class Order:
    """One picture to enlarge. `thumbnail` and `preview` ask for small copies of the result, as Inspector makes them."""

    source: Path
    destination: Path
    options: Options
    strips_dir: Path | None = None
    thumbnail: Path | None = None
    preview: Path | None = None

    def to_json(self) -> dict[str, Any]:
        paths = {name: str(value) if value else None for name, value in vars(self).items() if name != "options"}
        return {**paths, "options": self.options.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Order:
        paths = {name: Path(value) if value else None for name, value in data.items() if name != "options"}
        return cls(**paths, options=Options.from_json(data["options"]))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Outcome:
    """A finished result. `fidelity_db` is the PSNR between the source and the result scaled back down."""

    width_px: int
    height_px: int
    format: str
    size_bytes: int
    sha256: str
    has_alpha: bool
    has_preview: bool
    model: str
    precision: str
    device: str
    fidelity_db: float
    seconds: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Outcome:
        return cls(**data)
