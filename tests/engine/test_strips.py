from __future__ import annotations

from pathlib import Path

import numpy as np

from pixelift.engine import canvas
from pixelift.engine.orders import Strip
from pixelift.engine.strips import Strips


def test_strips_of_a_very_tall_picture_still_fit_their_format(tmp_path: Path) -> None:
    shown: list[Strip] = []
    with canvas.temporary(tmp_path, (400_000, 8), np.dtype(np.uint8)) as empty:
        Strips(tmp_path, empty, None, 24, shown.append).advance(400_000)
    assert len(shown) == len(list(tmp_path.glob("*.webp"))) == 24
