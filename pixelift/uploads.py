"""From a stranger's bytes to a checked picture in storage. No transaction is open meanwhile."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pixelift import filenames, outbound, storage
from pixelift.engine.inspection import Facts, Inspector
from pixelift.errors import FileTooLarge, InvalidRequest
from pixelift.plans import Plan
from pixelift.settings import Settings

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Received:
    """A picture whose blobs are stored, but that no row knows yet; if none ever does, the sweep removes it."""

    filename: str
    facts: Facts
    size_bytes: int
    sha256: str
    blob_prefix: str


class Uploads:
    def __init__(self, settings: Settings, blobs: storage.Folder, inspector: Inspector) -> None:
        self.settings = settings
        self.blobs = blobs
        self.inspector = inspector

    def receive(self, stream: IO[bytes], filename: str, plan: Plan) -> Received:
        """Keep an uploaded file if it is a picture within the limits.

        Raises FileTooLarge, ImageTooLarge, UnsupportedFormat, InvalidImage, StorageFull.
        """
        with self._scratch() as folder:
            source = folder / "source"
            with storage.room(), source.open("wb") as file:
                _copy(stream, file, self._max_bytes(plan))
            return self._keep(folder, source, filenames.clean(filename), plan)

    def fetch(self, url: str, plan: Plan) -> Received:
        """Do the same with a picture at an address. Raises ForbiddenUrl and FetchFailed besides."""
        with self._scratch() as folder:
            source = folder / "source"
            with storage.room(), source.open("wb") as file:
                policy = outbound.policy(self.settings)
                fetched = outbound.fetch(url, file, policy=policy, max_bytes=self._max_bytes(plan))
            return self._keep(folder, source, fetched.filename, plan)

    def _keep(self, folder: Path, source: Path, filename: str, plan: Plan) -> Received:
        if not source.stat().st_size:
            raise InvalidRequest("The file is empty. Choose a picture and send it again.")
        thumbnail, preview = folder / "thumbnail.webp", folder / "preview.png"
        max_pixels = min(plan.max_pixels, self.settings.max_source_pixels)
        facts = self.inspector.inspect(source, max_pixels=max_pixels, thumbnail=thumbnail, preview=preview)
        sha256 = _sha256(source)
        prefix = f"sources/{sha256[:2]}/{sha256}"
        self.blobs.put(f"{prefix}.{facts.format}", source)
        self.blobs.put(f"{prefix}.thumbnail.webp", thumbnail)
        if facts.has_preview:
            self.blobs.put(f"{prefix}.preview.png", preview)
        return Received(filename, facts, source.stat().st_size, sha256, prefix)

    def _max_bytes(self, plan: Plan) -> int:
        return min(plan.max_bytes, self.settings.max_upload_bytes)

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        with storage.room():
            self.settings.scratch_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder = tempfile.TemporaryDirectory(dir=self.settings.scratch_dir, prefix="upload-")
        with folder as path:
            yield Path(path)


def _copy(stream: IO[bytes], file: IO[bytes], max_bytes: int) -> None:
    size_bytes = stream.seek(0, os.SEEK_END)
    if size_bytes > max_bytes:
        raise FileTooLarge(f"The file has {size_bytes:,} bytes, and your plan takes {max_bytes:,}. Make it smaller.")
    stream.seek(0)
    shutil.copyfileobj(stream, file, CHUNK_BYTES)
    file.flush()
    os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
