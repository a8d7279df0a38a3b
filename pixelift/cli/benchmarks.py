"""Commands about speed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

import pixelift

BENCHMARKS = Path(pixelift.__file__).parent.parent / "bench"


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("name")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(name: str, arguments: tuple[str, ...]) -> None:
    """Run a benchmark of a checkout: bench engine, bench gpu, bench scale."""
    known = sorted(path.stem for path in BENCHMARKS.glob("*.py"))
    if name not in known:
        raise click.ClickException(f"Say which benchmark: {', '.join(known)}. Each explains itself with --help.")
    found_in = os.environ | {"PYTHONPATH": str(BENCHMARKS.parent)}
    os.execve(sys.executable, [sys.executable, "-m", f"bench.{name}", *arguments], found_in)  # noqa: S606 - no shell


COMMANDS = (bench,)
