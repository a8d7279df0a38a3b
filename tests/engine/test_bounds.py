"""What the engine promises about its surroundings: memory, and who must never load a network library."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

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


@pytest.mark.parametrize("module", WEB_SIDE)
def test_what_the_web_imports_brings_no_heavy_library(module: str) -> None:
    heavy = "{'torch', 'numpy', 'PIL', 'spandrel', 'cv2'}"
    assert _printed(f"import sys, pixelift.engine.{module}; print(sorted({heavy} & set(sys.modules)))") == "[]"


def test_asking_whether_a_model_is_installed_does_not_load_it() -> None:
    asking = "import sys; from pixelift.engine.shelf import Shelf; print(Shelf().find(None).installed)"
    assert _printed(f"{asking}; print('torch' in sys.modules)") == "True\nFalse"


def test_memory_does_not_grow_with_the_picture() -> None:
    assert int(_printed(MEMORY)) < 10  # MB, where all rows of one layer and its result would take 20 MB more


def _printed(program: str) -> str:
    calm = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=calm)
    return done.stdout.strip()
