"""Writing a result: whole and durable, or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image

from pixelift.engine import formats, jpeg, pixels, png, tiff, vips
from pixelift.engine.canvas import Canvas
from pixelift.engine.metadata import Metadata
from pixelift.engine.options import Format
from pixelift.engine.planning import Plan
from pixelift.engine.reels import Reel

_CHUNK_BYTES = 1 << 20


def write(canvas: Canvas, path: Path, plan: Plan, *, profile: bytes | None, metadata: Metadata) -> None:
    """Encode beside `path`, reach the disk, then take its name."""
    with _durable(path) as file:
        _encode(file, canvas, plan, profile, metadata)


def write_reel(
    frames: list[Path], reel: Reel, path: Path, plan: Plan, *, profile: bytes | None, metadata: Metadata
) -> None:
    """Do the same with a moving picture, whose frames lie in PNG files of 8 bits."""
    shown = vips.frames(frames, has_alpha=reel.has_alpha)
    with _durable(path) as file:
        if plan.format is Format.PNG:
            png.write_reel(file, map(vips.pixels, shown), reel, profile, metadata)
        else:
            vips.write_webp(file, shown, reel, profile, metadata, plan.quality or 0)


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def _durable(path: Path) -> Iterator[IO[bytes]]:
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _encode(file: IO[bytes], canvas: Canvas, plan: Plan, profile: bytes | None, metadata: Metadata) -> None:
    quality = plan.quality or 0
    fine = quality >= formats.CHROMA_KEPT_FROM_QUALITY
    match plan.format:
        case Format.PNG:
            png.write(file, canvas, profile, metadata)
        case Format.TIFF:
            tiff.write(file, canvas, profile, metadata)
        case Format.JPEG:
            jpeg.write(file, canvas, profile, metadata, quality, fine=fine)
        case Format.AVIF if canvas.dtype == np.uint16:
            vips.write_avif(file, canvas, profile, metadata, quality, fine=fine)
        case Format.AVIF:
            chroma = "4:4:4" if fine else "4:2:0"
            _write_whole(file, canvas, plan, profile, metadata, speed=8, subsampling=chroma)
        case Format.WEBP:
            _write_whole(file, canvas, plan, profile, metadata, method=4)


def _write_whole(
    file: IO[bytes], canvas: Canvas, plan: Plan, profile: bytes | None, metadata: Metadata, **how: Any
) -> None:
    """Encode with a codec that holds the whole picture; planning keeps such pictures small enough."""
    about = {"icc_profile": profile, "exif": metadata.exif, "xmp": metadata.xmp}
    kept = {name: value for name, value in about.items() if value}
    image = Image.fromarray(pixels.eight_bits(canvas.rows(0, canvas.height_px)))
    image.save(file, plan.format, quality=plan.quality, **how, **kept)
