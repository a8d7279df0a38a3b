"""Numbers, times and states in the product's voice; Jinja filters. A no-break space binds a number to its unit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from flask import Blueprint

from pixelift import services
from pixelift.engine import formats
from pixelift.models import Job, JobStatus

TIMES = "\N{MULTIPLICATION SIGN}"
NBSP, NARROW = "\u00a0", "\u202f"
MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400


class Sized(Protocol):
    width_px: int
    height_px: int


def number(value: float) -> str:
    """2400 → 2,400; 0.57 → 0.57."""
    return f"{value:,.10g}" if value < 1_000 else f"{value:,.0f}"  # noqa: PLR2004  four digits need no fraction


def px(picture: Sized) -> str:
    return f"{picture.width_px:,}{NBSP}{TIMES}{NBSP}{picture.height_px:,}"


def times(scale: float) -> str:
    return f"{scale:.4g}{TIMES}"


def percent(value: int) -> str:
    return f"{value}{NARROW}%"


def megapixels(pixels: int) -> str:
    return f"{_rounded(pixels / 1e6)}{NBSP}Mpx"


def speed(mpx_per_s: float) -> str:
    """0.0123 → 0.012 Mpx/s."""
    return f"{mpx_per_s:.2g}{NBSP}Mpx/s"


def file_size(size_bytes: int) -> str:
    for unit, per in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= per:
            return f"{_rounded(size_bytes / per)}{NBSP}{unit}"
    return f"{size_bytes}{NBSP}B"


def duration(seconds: float) -> str:
    if seconds < 10:  # noqa: PLR2004  tenths matter below ten
        return f"{seconds:.1f}{NBSP}s"
    if seconds < MINUTE_S:
        return f"{seconds:.0f}{NBSP}s"
    return _two(seconds, MINUTE_S, "min", 1, "s") if seconds < HOUR_S else _two(seconds, HOUR_S, "h", MINUTE_S, "min")


def roughly(seconds: float) -> str:
    """Whole seconds up to a minute and a half, then whole minutes."""
    if seconds < 1.5 * MINUTE_S:
        return f"{max(round(seconds), 1)}{NBSP}s"
    return f"{round(seconds / MINUTE_S)}{NBSP}min"


def stopwatch(seconds: float) -> str:
    """7 → 0:07."""
    minutes, rest = divmod(int(seconds), MINUTE_S)
    return f"{minutes}:{rest:02}"


def ago(moment: datetime) -> str:
    seconds = (datetime.now(UTC) - moment).total_seconds()
    if seconds < MINUTE_S:
        return "now"
    for unit, per in (("day", DAY_S), ("h", HOUR_S), ("min", MINUTE_S)):
        if seconds >= per:
            count = int(seconds // per)
            return f"{count}{NBSP}{unit}{'s' if unit == 'day' and count > 1 else ''}"
    return "now"


def moment(when: datetime) -> str:
    return f"{when:%-d} {when:%b}, {when:%H:%M} UTC"


def ordinal(value: int) -> str:
    suffix = "th" if value % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{suffix}"


def in_line(position: int | None) -> str:
    if position is None:
        return "Waiting in line"
    return "Next in line" if position == 1 else f"{ordinal(position)} in line"


def format_name(name: str) -> str:
    return formats.title(name)


def model_title(name: str) -> str:
    return next((model.title for model in services.current().shelf.all() if model.name == name), name)


def initials(email: str) -> str:
    parts = email.partition("@")[0].replace("_", ".").replace("-", ".").split(".")
    return "".join(part[0] for part in parts if part)[:2].upper()


def status_words(job: Job) -> str:
    """Return what a badge over a picture says about its job."""
    return percent(job.progress) if job.status == JobStatus.PROCESSING else job.status.capitalize()


def _two(seconds: float, per: int, unit: str, small_per: int, small: str) -> str:
    count, rest = divmod(int(seconds), per)
    return f"{count}{NBSP}{unit} {rest // small_per}{NBSP}{small}"


def _rounded(value: float) -> str:
    return number(round(value, 1) if value < 10 else round(value))  # noqa: PLR2004  one decimal below ten


def register(blueprint: Blueprint) -> None:
    for word in (
        number, px, times, percent, megapixels, file_size, duration, ago, moment, format_name, model_title, initials,
        speed, status_words,
    ):  # fmt: skip
        blueprint.add_app_template_filter(word)
