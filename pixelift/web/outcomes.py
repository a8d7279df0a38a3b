"""What was asked of a picture and what became of it, as its page says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pixelift.engine import formats
from pixelift.engine.options import Fit, Options
from pixelift.models import Job
from pixelift.web import words

FITS = {Fit.COVER: "cropped", Fit.EXACT: "stretched"}
DENOISERS = {"network mix": "by the network", "non-local means": "before the network"}
LEFT = {
    "too_small": "too small to restore",
    "too_many": "one of too many",
    "failed": "the network stopped on it",
    "blank": "the network made no face of it",
}
FULL_BYTE = 8


@dataclass(frozen=True)
class Fact:
    name: str
    words: str
    note: str = ""


@dataclass(frozen=True)
class Box:
    """A face's place in the result, in its pixels, and what became of the face."""

    x: float
    y: float
    width: float
    height: float
    restored: bool
    words: str


def describe(job: Job) -> dict[str, Any]:
    """Return what `jobs/_job.html` shows of the order and the result."""
    wanted, told = job.wanted, job.outcome or {}
    return {
        "chosen": _chosen(job, wanted, told),
        "machine": [*_frames(job), *_machine(told)],
        "fidelity": _fidelity(told.get("fidelity_db")),
        "faces": [_box(job, wanted, face) for face in told.get("faces", ())],
        "fit": _fit(wanted),
    }


def size_words(job: Job) -> str:
    """How many times larger, or how another shape was met."""
    wanted = job.wanted
    if _fit(wanted) in FITS:
        return FITS[wanted.fit]
    return words.times(job.width_px / job.source.width_px if wanted.size_px else wanted.scale)


def _chosen(job: Job, wanted: Options, told: dict[str, Any]) -> list[Fact]:
    """Say only what was not left as it is for everybody."""
    told_quality = wanted.quality if job.format in formats.DEFAULT_QUALITY else None
    facts = [Fact("Format", words.format_name(job.format), f"quality {told_quality}" if told_quality else "")]
    if wanted.denoise:
        facts.append(Fact("Noise", f"{_share(wanted.denoise)} removed", DENOISERS.get(told.get("denoiser") or "", "")))
    if wanted.enhance_face:
        facts.append(Fact("Faces", f"at strength {wanted.enhance_face:g}", told.get("face_model") or ""))
    return [*facts, Fact("Metadata", _kept(wanted))]


def _kept(wanted: Options) -> str:
    if not wanted.keep_metadata:
        return "left out"
    return "kept, with the place" if wanted.keep_location else "kept, without the place"


def _frames(job: Job) -> list[Fact]:
    frames = job.source.frames
    return [Fact("Frames", words.number(frames))] if frames > 1 else []


def _machine(told: dict[str, Any]) -> list[Fact]:
    depth = told.get("bit_depth") or FULL_BYTE
    facts = [Fact("Depth", f"{depth} bit")] if depth > FULL_BYTE else []
    if told.get("colours") == "converted":
        facts.append(Fact("Colours", "converted to sRGB"))
    where = " · ".join(filter(None, (str(told.get("device", "")).upper(), told.get("precision"))))
    return [*facts, Fact("Computed", where)] if where else facts


def _fidelity(decibels: float | None) -> Fact | None:
    """The PSNR, and what it means: how far the result, scaled back down, is from the source."""
    if decibels is None:
        return None
    return Fact("Fidelity", f"{decibels:.1f}{words.NBSP}dB", _share(10 ** (-decibels / 20)))


def _box(job: Job, wanted: Options, face: dict[str, Any]) -> Box:
    wider, higher = job.width_px / job.source.width_px, job.height_px / job.source.height_px
    if _fit(wanted) is Fit.COVER:
        wider = higher = max(wider, higher)
    left, top, right, bottom = face["box"]
    return Box(
        x=round(left * wider + (job.width_px - job.source.width_px * wider) / 2, 1),
        y=round(top * higher + (job.height_px - job.source.height_px * higher) / 2, 1),
        width=round((right - left) * wider, 1),
        height=round((bottom - top) * higher, 1),
        restored=face["restored"],
        words=_face_words(face),
    )


def _face_words(face: dict[str, Any]) -> str:
    if not face["restored"]:
        return f"left as it was: {LEFT.get(face['reason'], 'not restored')}"
    alike = face["similarity"]
    return "restored" if alike is None else f"restored, {_share(alike)} like the source"


def _fit(wanted: Options) -> Fit:
    """What the fit comes to: it says nothing unless both sides are given."""
    return wanted.fit if wanted.width_px and wanted.height_px else Fit.INSIDE


def _share(part: float) -> str:
    share = max(part, 0) * 100
    return f"{words.number(round(share, 1) if share < 10 else round(share))}{words.NARROW}%"  # noqa: PLR2004  one decimal below ten
