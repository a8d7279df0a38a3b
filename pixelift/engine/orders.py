"""What the engine is asked, what it tells meanwhile, and what it answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from pixelift.engine.options import Options
from pixelift.engine.regions import Region

_OTHERS = {"options", "part"}  # what an order says besides paths


class Stage(StrEnum):
    """What the engine does with a picture, in this order; with faces only when they are asked for."""

    DECODING = "decoding"
    FACES = "faces"
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
    """How far it is: `percent` never falls, and is 100 only when the result is there; `strips` are the new ones.

    `reached` is the percent with its fraction, and starts again when the work does.
    """

    stage: Stage
    percent: int
    strips: tuple[Strip, ...] = ()
    strip_count: int = 0
    reached: float = 0.0

    def to_json(self) -> dict[str, Any]:
        strips = [{**asdict(strip), "path": str(strip.path)} for strip in self.strips]
        return {**asdict(self), "strips": strips}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Progress:
        strips = tuple(Strip(**{**strip, "path": Path(strip["path"])}) for strip in data["strips"])
        return cls(Stage(data["stage"]), data["percent"], strips, data["strip_count"], data["reached"])


@dataclass(frozen=True)
class Order:
    """One picture to enlarge. `thumbnail` and `preview` ask for small copies of the result, as Inspector makes them.

    Finished rows are kept in `scratch_dir`, if any, so that the next try goes on from there; it is the caller's to
    remove when the picture is no longer wanted or is there.

    `part`: the result shows only this region of the source; the rest is there for the network to see.
    """

    source: Path
    destination: Path
    options: Options
    strips_dir: Path | None = None
    thumbnail: Path | None = None
    preview: Path | None = None
    scratch_dir: Path | None = None
    part: Region | None = None

    def to_json(self) -> dict[str, Any]:
        paths = {name: str(value) if value else None for name, value in vars(self).items() if name not in _OTHERS}
        return {**paths, "options": self.options.to_json(), "part": asdict(self.part) if self.part else None}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Order:
        paths = {name: Path(value) if value else None for name, value in data.items() if name not in _OTHERS}
        part = Region(**data["part"]) if data["part"] else None
        return cls(**paths, options=Options.from_json(data["options"]), part=part)  # type: ignore[arg-type]


class Untouched(StrEnum):
    """Why a face was left as the rest of the picture made it."""

    TOO_SMALL = "too_small"  # its eyes are nearer to each other than a network can tell apart
    TOO_MANY = "too_many"  # larger faces took all the places
    FAILED = "failed"  # the network stopped on it
    BLANK = "blank"  # the network made nothing of it that could be a face


@dataclass(frozen=True)
class Face:
    """One face that was found. `box` is left, top, right, bottom in pixels of the upright source; `score` is 0 to 1.

    `similarity`, at most 1, says how much the restored face looks like the one in the source: the correlation of
    their light and dark, both seen at 64 by 64 pixels. It is None and `reason` is set when the face was not restored.
    """

    box: tuple[int, int, int, int]
    score: float
    restored: bool
    similarity: float | None = None
    reason: Untouched | None = None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Face:
        left, top, right, bottom = data["box"]
        reason = Untouched(data["reason"]) if data["reason"] else None
        return cls(**{**data, "box": (left, top, right, bottom), "reason": reason})


@dataclass(frozen=True)
class Outcome:
    """A finished result. `denoiser` names what took the noise away, if that was asked for.

    `fidelity_db` is the PSNR between the source and the result scaled back down. `face_model` and `face_detector` are
    None when nobody asked for faces; `faces` is empty when none was found. The network had the machine for
    `network_s` seconds to enlarge `network_pixels` pixels, in all passes.
    """

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
    face_model: str | None = None
    face_detector: str | None = None
    faces: tuple[Face, ...] = ()
    denoiser: str | None = None
    bit_depth: int = 8
    network_pixels: int = 0
    network_s: float = 0.0
    frames: int = 1
    colours: str = "kept"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Outcome:
        return cls(**{**data, "faces": tuple(map(Face.from_json, data.get("faces", ())))})
