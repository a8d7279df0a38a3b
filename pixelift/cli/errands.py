"""Which picture on the command line becomes which file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pixelift.engine import formats
from pixelift.engine.options import Format

FORMATS = {extension: name for name, extension in formats.EXTENSIONS.items()} | {
    name: name for name in formats.EXTENSIONS
}


@dataclass(frozen=True)
class Errand:
    """One picture to enlarge; the result's format is decided, so that its name is known before any work."""

    source: Path
    destination: Path
    format: Format

    @property
    def is_done(self) -> bool:
        """Whether the result is there and not older than its source."""
        try:
            return self.destination.stat().st_mtime >= self.source.stat().st_mtime
        except OSError:
            return False


@dataclass
class Errands:
    """What is to be done, what cannot be and why, and how many files are no pictures."""

    wanted: list[Errand] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    others: int = 0
    _sources: dict[Path, Path] = field(default_factory=dict)

    def add(self, source: Path, destination: Path, chosen: Format) -> None:
        twin = self._sources.setdefault(destination, source)
        if twin != source:
            self.faults.append(f"{source}: Would become {destination}, as {twin} does. Give one of them another name.")
        elif destination.exists() and destination.samefile(source):
            self.faults.append(f"{source}: The result would replace its source. Choose another OUT.")
        else:
            self.wanted.append(Errand(source, destination, chosen))


def one(source: Path, destination: Path, chosen: Format) -> Errands:
    """Make this one file of that one file."""
    errands = Errands()
    errands.add(source, destination, chosen)
    return errands


def many(sources: Iterable[Path], folder: Path, chosen: Format | None) -> Errands:
    """Put files into the folder; what comes from a folder keeps its place below it, and only pictures come."""
    errands = Errands()
    for source in sources:
        if source.is_dir():
            _add_all(errands, source, folder, chosen)
        else:
            _add(errands, source, folder / source.name, chosen)
    return errands


def _add_all(errands: Errands, source: Path, folder: Path, chosen: Format | None) -> None:
    for path in _below(source, folder):
        if _suffix(path) in FORMATS:
            _add(errands, path, folder / path.relative_to(source), chosen)
        else:
            errands.others += 1


def _add(errands: Errands, source: Path, place: Path, chosen: Format | None) -> None:
    own = chosen or format_of(source) or Format.PNG
    errands.add(source, _renamed(place, own), own)


def format_of(path: Path) -> Format | None:
    """Return the format that a file name stands for, if we write it."""
    name = FORMATS.get(_suffix(path))
    return Format(name) if name in set(Format) else None


def _renamed(place: Path, chosen: Format) -> Path:
    """A name that says the right format already stays as it is: photo.jpeg does not become photo.jpg."""
    return place if format_of(place) is chosen else place.with_suffix(f".{formats.EXTENSIONS[chosen]}")


def _below(folder: Path, results: Path) -> Iterator[Path]:
    """Yield the files in name order; hidden ones and earlier results stay out."""
    for top, folders, files in os.walk(folder):
        here = Path(top)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not _same(here / name, results))
        yield from (here / name for name in sorted(files) if not name.startswith("."))


def _same(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)


def _suffix(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")
