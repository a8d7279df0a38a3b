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
from pixelift.engine.inspection import Cut, Facts, Inspector
from pixelift.engine.regions import Wanted
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


@dataclass(frozen=True)
class Piece:
    """A region of a picture: `source` is for the networks, with a margin, `shown` for the eye. Both are PNG."""

    cut: Cut
    source: bytes
    shown: bytes


class Uploads:
    def __init__(self, settings: Settings, blobs: storage.Folder, inspector: Inspector) -> None:
        self.settings = settings
        self.blobs = blobs
        self.inspector = inspector

    def receive(self, stream: IO[bytes], filename: str, plan: Plan) -> Received:
        """Keep an uploaded file if it is a picture within the limits.

        Raises FileTooLarge, ImageTooLarge, UnsupportedFormat, InvalidImage, StorageFull.
        """
        with self._uploaded(stream, plan) as source:
            return self._keep(source, filenames.clean(filename), plan)

    def fetch(self, url: str, plan: Plan) -> Received:
        """Do the same with a picture at an address. Raises ForbiddenUrl and FetchFailed besides."""
        with self._fetched(url, plan) as (source, filename):
            return self._keep(source, filename, plan)

    def cut_uploaded(self, stream: IO[bytes], wanted: Wanted, plan: Plan) -> Piece:
        """Take a region of an uploaded picture and keep nothing. Raises ValidationFailed besides."""
        with self._uploaded(stream, plan) as source:
            return self._cut(source, wanted, self._max_pixels(plan))

    def cut_fetched(self, url: str, wanted: Wanted, plan: Plan) -> Piece:
        with self._fetched(url, plan) as (source, _filename):
            return self._cut(source, wanted, self._max_pixels(plan))

    def cut_stored(self, key: str, wanted: Wanted) -> Piece:
        """Do the same with a picture that was accepted before. Raises NotFound when it is gone."""
        with self._scratch() as folder:
            self.blobs.fetch(key, folder / "source")
            return self._cut(folder / "source", wanted, self.settings.max_source_pixels)

    def _keep(self, source: Path, filename: str, plan: Plan) -> Received:
        thumbnail, preview = source.with_name("thumbnail.webp"), source.with_name("preview.png")
        facts = self.inspector.inspect(source, max_pixels=self._max_pixels(plan), thumbnail=thumbnail, preview=preview)
        sha256 = _sha256(source)
        prefix = f"sources/{sha256[:2]}/{sha256}"
        self.blobs.put(f"{prefix}.{facts.format}", source)
        self.blobs.put(f"{prefix}.thumbnail.webp", thumbnail)
        if facts.has_preview:
            self.blobs.put(f"{prefix}.preview.png", preview)
        return Received(filename, facts, source.stat().st_size, sha256, prefix)

    def _cut(self, source: Path, wanted: Wanted, max_pixels: int) -> Piece:
        piece, shown = source.with_name("piece.png"), source.with_name("shown.png")
        cut = self.inspector.cut(source, wanted, max_pixels=max_pixels, piece=piece, shown=shown)
        return Piece(cut, piece.read_bytes(), shown.read_bytes())

    @contextmanager
    def _uploaded(self, stream: IO[bytes], plan: Plan) -> Iterator[Path]:
        with self._scratch() as folder:
            source = folder / "source"
            with storage.room(), source.open("wb") as file:
                _copy(stream, file, self._max_bytes(plan))
            if not source.stat().st_size:
                raise InvalidRequest("The file is empty. Choose a picture and send it again.")
            yield source

    @contextmanager
    def _fetched(self, url: str, plan: Plan) -> Iterator[tuple[Path, str]]:
        with self._scratch() as folder:
            source = folder / "source"
            with storage.room(), source.open("wb") as file:
                policy = outbound.policy(self.settings)
                fetched = outbound.fetch(url, file, policy=policy, max_bytes=self._max_bytes(plan))
            if not source.stat().st_size:
                raise InvalidRequest("There is an empty file at that address. Send another one.")
            yield source, fetched.filename

    def _max_pixels(self, plan: Plan) -> int:
        return min(plan.max_pixels, self.settings.max_source_pixels)

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
