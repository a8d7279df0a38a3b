"""Blobs: bytes under a key that the server made. A folder here; other stores answer the same five calls."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from pixelift.errors import NotFound, StorageFull


class Folder:
    """Keys are slash-separated names made by the server; a blob appears whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, key: str, source: Path) -> None:
        """Store a copy of the file. Raises StorageFull."""
        target = self._path(key)
        draft = target.with_name(f".{uuid4().hex}")
        with room():
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                _link_or_copy(source, draft)
                draft.replace(target)
                _make_durable(target.parent)
            finally:
                draft.unlink(missing_ok=True)

    def open(self, key: str) -> BinaryIO:
        """Raise NotFound when there is no such blob."""
        try:
            return self._path(key).open("rb")
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound("This picture is gone. Results are kept for a limited time.") from None

    def fetch(self, key: str, target: Path) -> None:
        """Copy the blob to a local file. Raises NotFound, StorageFull."""
        with self.open(key) as blob, room(), target.open("wb") as file:
            shutil.copyfileobj(blob, file, 1 << 20)

    def delete(self, prefix: str) -> None:
        """Remove one blob, or all below a prefix; nothing happens when there is none."""
        path = self._path(prefix)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def delete_if_older(self, key: str, than_s: float) -> None:
        """Remove a blob unless it was stored again meanwhile (`than_s`: seconds since the epoch)."""
        with contextlib.suppress(FileNotFoundError):
            if self._path(key).stat().st_mtime < than_s:
                self._path(key).unlink()

    def keys(self, prefix: str) -> Iterator[tuple[str, float]]:
        """Yield every key below the prefix with the time of its last change (seconds since the epoch)."""
        for path in self._path(prefix).rglob("*"):
            with contextlib.suppress(FileNotFoundError):
                if path.is_file():
                    yield str(path.relative_to(self.root)), path.stat().st_mtime

    def _path(self, key: str) -> Path:
        return self.root / key


@contextlib.contextmanager
def room() -> Iterator[None]:
    """Turn a full disk into StorageFull."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull from error
        raise


def _make_durable(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _link_or_copy(source: Path, target: Path) -> None:
    """A hard link costs nothing; over a file-system border the bytes are copied and made durable."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
    _make_durable(target)
    target.touch()
