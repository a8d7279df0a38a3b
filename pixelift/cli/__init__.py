"""The command line: `pixelift …`, or `./run …` from a checkout."""

from __future__ import annotations

import sys

import click

import pixelift
from pixelift.cli import accounts, benchmarks, models, service, upscaling
from pixelift.errors import PixeliftError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(pixelift.__version__, package_name="pixelift")
def cli() -> None:
    """Pixelift makes pictures larger and sharper, behind an API and a dashboard."""


for command in (*service.COMMANDS, *accounts.COMMANDS, *models.COMMANDS, *benchmarks.COMMANDS, *upscaling.COMMANDS):
    cli.add_command(command)


def main() -> None:
    """Run a command; what went wrong is one sentence on stderr and exit status 1."""
    try:
        cli(prog_name="pixelift")
    except PixeliftError as error:
        click.echo(error.sentence, err=True)
        sys.exit(1)
