"""Flags that several commands share, and the settings they make."""

from __future__ import annotations

from pathlib import Path

import click
from pydantic import ValidationError

from pixelift.engine.shelf import Shelf
from pixelift.errors import CannotStart
from pixelift.settings import Settings

data_dir = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="Where everything of the instance lives.  [PIXELIFT_DATA_DIR; default: ./var]",
)
host = click.option("--host", help="The address to listen on.  [PIXELIFT_HOST; default: 127.0.0.1]")
port = click.option("--port", type=int, help="The port to listen on.  [PIXELIFT_PORT; default: 8000]")


def settings(**given: object) -> Settings:
    """Read the environment, overruled by the flags that were given. Raises CannotStart, which names every fault."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        faults = ", ".join(f"{_variable(fault['loc'])}: {fault['msg'].lower()}" for fault in error.errors())
        raise CannotStart(f"The settings are wrong ({faults}).") from error


def shelf(data_dir: Path | None) -> Shelf:
    return Shelf(settings(data_dir=data_dir).models_dir)


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0]).upper()
    return name if name == "DATABASE_URL" else f"PIXELIFT_{name}"
