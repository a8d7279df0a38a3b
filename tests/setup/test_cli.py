"""Networks from the command line, without any server."""

from __future__ import annotations

from click.testing import CliRunner

from pixelift.cli import cli

FAST = "realesr-animevideov3"


def test_the_weights_are_as_published() -> None:
    done = CliRunner().invoke(cli, ["models", "verify"])
    assert done.exit_code == 0, done.output
    assert done.output.count("ok\n") == CliRunner().invoke(cli, ["models", "list"]).output.count("installed\n") == 3


def test_an_unknown_model_cannot_be_pulled() -> None:
    assert CliRunner().invoke(cli, ["models", "pull", FAST]).exit_code == 0
    assert CliRunner().invoke(cli, ["models", "pull", "nothing"]).exit_code == 1
