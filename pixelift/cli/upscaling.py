"""The command that makes pictures larger, without any server."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich import filesize
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from pixelift.cli import options
from pixelift.engine import formats
from pixelift.engine import host as engine
from pixelift.engine.catalogue import DEFAULT_MODEL
from pixelift.engine.options import MAX_SCALE, MIN_SCALE, Format, Options
from pixelift.errors import UnsupportedFormat


@click.command()
@click.argument("source", metavar="IN", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("destination", metavar="OUT", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--scale", type=click.FloatRange(MIN_SCALE, MAX_SCALE), default=4, show_default=True)
@click.option("--model", help=f"[default: {DEFAULT_MODEL}]")
@click.option("--format", type=click.Choice([item.value for item in Format]), help="[default: by the name of OUT]")
@click.option("--quality", type=click.IntRange(1, 100), help="Of JPEG, WebP and AVIF.")
@options.data_dir
def upscale(source: Path, destination: Path, data_dir: Path | None, **chosen: Any) -> None:
    """Make one picture larger, here and now."""
    if destination.exists() and destination.samefile(source):
        raise click.ClickException("OUT is IN itself. Give the result a name of its own.")
    settings = options.settings(data_dir=data_dir)
    wanted = Options(**{**chosen, "format": Format(chosen["format"] or _format_of(destination))})
    network = engine.Engine(device=settings.device, precision=settings.precision, models_dir=settings.models_dir)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    try:
        with _draft_of(destination) as draft, Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("starting", total=100)

            def watch(news: engine.Progress | None) -> None:
                if news:
                    bar.update(task, description=news.stage.value, completed=news.percent)

            outcome = network.run(engine.Order(source, draft, wanted), watch)
            bar.update(task, description="done", completed=100)
    finally:
        network.close()
    click.echo(f"{destination}: {outcome.width_px} x {outcome.height_px}, {filesize.decimal(outcome.size_bytes)}")


def _format_of(path: Path) -> str:
    suffix = path.suffix.lower().removeprefix(".")
    names = {extension: name for name, extension in formats.EXTENSIONS.items()}
    found = names.get(suffix, suffix)
    if found not in list(Format):
        raise UnsupportedFormat(f"{path} does not say which format to write. Add --format, or end it in .png or .jpg.")
    return found


@contextlib.contextmanager
def _draft_of(destination: Path) -> Iterator[Path]:
    """Give a path beside the destination to write to; what was at the destination stays until the work succeeded."""
    try:
        with tempfile.TemporaryDirectory(prefix=".pixelift-", dir=destination.parent) as folder:
            draft = Path(folder, destination.name)
            yield draft
            draft.replace(destination)
    except OSError as error:
        raise click.ClickException(f"{destination} cannot be written: {error.strerror}.") from error


COMMANDS = (upscale,)
