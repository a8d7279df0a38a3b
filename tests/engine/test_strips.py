from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelift.engine import canvas
from pixelift.engine.orders import Strip
from pixelift.engine.strips import Strips


def test_strips_of_a_very_tall_picture_still_fit_their_format(tmp_path: Path) -> None:
    shown: list[Strip] = []
    ramp = np.linspace(0, 255, 400_000).astype(np.uint8)[:, None].repeat(8, 1)
    with canvas.temporary(tmp_path, ramp.shape, ramp.dtype) as tall:
        tall.write(0, ramp)
        Strips(tmp_path, tall, None, 24, shown.append).advance(400_000)
    assert len(shown) == len(list(tmp_path.glob("*.webp"))) == 24
    for strip in shown:
        with Image.open(strip.path) as image:
            true = ramp[strip.top_px : strip.top_px + strip.height_px].mean()
            assert np.asarray(image.convert("L")).mean() == pytest.approx(true, abs=1)
