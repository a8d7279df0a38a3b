"""Taking a stranger's network in: copied, looked at by a child that may die of it, and only then given a name."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pixelift.engine import records
from pixelift.engine.catalogue import File, Kind, Model
from pixelift.engine.children import Child, ChildDied, error_from
from pixelift.engine.published import PUBLISHED
from pixelift.engine.shelf import Shelf
from pixelift.errors import Conflict, ValidationFailed

MAX_BYTES = 2_000_000_000
_CHILD = "pixelift.engine.adding_child"
_WALL_S = 180


@dataclass(frozen=True)
class Label:
    """What its owner says of a model; whatever is None is made from the file's name."""

    name: str | None = None
    title: str | None = None
    description: str = ""
    licence: str = "unknown"
    licence_text: str | None = None


def files(path: Path) -> list[Path]:
    """Return the files of weights that the path means: itself, or those of its folder. Raises ValidationFailed."""
    found = sorted(each for each in path.iterdir() if each.suffix in records.SUFFIXES) if path.is_dir() else [path]
    if not found:
        raise ValidationFailed(f"{path} holds no .safetensors or .pth file.")
    return found


def add(path: Path, shelf: Shelf, label: Label = Label()) -> Model:
    """Put the network of this file on the shelf. One that we publish ourselves is known by its sum.

    Raises ValidationFailed when it is no network that we can run, Conflict when the name is taken.
    """
    folder = _folder(shelf)
    with _copied(path, folder) as (draft, sha256):
        official = next((model for model in PUBLISHED if model.sha256 == sha256), None)
        if official:
            draft.replace(folder / official.files[0].name)
            return replace(official, home=folder)
        name = _name(path, label, shelf)
        model = _model(name, label, File(f"{name}{path.suffix}", sha256), _looked_at(draft, path), draft.stat().st_size)
        draft.replace(folder / model.files[0].name)
    if label.licence_text is not None:
        (folder / f"{name}.licence.txt").write_text(label.licence_text)
    records.write(model, folder)
    return replace(model, home=folder)


def _folder(shelf: Shelf) -> Path:
    if shelf.folder is None:
        raise ValidationFailed("There is no folder for models here.")
    shelf.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return shelf.folder


@contextmanager
def _copied(path: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    """Give a copy that nobody else can change, and its sum."""
    if path.suffix not in records.SUFFIXES:
        raise _refused(path, "only .safetensors and .pth files are taken")
    if not path.is_file():
        raise _refused(path, "it is no file")
    if not 0 < path.stat().st_size <= MAX_BYTES:
        raise _refused(path, f"it has {path.stat().st_size:,} bytes, and at most {MAX_BYTES:,} are taken")
    with tempfile.TemporaryDirectory(dir=folder, prefix=".adding-") as inner:
        draft = Path(inner, f"weights{path.suffix}")
        shutil.copyfile(path, draft)
        with draft.open("rb") as file:
            yield draft, hashlib.file_digest(file, "sha256").hexdigest()


def _name(path: Path, label: Label, shelf: Shelf) -> str:
    name = label.name or re.sub(r"[^A-Za-z0-9._-]+", "-", path.stem).strip("-._")
    if not records.is_name(name) or name == "auto":
        raise ValidationFailed(
            f"{name!r} cannot name a model. Take letters, digits, dots and dashes, at most 64: --name NAME"
        )
    if name.casefold() in {model.name.casefold() for model in shelf.all()}:
        raise Conflict(f"There is a model {name} already. Choose another: --name NAME")
    return name


def _looked_at(draft: Path, path: Path) -> dict[str, Any]:
    child = Child(_CHILD)
    try:
        child.wait_ready()
        child.send({"path": str(draft)})
        answer = child.receive(_WALL_S)
    except ChildDied as error:
        raise _refused(path, "looking at it took more than a network should need") from error
    finally:
        child.kill()
    if answer is None:
        raise _refused(path, f"it could not be looked at within {_WALL_S} s")
    if "refused" in answer:
        raise _refused(path, answer["refused"])
    if "error" in answer:
        raise error_from(answer)
    return answer


def _model(name: str, label: Label, file: File, facts: dict[str, Any], size_bytes: int) -> Model:
    kind = Kind(facts["kind"])
    does = "restores faces" if kind is Kind.FACE else f"enlarges {facts['scale']} times"
    return Model(
        name=name,
        title=label.title or name,
        description=label.description or f"Added here. {facts['architecture']}, {does}.",
        architecture=facts["architecture"],
        native_scale=facts["scale"],
        licence=label.licence,
        size_bytes=size_bytes,
        files=(file,),
        remedy="pixelift models add FILE",
        kind=kind,
        halves=facts["exact"],  # bf16 and fp16 are measured for the two families that stream, and for no other
    )


def _refused(path: Path, reason: str) -> ValidationFailed:
    return ValidationFailed(f"{path.name} was refused: {reason}.")
