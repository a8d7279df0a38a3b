"""Pictures from the command line, without any server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from pixelift.cli import cli, errands, workbench
from pixelift.engine.host import Engine
from pixelift.engine.options import Format
from pixelift.engine.orders import Face, Outcome, Untouched
from pixelift.errors import ModelNotInstalled, StorageFull
from tests.conftest import png

FAST = "realesr-animevideov3"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "cup.png"
    path.write_bytes(png((12, 8)))
    return path


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A folder as people have them: pictures, others, and one that only seems to be a picture."""
    for name in ("one.png", "summer/two.bmp", ".hidden/three.png"):
        path = tmp_path / "album" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.linear_gradient("L").resize((12, 8)).save(path)
    (tmp_path / "album/notes.txt").write_text("no picture, and not meant as one")
    (tmp_path / "album/torn.png").write_bytes(png()[:60])
    return tmp_path / "album"


def upscale(*words: str | Path, scale: str = "2") -> Result:
    return CliRunner().invoke(cli, ["upscale", *map(str, words), "--scale", scale, "--model", FAST])


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_one_file_becomes_the_named_file(source: Path) -> None:
    out = source.with_name("out.jpg")
    done = upscale(source, out)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"{out}: 24 x 16, ")
    with Image.open(out) as result:
        assert (result.format, result.size) == ("JPEG", (24, 16))


def test_what_was_there_stays_when_the_work_fails(source: Path) -> None:
    out = source.with_name("out.png")
    out.write_text("precious")
    source.write_text("no picture")
    done = upscale(source, out)
    assert done.exit_code == 1
    assert f"{source}: We can't read this file." in done.stderr
    assert out.read_text() == "precious"
    assert below(source.parent) == ["cup.png", "out.png"]


def test_an_exact_size_and_less_noise_in_another_format(source: Path) -> None:
    words = ["--width", "20", "--height", "20", "--fit", "cover", "--denoise", "0.5", "--format", "webp"]
    out = source.with_name("large")
    done = CliRunner().invoke(cli, ["upscale", str(source), f"{out}/", *words, "--quality", "60", "--model", FAST])
    assert done.exit_code == 0, done.output
    with Image.open(out / "cup.webp") as result:
        assert (result.format, result.size) == ("WEBP", (20, 20))


def test_faces_without_a_model_for_them_name_the_command(source: Path, tmp_path: Path) -> None:
    done = upscale(source, source.with_name("out.png"), "--faces", "0.8", "--data-dir", tmp_path)
    assert isinstance(done.exception, ModelNotInstalled)
    assert "pull" in done.exception.message


def test_the_engine_hears_how_much_memory_it_may_take(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(network: Any, *_order: object) -> None:
        raise StorageFull(f"told {network._arguments[-1]}")

    monkeypatch.setenv("PIXELIFT_ENGINE_MEMORY_BYTES", "600000000")
    monkeypatch.setattr(Engine, "run", run)
    assert str(upscale(source, source.with_name("out.png")).exception) == "told 600000000"


def test_a_folder_keeps_its_tree_and_one_bad_picture_keeps_none_back(album: Path) -> None:
    out = album.with_name("large")
    done = upscale(album, out)
    assert done.exit_code == 1
    assert below(out) == ["one.png", "summer/two.png"]
    assert [line for line in done.stderr.splitlines() if "torn.png: " in line and line.endswith(".")]
    assert "2 made, 0 done before, 1 failed. 1 other file was passed over." in done.stderr


def test_only_what_is_new_is_made_again_unless_forced(album: Path) -> None:
    out = album.with_name("large")
    (album / "torn.png").unlink()
    for name in ("one.png", "summer/two.png"):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("made before")
    os.utime(album / "summer/two.bmp", (time.time() + 9, time.time() + 9))
    assert "1 made, 1 done before, 0 failed." in upscale(album, out).stderr
    assert (out / "one.png").read_text() == "made before"
    assert "2 made, 0 done before, 0 failed." in upscale(album, out, "--force").stderr


def test_a_place_that_cannot_be_written_is_a_sentence(source: Path) -> None:
    (source.parent / "plain").write_text("a file where a folder is needed")
    done = upscale(source, source, f"{source.parent}/plain/")
    assert done.exit_code == 1
    assert f"plain{os.sep}cup.png cannot be written: " in done.stderr


def test_size_is_said_once(source: Path) -> None:
    done = upscale(source, source.with_name("out.png"), "--width", "20")  # which adds --scale
    assert done.exit_code == 2
    assert "either --scale, or --width and --height" in done.stderr


def test_the_format_comes_from_the_name_or_the_flag(source: Path) -> None:
    done = upscale(source, source.with_name("out.xyz"))
    assert "Add --format" in str(done.exception)


def test_a_result_never_replaces_its_source_or_a_twin(tmp_path: Path) -> None:
    for name in ("cup.png", "cup.bmp"):
        (tmp_path / name).write_bytes(png())
    beside = errands.many([tmp_path / "cup.png"], tmp_path, None)
    assert [fault.partition(": ")[2] for fault in beside.faults] == [
        "The result would replace its source. Choose another OUT."
    ]
    twins = errands.many([tmp_path], tmp_path / "large", None)
    assert [errand.source.name for errand in twins.wanted] == ["cup.bmp"]
    assert "as" in twins.faults[0]
    assert "cup.png: Would become" in twins.faults[0]


def test_results_inside_the_folder_are_no_sources(tmp_path: Path) -> None:
    for name in ("cup.jpeg", "large/cup.jpeg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = errands.many([tmp_path], tmp_path / "large", None)
    assert [(errand.source.name, errand.format) for errand in found.wanted] == [("cup.jpeg", Format.JPEG)]
    assert found.wanted[0].destination == tmp_path / "large/cup.jpeg"
    assert errands.many([tmp_path], tmp_path / "large", Format.WEBP).wanted[0].destination.name == "cup.webp"


def test_faces_that_were_left_alone_are_named_beside_the_result() -> None:
    made = Outcome(1024, 768, "png", 2_000_000, "", False, False, "m", "fp32", "cpu", 30.0)
    face, small, failed = (
        Face((0, 0, 9, 9), 0.9, reason is None, None, reason)
        for reason in (None, Untouched.TOO_SMALL, Untouched.FAILED)
    )
    told = {
        (): "1024 x 768, 2.0 MB, no face found",
        (face,): "1024 x 768, 2.0 MB, 1 of 1 faces restored",
        (face, small, failed, small): "1024 x 768, 2.0 MB, 1 of 4 faces restored (2 too small, 1 failed)",
    }
    assert workbench.summary(made) == "1024 x 768, 2.0 MB"
    for faces, line in told.items():
        assert workbench.summary(replace(made, face_model="m", faces=faces)) == line


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, ending: signal.Signals) -> None:
    Image.effect_noise((640, 480), 30).save(tmp_path / "noise.png")
    paths = [str(tmp_path / name) for name in ("noise.png", "out/noise.png")]
    command = [sys.executable, "-P", "-m", "pixelift", "upscale", *paths]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    work = subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.glob("out/.pixelift-*")):
        assert work.poll() is None
        time.sleep(0.05)
    os.killpg(work.pid, ending)  # to the whole group, as a terminal does
    try:
        said = work.communicate(timeout=60)[1]
    finally:
        work.kill()
    assert work.returncode == 1
    assert "Aborted!" in said
    assert "Traceback" not in said
    assert below(tmp_path) == ["noise.png"]
