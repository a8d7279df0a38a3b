"""Results are written row by row, and read by others as they were meant."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
from numpy.typing import NDArray
from PIL import Image

from pixelift.engine import canvas, jpeg, png, tiff
from pixelift.engine.canvas import Canvas
from pixelift.engine.metadata import Metadata

Levels = NDArray[Any]
Put = Callable[[Levels], Canvas]

MEMORY = """
import sys
from pathlib import Path
import numpy as np
from pixelift.engine import canvas, jpeg, png, tiff
from pixelift.engine.metadata import Metadata
def megabytes(name):
    return int(next(line for line in open("/proc/self/status") if line.startswith(name)).split()[1]) // 1024
size = (4000, 10_000, 3)
room = canvas.temporary(Path(sys.argv[1]), size, np.dtype(np.uint8))
with room as pixels, open(sys.argv[1] + "/result", "wb") as file:
    before = megabytes("VmHWM")
    png.write(file, pixels, None, Metadata())
    tiff.write(file, pixels, None, Metadata())
    jpeg.write(file, pixels, None, Metadata(), 90, fine=False)
    print(megabytes("VmHWM") - before)
"""


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lay levels on a canvas, whose bands are of few rows."""
    monkeypatch.setattr(canvas, "_BAND_BYTES", 2000)
    opened = []

    def lay(levels: Levels) -> Canvas:
        room = canvas.temporary(tmp_path, levels.shape, levels.dtype)
        opened.append(room)
        pixels = room.__enter__()
        pixels.write(0, levels)
        return pixels

    yield lay
    for room in opened:
        room.__exit__(None, None, None)


def noise(shape: tuple[int, ...], depth: type[np.uint8 | np.uint16]) -> Levels:
    return np.random.default_rng(5).integers(0, np.iinfo(depth).max, shape, depth, endpoint=True)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1), (50, 30), (9, 300, 2), (300, 9, 3), (77, 50, 4), (3, 1, 3)])
@pytest.mark.parametrize(("writer", "loader"), [(png, "pngload"), (tiff, "tiffload")])
def test_every_level_comes_back(
    writer: Any, loader: str, shape: tuple[int, ...], depth: Any, put: Put, tmp_path: Path
) -> None:
    levels, path = noise(shape, depth), tmp_path / "result"
    with path.open("wb") as file:
        writer.write(file, put(levels), None, Metadata())
    read = getattr(pyvips.Image, loader)(str(path), fail_on="warning").numpy()
    assert np.array_equal(read.reshape(shape), levels)


def test_what_is_too_large_for_a_tiff_becomes_a_bigtiff(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiff, "_CLASSIC_BYTES", 1000)
    monkeypatch.setattr(tiff, "_STRIP_BYTES", 3000)
    levels, path = noise((90, 30, 3), np.uint16), tmp_path / "result"
    with path.open("wb") as file:
        tiff.write(file, put(levels), None, Metadata(dpi=(300, 300)))
    assert path.read_bytes()[:4] == b"II+\0"
    assert np.array_equal(pyvips.Image.tiffload(str(path), fail_on="warning").numpy(), levels)
    with Image.open(path) as image:
        assert image.info["dpi"] == (300, 300)


@pytest.mark.parametrize("fine", [False, True])
@pytest.mark.parametrize("shape", [(1, 1, 3), (50, 30), (33, 17, 3), (200, 90, 3), (7, 700, 3)])
def test_a_jpeg_of_bands_is_the_one_of_the_whole(
    shape: tuple[int, ...],
    fine: bool,  # noqa: FBT001
    put: Put,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jpeg, "_BAND_BYTES", 5000)
    levels, whole, path = noise(shape, np.uint8), io.BytesIO(), tmp_path / "result"
    with path.open("wb") as file:
        jpeg.write(file, put(levels), None, Metadata(), 90, fine=fine)
    Image.fromarray(levels).save(whole, "JPEG", quality=90, subsampling="4:4:4" if fine else "4:2:0")
    assert np.array_equal(np.asarray(Image.open(path)), np.asarray(Image.open(whole)))


def test_memory_holds_some_rows_only(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MEMORY, str(tmp_path)]
    taken = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(taken.stdout) < 40  # MB, where the pixels are 120 and Pillow's picture is 160
