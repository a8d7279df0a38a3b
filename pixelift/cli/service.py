"""Commands that run Pixelift's processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from pixelift import up as instance
from pixelift.cli import options
from pixelift.settings import Settings
from pixelift.web_server import WebServer


@click.command()
@options.host
@options.port
@options.data_dir
def up(host: str | None, port: int | None, data_dir: Path | None) -> None:
    """Start everything: PostgreSQL, web and workers."""
    instance.run(options.settings(host=host, port=port, data_dir=data_dir))


@click.command()
@options.host
@options.port
@options.data_dir
def web(host: str | None, port: int | None, data_dir: Path | None) -> None:
    """Start a web process only."""
    settings = options.settings(host=host, port=port, data_dir=data_dir)
    _hand_on(settings)
    WebServer(settings).run()


@click.command()
@click.argument("queue", type=click.Choice(["gpu", "io"]))
@options.data_dir
def worker(queue: str, data_dir: Path | None) -> None:
    """Start a worker only: gpu makes pictures, io does the rest."""
    _hand_on(options.settings(data_dir=data_dir))
    os.execv(sys.executable, [sys.executable, "-P", "-m", "worker", queue])  # noqa: S606 - no shell is wanted


@click.command()
@options.data_dir
def migrate(data_dir: Path | None) -> None:
    """Bring the database up to date."""
    instance.migrate(options.settings(data_dir=data_dir))


def _hand_on(settings: Settings) -> None:
    """Have this process's settings be those of the command line, for whoever reads the environment next."""
    instance.make(settings.data_dir)
    os.environ.update(instance.variables(settings))


COMMANDS = (up, web, worker, migrate)
