"""Writing a result: whole and durable, or not at all."""

from __future__ import annotations

import hashlib
import os
import zlib
from pathlib import Path
from typing import Any

from PIL import Image

from pixelift.engine import formats, pixels
from pixelift.engine.canvas import Canvas
from pixelift.engine.options import Format
from pixelift.engine.planning import Plan

_CHUNK_BYTES = 1 << 20
_CLASSIC_TIFF_BYTES = 2**32 - 2**20
_PREDICTOR = 317  # TIFF 6.0, section 14; 2 stores the differences between neighbours, which halves photographs


def write(canvas: Canvas, path: Path, plan: Plan, *, profile: bytes | None, exif: bytes | None) -> None:
    """Encode beside `path`, reach the disk, then take its name."""
    draft = path.with_name(f".{path.name}.part")
    image = pixels.image(canvas.rows(0, canvas.height_px))
    kept = {"icc_profile": profile, "exif": exif}
    try:
        with draft.open("wb") as file:
            image.save(file, plan.format, **_how(image, plan), **{name: value for name, value in kept.items() if value})
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _how(image: Image.Image, plan: Plan) -> dict[str, Any]:
    match plan.format:
        case Format.PNG:
            return {"compress_type": zlib.Z_RLE}  # on photographs smaller and four times as fast as the default
        case Format.JPEG:
            return {"quality": plan.quality, "optimize": False, **_chroma(plan)}
        case Format.WEBP:
            return {"quality": plan.quality, "method": 4}
        case Format.AVIF:
            fine = (plan.quality or 0) >= formats.CHROMA_KEPT_FROM_QUALITY
            return {"quality": plan.quality, "speed": 8, "subsampling": "4:4:4" if fine else "4:2:0"}
        case Format.TIFF:
            raw_bytes = image.width * image.height * len(image.getbands())
            big = raw_bytes > _CLASSIC_TIFF_BYTES
            return {"compression": "tiff_adobe_deflate", "tiffinfo": {_PREDICTOR: 2}, "big_tiff": big}


def _chroma(plan: Plan) -> dict[str, Any]:
    return {"subsampling": "4:4:4" if (plan.quality or 0) >= formats.CHROMA_KEPT_FROM_QUALITY else "4:2:0"}
