"""What every runner is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]  # (H, W, 3) RGB
Run = Callable[[], Pixels | Path]  # one whole call; a path is of a PNG


@dataclass(frozen=True)
class Task:
    """One picture, a PNG at `source`, to be enlarged four times by one model; `folder` is for files of one's own.

    On a `busy` machine, processor time is taken instead of wall time.
    """

    model: str
    source: Path
    folder: Path
    threads: int
    busy: bool = False

    @property
    def picture(self) -> Pixels:
        return np.asarray(Image.open(self.source))

    def graph(self, ending: str) -> Path:
        """Return where the exported network lies."""
        return self.folder / f"{self.model}.{ending}"
