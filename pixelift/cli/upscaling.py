"""The command that makes pictures larger, without any server."""

from __future__ import annotations

import contextlib
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from pixelift.cli import errands, options
from pixelift.cli.display import Display
from pixelift.cli.errands import Errands
from pixelift.cli.workbench import Verdict, Workbench
from pixelift.engine import host as engine
from pixelift.engine.catalogue import DEFAULT_MODEL, Kind
from pixelift.engine.options import MAX_SCALE, MIN_SCALE, Fit, Format, Options
from pixelift.engine.shelf import Shelf
from pixelift.errors import UnsupportedFormat

STRENGTH = click.FloatRange(0, 1)
PIXELS = click.IntRange(1)


@click.command()
@click.argument("sources", metavar="IN…", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.argument("destination", metavar="OUT", type=click.Path())
@click.option("--scale", type=click.FloatRange(MIN_SCALE, MAX_SCALE), default=4, show_default=True)
@click.option("--width", "width_px", type=PIXELS, help="Pixels, in place of --scale. One of the two keeps the shape.")
@click.option("--height", "height_px", type=PIXELS, help="Pixels, as well.")
@click.option(
    "--fit", type=click.Choice(Fit, case_sensitive=False), default="inside", show_default=True, help="Into both."
)
@click.option("--model", help=f"A name that `models list` shows.  [default: {DEFAULT_MODEL}]")
@click.option("--faces", "enhance_face", type=STRENGTH, default=0, metavar="0..1", help="How much to restore faces.")
@click.option("--denoise", type=STRENGTH, default=0, metavar="0..1", help="How much noise to take away first.")
@click.option(
    "--format", type=click.Choice(Format, case_sensitive=False), help="[default: by the name of OUT, else as IN]"
)
@click.option("--quality", type=click.IntRange(1, 100), help="Of JPEG, WebP and AVIF.")
@click.option("--no-metadata", is_flag=True, help="Leave out who took the picture, when and with what.")
@click.option("--keep-location", is_flag=True, help="Keep where it was taken, which is left out otherwise.")
@click.option("--force", is_flag=True, help="Make anew what is done already.")
@options.data_dir
@click.pass_context
def upscale(
    context: click.Context,
    /,
    sources: tuple[Path, ...],
    destination: str,
    data_dir: Path | None,
    *,
    no_metadata: bool,
    force: bool,
    **chosen: Any,
) -> None:
    """Make pictures larger, here and now.

    One file IN becomes the file OUT. Several, and all pictures below a folder, go into the folder OUT, where a
    result that is newer than its source is left as it is.
    """
    has_scale = context.get_parameter_source("scale") is not ParameterSource.DEFAULT
    if has_scale and (chosen["width_px"] or chosen["height_px"]):
        raise click.UsageError("Give either --scale, or --width and --height.")
    wanted = Options(**chosen, keep_metadata=not no_metadata)
    _require(options.shelf(data_dir), wanted)
    work, anew = _work(sources, destination, wanted.format)
    settings = options.settings(data_dir=data_dir)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: nothing half-written stays
    network = engine.Engine(**settings.engine)
    with contextlib.closing(network), Display(len(work.wanted)) as display:
        for fault in work.faults:
            display.complain(fault)
        tally = Workbench(network, wanted, display).run(work.wanted, anew=anew or force)
    tally[Verdict.FAILED] += len(work.faults)
    if tally.total() != 1:
        click.echo(_summary(tally, work.others), err=True)
    context.exit(1 if tally[Verdict.FAILED] else 0)


def _require(shelf: Shelf, wanted: Options) -> None:
    """Notice before an engine is started that a network is not there. Raises ValidationFailed, ModelNotInstalled."""
    shelf.take(wanted.model)
    if wanted.enhance_face and not shelf.installed(Kind.FACE):
        shelf.take(shelf.all(Kind.FACE)[0].name, Kind.FACE)


def _work(sources: tuple[Path, ...], destination: str, chosen: Format | None) -> tuple[Errands, bool]:
    """Say what is to be done, and whether in any case: who names one result wants just that."""
    out = Path(destination)
    if len(sources) > 1 or sources[0].is_dir() or out.is_dir() or destination.endswith(os.sep):
        return errands.many(sources, out, chosen), False
    return errands.one(sources[0], out, chosen or _format_of(out)), True


def _format_of(path: Path) -> Format:
    found = errands.format_of(path)
    if found is None:
        raise UnsupportedFormat(f"{path} does not say which format to write. Add --format, or end it in .png or .jpg.")
    return found


def _summary(tally: Counter[Verdict], others: int) -> str:
    counts = ", ".join(f"{tally[verdict]} {verdict}" for verdict in Verdict)
    passed = f"{others} other files were" if others > 1 else "1 other file was"
    return f"{counts}." + (f" {passed} passed over." if others else "")


COMMANDS = (upscale,)
