from __future__ import annotations

from pathlib import Path

import numpy as np

from pixelift.engine.orders import Strip
from pixelift.engine.strips import Strips


def test_strips_of_a_very_tall_picture_still_fit_their_format(tmp_path: Path) -> None:
    shown: list[Strip] = []
    strips = Strips(tmp_path, np.zeros((400_000, 8), np.uint8), None, 24, shown.append)
    strips.advance(400_000)
    assert len(shown) == len(list(tmp_path.glob("*.webp"))) == 24
