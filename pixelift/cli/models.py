"""Commands that look after the networks."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from pixelift import pulling
from pixelift.cli import options
from pixelift.engine import adding, records
from pixelift.engine.catalogue import Model
from pixelift.engine.shelf import Shelf
from pixelift.errors import ModelNotInstalled, PixeliftError, ValidationFailed


@click.group()
def models() -> None:
    """Look after the networks."""


@models.command("list")
@options.data_dir
def list_(data_dir: Path | None) -> None:
    """List the networks that are known here."""
    for model in options.shelf(data_dir).all():
        state = "installed" if model.installed else model.remedy
        size = f"{model.size_bytes / 1e6:>6.1f} MB"
        click.echo(f"{model.name:<26}{model.kind:<10}x{model.native_scale}  {size}  {model.licence:<18}{state}")


@models.command()
@options.data_dir
def verify(data_dir: Path | None) -> None:
    """Compare the installed weights with their sums."""
    damaged = []
    for model in filter(_is_installed, options.shelf(data_dir).all()):
        changed = [path for path, file in zip(model.paths, model.files, strict=True) if _sum(path) != file.sha256]
        click.echo(f"{model.name:<26}{'damaged' if changed else 'ok'}")
        damaged += [f"{path} is not the file of {model.name}; run: {model.remedy}." for path in changed]
    if damaged:
        raise ModelNotInstalled(" ".join(damaged))


@models.command()
@click.argument("names", nargs=-1, metavar="NAME…")
@click.option("--all", "everything", is_flag=True, help="All official weights whose licence asks for nothing more.")
@click.option("--accept-licence", is_flag=True, help="Agree to conditions of use, such as non-commercial.")
@options.data_dir
def pull(names: tuple[str, ...], data_dir: Path | None, *, everything: bool, accept_licence: bool) -> None:
    """Fetch official weights into the models folder; what broke off is gone on with."""
    shelf = options.shelf(data_dir)
    wanted = [shelf.find(name, kind=None) for name in names]
    if everything:
        wanted += [model for model in shelf.all() if model.url and (accept_licence or not model.terms)]
    if not wanted:
        raise click.UsageError("Say which: a NAME from `pixelift models list`, or --all.")
    for model in wanted:
        _pull(model, shelf, accepted=accept_licence)


@models.command()
@click.argument("path", metavar="FILE_OR_FOLDER", type=click.Path(exists=True, path_type=Path))
@click.option("--name", help="What requests call it.  [default: by the file]")
@click.option("--title", help="What people read.")
@click.option("--description", default="", help="What it is good for.")
@click.option("--licence", default="unknown", show_default=True, help="In a word, as BSD-3-Clause.")
@click.option("--licence-file", type=click.File(), help="Its text, kept beside the weights.")
@options.data_dir
def add(path: Path, licence_file: Any, data_dir: Path | None, **said: Any) -> None:
    """Add networks of your own: .safetensors or .pth, any architecture that spandrel knows."""
    files, shelf = adding.files(path), options.shelf(data_dir)
    if said["name"] and len(files) > 1:
        raise click.UsageError("--name is for one file.")
    label = adding.Label(**said, licence_text=licence_file.read() if licence_file else None)
    refused = []
    for file in files:
        try:
            model = adding.add(file, shelf, label)
            click.echo(f"{model.name}: {model.architecture}, x{model.native_scale}, {model.size_bytes / 1e6:.1f} MB")
        except PixeliftError as error:
            refused.append(error.message)
    if refused:
        raise ValidationFailed(" ".join(refused))


@models.command()
@click.argument("name")
@options.data_dir
def remove(name: str, data_dir: Path | None) -> None:
    """Remove weights that were pulled or added."""
    shelf = options.shelf(data_dir)
    model = shelf.find(name, kind=None)
    if shelf.folder is None or model.home != shelf.folder:
        raise ValidationFailed(f"{name} came with the installation and stays.")
    records.forget(model, shelf.folder)
    click.echo(f"{name} is removed.")


def _pull(model: Model, shelf: Shelf, *, accepted: bool) -> None:
    if model.url is None or shelf.folder is None:
        click.echo(f"{model.name} came with the installation or was added; there is nothing to pull.")
        return
    if model.installed and _sum(model.paths[0]) == model.sha256:
        click.echo(f"{model.name} is here already.")
        return
    if model.terms and not accepted:
        click.confirm(f"{model.terms}\nDo you agree?", abort=True, err=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(model.name, total=model.size_bytes)
        session = pulling.secure_session()
        path = pulling.pull(model, shelf.folder, session=session, tell=lambda done: bar.update(task, completed=done))
    click.echo(f"{model.name}: {path} ({model.licence})")


def _is_installed(model: Model) -> bool:
    return model.installed


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


COMMANDS = (models,)
