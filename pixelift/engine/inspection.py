"""Looking at an uploaded picture without trusting it: decoded once, in a child that may die of it."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pixelift.engine.children import Child, ChildDied, error_from
from pixelift.engine.regions import Region, Wanted
from pixelift.errors import InvalidImage

_CHILD = "pixelift.engine.inspection_child"
_PICTURES_PER_CHILD = 200


@dataclass(frozen=True)
class Facts:
    """What a picture is. Sizes are those of the upright picture; alpha counts when some pixel is not opaque.

    `colours` says what became of them for the network: `kept`, `retoned` (same primaries) or `converted` to sRGB.
    """

    format: str
    width_px: int
    height_px: int
    has_alpha: bool
    bit_depth: int
    mode: str
    has_icc: bool
    has_preview: bool
    colours: str = "kept"
    frames: int = 1

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Facts:
        return cls(**data)


@dataclass(frozen=True)
class Cut:
    """A piece of a picture: what it is, which region of the picture was wanted, and where in the piece that lies."""

    facts: Facts
    region: Region
    part: Region

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Cut:
        return cls(Facts.from_json(data["facts"]), Region(**data["region"]), Region(**data["part"]))


class Inspector:
    """A few long-lived children, each bounded in memory, processor time and wall time. For any number of threads."""

    def __init__(self, *, processes: int = 1, wall_s: float = 20, memory_bytes: int = 3_000_000_000) -> None:
        self._wall_s = wall_s
        self._arguments = (str(wall_s), str(memory_bytes))
        self._seats: queue.LifoQueue[_Seat] = queue.LifoQueue()
        for _ in range(processes):
            self._seats.put(_Seat())
        self._processes = processes

    def inspect(self, source: Path, *, max_pixels: int, thumbnail: Path, preview: Path) -> Facts:
        """Decode the picture once; write its thumbnail (WebP) and, where browsers do not show it, a preview (PNG).

        Raises UnsupportedFormat, InvalidImage, ImageTooLarge, StorageFull.
        """
        answer = self._ask(source, max_pixels, thumbnail=str(thumbnail), preview=str(preview))
        return Facts.from_json(answer["facts"])

    def cut(self, source: Path, wanted: Wanted, *, max_pixels: int, piece: Path, shown: Path) -> Cut:
        """Decode the picture once; write the wanted region as PNG with a margin to `piece`, and alone to `shown`.

        Raises ValidationFailed when the region lies outside, and what `inspect` raises.
        """
        answer = self._ask(source, max_pixels, wanted=asdict(wanted), piece=str(piece), shown=str(shown))
        return Cut.from_json(answer["cut"])

    def close(self) -> None:
        """Wait for what is being looked at, then end the children."""
        for seat in [self._seats.get() for _ in range(self._processes)]:
            seat.empty()
            self._seats.put(seat)

    def _ask(self, source: Path, max_pixels: int, **order: Any) -> dict[str, Any]:
        with self._seat() as seat:
            answer = seat.ask({"source": str(source), "max_pixels": max_pixels, **order}, self._arguments, self._wall_s)
        if "error" in answer:
            raise error_from(answer)
        return answer

    @contextlib.contextmanager
    def _seat(self) -> Iterator[_Seat]:
        seat = self._seats.get()
        try:
            yield seat
        finally:
            self._seats.put(seat)


class _Seat:
    """The place of one child, taken by its successors."""

    def __init__(self) -> None:
        self._child: Child | None = None
        self._seen = 0

    def ask(self, order: dict[str, Any], arguments: tuple[str, ...], wall_s: float) -> dict[str, Any]:
        """Raise InvalidImage when the child has no answer."""
        child = self._fresh(arguments)
        answer = None
        try:
            child.send(order)
            answer = child.receive(wall_s)
        except ChildDied as error:
            raise InvalidImage from error
        finally:
            if answer is None:
                self.empty()
        if answer is None:
            raise InvalidImage(f"This picture took longer than {wall_s:g} s to open, so we stopped.")
        return answer

    def empty(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _fresh(self, arguments: tuple[str, ...]) -> Child:
        """Return a child that lives and waits, so that what happens next is the picture's doing."""
        if self._seen % _PICTURES_PER_CHILD == 0:
            self.empty()
        self._seen += 1
        if self._child is None or not self._child.alive:
            self.empty()
            self._child = Child(_CHILD, *arguments)
            self._child.wait_ready()
        return self._child
