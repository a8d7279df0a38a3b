"""Commands about networks and their speed."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import click

import pixelift
from pixelift.cli import options
from pixelift.errors import ModelNotInstalled

BENCHMARKS = Path(pixelift.__file__).parent.parent / "bench"


@click.group()
def models() -> None:
    """Look after the networks."""


@models.command("list")
@options.data_dir
def list_(data_dir: Path | None) -> None:
    """List the networks that are known here."""
    for model in options.shelf(data_dir).all():
        state = "installed" if model.installed else "missing"
        click.echo(
            f"{model.name:<26}{model.title:<14}x{model.native_scale}  {model.size_bytes / 1e6:>5.1f} MB  {state}"
        )


@models.command()
@options.data_dir
def verify(data_dir: Path | None) -> None:
    """Compare the installed weights with their published sums."""
    for model in options.shelf(data_dir).installed():
        for path, file in zip(model.paths, model.files, strict=True):
            if hashlib.sha256(path.read_bytes()).hexdigest() != file.sha256:
                raise ModelNotInstalled(f"{model.name} is damaged: {path} is not the published file.")
        click.echo(f"{model.name:<26}ok")


@models.command()
@click.argument("name")
@options.data_dir
def pull(name: str, data_dir: Path | None) -> None:
    """See that a network is there; all of them come with the installation."""
    model = options.shelf(data_dir).take(name)
    click.echo(f"{model.name} came with the installation, as every model of the catalogue does; nothing to pull.")


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("name")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(name: str, arguments: tuple[str, ...]) -> None:
    """Run a benchmark of a checkout: bench engine, bench scale."""
    known = sorted(path.stem for path in BENCHMARKS.glob("*.py"))
    if name not in known:
        raise click.ClickException(f"Say which benchmark: {', '.join(known)}. Each explains itself with --help.")
    found_in = os.environ | {"PYTHONPATH": str(BENCHMARKS.parent)}
    os.execve(sys.executable, [sys.executable, "-m", f"bench.{name}", *arguments], found_in)  # noqa: S606 - no shell


COMMANDS = (models, bench)
