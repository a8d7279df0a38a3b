from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from pixelift.engine import pipeline
from pixelift.engine.inspection import Inspector
from pixelift.engine.options import Options
from pixelift.engine.orders import Order, Outcome

FAST = "realesr-animevideov3"

Make = Callable[..., Image.Image]
Save = Callable[..., Path]
Enlarge = Callable[..., tuple[Image.Image, Outcome]]


@pytest.fixture(scope="session", autouse=True)
def _as_many_threads_as_cores() -> None:
    torch.set_num_threads(2)


@pytest.fixture(scope="session")
def inspector() -> Iterator[Inspector]:
    inspector = Inspector(wall_s=10)
    yield inspector
    inspector.close()


@pytest.fixture
def inspect(inspector: Inspector, tmp_path: Path) -> Callable[..., Any]:
    def look(source: Path, max_pixels: int = 1_000_000) -> Any:
        return inspector.inspect(
            source, max_pixels=max_pixels, thumbnail=tmp_path / "thumbnail.webp", preview=tmp_path / "preview.png"
        )

    return look


@pytest.fixture(scope="session")
def picture() -> Make:
    """Return a smooth colour picture, unlike itself when turned."""

    def make(width_px: int = 24, height_px: int = 16, mode: str = "RGB") -> Image.Image:
        y, x = np.mgrid[0:height_px, 0:width_px] / max(width_px, height_px)
        slopes = np.stack([0.8 - 0.5 * x, 0.8 - 0.5 * y, 0.3 + 0.5 * x * y], 2)
        return Image.fromarray((slopes * 255).astype(np.uint8)).convert(mode)

    return make


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def write(image: Image.Image, name: str = "source.png", **how: Any) -> Path:
        path = tmp_path / name
        image.save(path, **how)
        return path

    return write


@pytest.fixture
def enlarge(tmp_path: Path, save: Save) -> Enlarge:
    """Run the whole engine in this process, with the small network."""

    def run(source: Image.Image | Path, **options: Any) -> tuple[Image.Image, Outcome]:
        path = source if isinstance(source, Path) else save(source)
        order = Order(path, tmp_path / "result", Options(**{"model": FAST, "scale": 2, **options}))
        outcome = pipeline.run(order, pipeline.tools("cpu"), lambda _progress: None)
        with Image.open(order.destination) as result:
            result.load()
        return result, outcome

    return run
