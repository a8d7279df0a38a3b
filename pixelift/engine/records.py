"""What stands beside the file of an added model: NAME.json says what it is, NAME.licence.txt how it may be used."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pixelift.engine.catalogue import File, Kind, Model

SUFFIXES = (".safetensors", ".pth")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TEXTS = ("name", "title", "description", "architecture", "licence")
_log = logging.getLogger(__name__)


def is_name(text: str) -> bool:
    """Whether it may name a model, and files: letters, digits, dots, dashes; at most 64."""
    return _NAME.fullmatch(text) is not None


def write(model: Model, folder: Path) -> None:
    """Make the model known from now on."""
    facts = {name: getattr(model, name) for name in (*_TEXTS, "native_scale", "size_bytes", "sha256", "halves", "kind")}
    draft = folder / f".{model.name}.json.part"
    draft.write_text(json.dumps({**facts, "suffix": Path(model.files[0].name).suffix}, indent=2))
    draft.replace(folder / f"{model.name}.json")


def read(folder: Path) -> Iterator[Model]:
    """Yield the added models; a record that cannot be read is passed over, with a line in the log."""
    for path in sorted(folder.glob("*.json")):
        try:
            yield _model(path.stem, json.loads(path.read_text()), folder)
        except (OSError, ValueError, LookupError, TypeError) as error:
            _log.warning("%s is not the record of a model: %s", path, error)


def forget(model: Model, folder: Path) -> None:
    for name in (f"{model.name}.json", f"{model.name}.licence.txt", *(file.name for file in model.files)):
        (folder / name).unlink(missing_ok=True)


def _model(name: str, facts: dict[str, Any], folder: Path) -> Model:
    if facts["name"] != name or not is_name(name) or facts["suffix"] not in SUFFIXES:
        raise ValueError(name)
    texts: dict[str, Any] = {text: str(facts[text]) for text in _TEXTS}
    return Model(
        **texts,
        native_scale=int(facts["native_scale"]),
        size_bytes=int(facts["size_bytes"]),
        files=(File(f"{name}{facts['suffix']}", str(facts["sha256"])),),
        remedy="pixelift models add FILE",
        home=folder,
        kind=Kind(facts.get("kind", Kind.UPSCALE)),
        halves=bool(facts["halves"]),
    )
