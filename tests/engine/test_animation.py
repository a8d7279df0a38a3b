"""Moving pictures keep every frame, its time, and how often they play."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops

from pixelift.engine import reading, reels
from pixelift.engine.inspection import Facts
from pixelift.engine.options import Format
from pixelift.engine.orders import Outcome
from pixelift.errors import ImageTooLarge, ValidationFailed

Enlarge = Callable[..., tuple[Image.Image, Outcome]]
Look = Callable[..., Facts]

DURATIONS_MS = [100, 250, 40]
NEAR = 22  # levels, the small network's own changes included


def moving(path: Path, *, alpha: bool = False, **how: Any) -> list[Image.Image]:
    """Write three frames, of which the later ones are stored as what changed, and return what is to be seen."""
    seen = []
    for index in range(3):
        frame = Image.new("RGBA", (24, 16), (200, 60, 30, 255 if index or not alpha else 0))
        frame.paste((30, 90, 220, 255), (index * 6, 4, index * 6 + 8, 12))
        seen.append(frame if alpha else frame.convert("RGB"))
    kind = {"duration": DURATIONS_MS, "loop": 3, **how}
    seen[0].save(path, save_all=True, append_images=seen[1:], **kind)
    return seen


def frames(path: Path) -> tuple[list[Image.Image], list[int], int | None]:
    shown, durations = [], []
    with Image.open(path) as image:
        for index in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(index)
            shown.append(image.convert("RGBA"))
            durations.append(round(image.info["duration"]))
        return shown, durations, image.info.get("loop")


def apart(one: Image.Image, other: Image.Image) -> float:
    """The mean distance in levels before a black ground."""
    small, ground = one.resize(other.size, Image.Resampling.BOX), Image.new("RGBA", other.size, "black")
    laid = (Image.alpha_composite(ground, image.convert("RGBA")) for image in (small, other))
    return float(np.asarray(ImageChops.difference(*laid), np.float64).mean())


@pytest.mark.parametrize(
    ("source", "becomes", "loop", "plays"),
    [
        ("webp", "WEBP", 3, 3),
        ("gif", "WEBP", 3, 4),
        ("gif", "WEBP", 0, 0),
        ("gif", "WEBP", None, 1),
        ("png", "PNG", 3, 3),
    ],
)
@pytest.mark.parametrize("alpha", [False, True])
def test_every_frame_and_its_time_is_kept(
    source: str,
    becomes: str,
    loop: int | None,
    plays: int,
    alpha: bool,  # noqa: FBT001
    tmp_path: Path,
    enlarge: Enlarge,
) -> None:
    path = tmp_path / f"moving.{source}"
    seen = moving(path, alpha=alpha, loop=loop, **({"lossless": True} if source == "webp" else {}))
    result, outcome = enlarge(path, quality=95 if becomes == "WEBP" else None)
    shown, durations, played = frames(tmp_path / "result")
    assert (result.format, outcome.format, outcome.frames) == (becomes, becomes.lower(), 3)
    assert (durations, played) == (DURATIONS_MS, plays)
    assert [frame.size for frame in shown] == [(48, 32)] * 3
    assert outcome.has_alpha == alpha
    for frame, expected in zip(shown, seen, strict=True):
        assert apart(frame, expected) < NEAR


@pytest.mark.parametrize("chosen", [Format.JPEG, Format.TIFF, Format.AVIF])
def test_what_cannot_move_is_refused(chosen: Format, tmp_path: Path, enlarge: Enlarge) -> None:
    moving(tmp_path / "moving.webp")
    with pytest.raises(ValidationFailed, match=r"animated.*Choose WebP or PNG"):
        enlarge(tmp_path / "moving.webp", format=chosen)


def test_any_animation_can_become_a_png(tmp_path: Path, enlarge: Enlarge) -> None:
    moving(tmp_path / "moving.gif")
    result, _outcome = enlarge(tmp_path / "moving.gif", format=Format.PNG)
    assert (result.format, getattr(result, "n_frames", 1)) == ("PNG", 3)


@pytest.mark.parametrize("name", ["gif", "webp", "png", "avif"])
def test_frames_count_against_the_limit_of_pixels(name: str, tmp_path: Path, inspect: Look) -> None:
    path = tmp_path / f"moving.{name}"
    moving(path)
    facts = inspect(path, 24 * 16 * 3)
    assert (facts.frames, facts.width_px, facts.height_px) == (3, 24, 16)
    with pytest.raises(ImageTooLarge, match=r"1,152 pixels \(24 by 16, 3 frames\), and at most 1,151"):
        inspect(path, 24 * 16 * 3 - 1)


def test_too_many_frames_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moving(tmp_path / "moving.gif")
    monkeypatch.setattr(reels, "MOST_FRAMES", 2)
    with Image.open(tmp_path / "moving.gif") as image, pytest.raises(ImageTooLarge, match="3 frames, and at most 2"):
        reels.count(image)


def test_a_picture_before_the_animation_is_none_of_its_frames(tmp_path: Path, inspect: Look) -> None:
    moving(tmp_path / "moving.png", default_image=True)
    assert inspect(tmp_path / "moving.png").frames == 2


def test_frames_that_find_no_room_are_not_called_damaged(tmp_path: Path) -> None:
    moving(tmp_path / "moving.png")
    (tmp_path / "0000.png").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        reading.unreel(tmp_path / "moving.png", tmp_path)


def test_a_frame_may_stand_for_minutes(enlarge: Enlarge, tmp_path: Path) -> None:
    moving(tmp_path / "slow.gif", duration=[655_350, 70_000, 40])
    enlarge(tmp_path / "slow.gif", format=Format.PNG)
    assert frames(tmp_path / "result")[1] == [655_350, 70_000, 40]
