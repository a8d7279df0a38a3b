"""The frames of moving pictures: taken apart as their decoders compose them, and put together again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from PIL import Image, ImageFile

from pixelift.errors import ImageTooLarge

MOST_FRAMES = 1000
_DEFAULT_MS = 100  # what browsers take where a frame says nothing
_FOR_EVER = 0
_OPAQUE = b"\xff"


@dataclass(frozen=True)
class Reel:
    """How frames follow each other; `plays` 0 means for ever; `has_alpha` if one of them is not opaque."""

    durations_ms: tuple[int, ...]
    plays: int
    has_alpha: bool

    @property
    def frames(self) -> int:
        return len(self.durations_ms)


def count(image: ImageFile.ImageFile) -> int:
    """Return how many frames there are, by the headers alone; 1 if the picture is still. Raises ImageTooLarge."""
    if image.format in {"MPO", "HEIF", "TIFF"} or not getattr(image, "is_animated", False):
        return 1
    frames = getattr(image, "n_frames", 1) - _first(image)
    if frames > MOST_FRAMES:
        raise ImageTooLarge(f"This animation has {frames:,} frames, and at most {MOST_FRAMES:,} fit. Shorten it.")
    return frames


def frames(image: ImageFile.ImageFile) -> Iterator[tuple[Image.Image, int]]:
    """Yield every frame whole, RGBA, and for how many milliseconds it stands."""
    first = _first(image)
    for index in range(first, first + count(image)):
        image.seek(index)
        shown = image.convert("RGBA")
        yield shown, round(image.info.get("duration") or _DEFAULT_MS)


def plays(image: ImageFile.ImageFile) -> int:
    """Return how often the whole runs. GIF counts repetitions, and plays once where it says nothing."""
    told = image.info.get("loop")
    if image.format == "GIF":
        return 1 if told is None else told + 1 if told else _FOR_EVER
    return _FOR_EVER if told is None else int(told)


def is_opaque(frame: Image.Image) -> bool:
    return frame.getchannel("A").tobytes().count(_OPAQUE) == frame.width * frame.height


def _first(image: ImageFile.ImageFile) -> int:
    """A PNG may begin with a picture for readers that know no animation, which is none of its frames."""
    with suppress(AttributeError):
        return int(image.default_image)  # type: ignore[attr-defined]
    return 0
