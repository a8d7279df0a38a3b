"""What the engine promises about its surroundings: memory, and who must never load a network library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import pyvips
import tifffile
from PIL import Image

WEB_SIDE = ("options", "catalogue", "shelf", "formats", "planning", "inspection", "host", "orders")

MEMORY = """
import resource, numpy as np, torch
from pathlib import Path
from pixelift.engine import gate
from pixelift.engine.shelf import Shelf
from pixelift.engine.streaming import Tiling
from pixelift.engine.upscaler import Upscaler
torch.set_num_threads(2)
upscaler = Upscaler(Shelf().find("realesr-animevideov3"), torch.device("cpu"), "bf16")
def peak_of(height_px):
    source = np.random.default_rng(0).integers(0, 256, (height_px, 96, 3), np.uint8)
    for _rows in gate.enlarged(upscaler, source, Tiling(64)): pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
low = peak_of(200)
print(peak_of(1000) - low)
"""

NO_FILES = """
import resource, sys
from pathlib import Path
from pixelift.engine import reading
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
for path in map(Path, sys.argv[1:]):
    print(reading.read(path).pixels.shape)
"""


@pytest.mark.parametrize("module", WEB_SIDE)
def test_what_the_web_imports_brings_no_heavy_library(module: str) -> None:
    heavy = "{'torch', 'numpy', 'PIL', 'spandrel', 'cv2'}"
    assert _printed(f"import sys, pixelift.engine.{module}; print(sorted({heavy} & set(sys.modules)))") == "[]"


def test_asking_whether_a_model_is_installed_does_not_load_it() -> None:
    asking = "import sys; from pixelift.engine.shelf import Shelf; print(Shelf().find(None).installed)"
    assert _printed(f"{asking}; print('torch' in sys.modules)") == "True\nFalse"


def test_memory_does_not_grow_with_the_picture() -> None:
    assert int(_printed(MEMORY)) < 10  # MB, where all rows of one layer and its result would take 20 MB more


def test_no_decoder_needs_a_file_of_its_own(tmp_path: Path) -> None:
    deep = np.random.default_rng(0).integers(0, 65_536, (96, 64, 3)).astype(np.uint16)
    image = pyvips.Image.new_from_array(deep).copy(interpretation="rgb16")
    image.pngsave(str(tmp_path / "interlaced.png"), interlace=True)
    image.heifsave(str(tmp_path / "deep.avif"), compression="av1", bitdepth=10)
    planes = np.ascontiguousarray(deep.transpose(2, 0, 1))
    tifffile.imwrite(tmp_path / "planes.tif", planes, photometric="rgb", planarconfig="separate")
    tifffile.imwrite(tmp_path / "tiles.tif", deep, photometric="rgb", tile=(16, 16))
    Image.fromarray((deep >> 8).astype(np.uint8)).save(tmp_path / "lossless.webp", lossless=True)
    sources = sorted(map(str, tmp_path.iterdir()))
    printed = _printed(NO_FILES, *sources, VIPS_DISC_THRESHOLD="1k")  # as if these were larger than libvips holds
    assert printed.splitlines() == ["(96, 64, 3)"] * len(sources)


def _printed(program: str, *arguments: str, **environment: str) -> str:
    calm = {**os.environ, "OMP_WAIT_POLICY": "passive", **environment}
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=calm)
    return done.stdout.strip()
