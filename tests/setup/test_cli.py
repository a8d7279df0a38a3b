"""The engine from the command line, without any server."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from pixelift.cli import cli
from pixelift.errors import PixeliftError
from tests.conftest import png

FAST = "realesr-animevideov3"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "cup.png"
    path.write_bytes(png((12, 8)))
    return path


def test_a_picture_is_made_larger(source: Path) -> None:
    out = source.with_name("out.jpg")
    done = CliRunner().invoke(cli, ["upscale", str(source), str(out), "--scale", "2", "--model", FAST])
    assert done.exit_code == 0, done.output
    with Image.open(out) as result:
        assert (result.format, result.size) == ("JPEG", (24, 16))


def test_what_was_there_stays_when_the_work_fails(source: Path) -> None:
    out = source.with_name("out.png")
    out.write_text("precious")
    source.write_text("no picture")
    done = CliRunner().invoke(cli, ["upscale", str(source), str(out), "--model", FAST])
    assert isinstance(done.exception, PixeliftError)
    assert out.read_text() == "precious"
    assert sorted(path.name for path in source.parent.iterdir()) == ["cup.png", "out.png"]


def test_the_format_comes_from_the_name_or_the_flag(source: Path) -> None:
    done = CliRunner().invoke(cli, ["upscale", str(source), str(source.with_name("out.xyz"))])
    assert "Add --format" in str(done.exception)


def test_the_weights_are_as_published() -> None:
    done = CliRunner().invoke(cli, ["models", "verify"])
    assert done.exit_code == 0, done.output
    assert done.output.count("ok\n") == len(CliRunner().invoke(cli, ["models", "list"]).output.splitlines())


def test_an_unknown_model_cannot_be_pulled() -> None:
    assert CliRunner().invoke(cli, ["models", "pull", FAST]).exit_code == 0
    assert CliRunner().invoke(cli, ["models", "pull", "nothing"]).exit_code == 1
