"""Fetching official weights: https only, resumed where it broke off, checked before the file takes its name."""

from __future__ import annotations

import errno
import fcntl
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import requests

import pixelift
from pixelift.engine.catalogue import Model
from pixelift.errors import Conflict, FetchFailed, StorageFull

CHUNK_BYTES = 1 << 18
TIMEOUT_S = (10, 60)  # to connect, and between two bytes
PARTIAL = 206
Tell = Callable[[int], None]


def secure_session() -> requests.Session:
    """Return a session that speaks nothing but https, wherever it is redirected to."""
    session = requests.Session()
    del session.adapters["http://"]
    session.headers.update({"User-Agent": f"Pixelift/{pixelift.__version__}", "Accept-Encoding": "identity"})
    return session


def pull(model: Model, folder: Path, *, session: requests.Session, tell: Tell = lambda _bytes: None) -> Path:
    """Fetch the model's file into the folder; `tell` hears how many bytes are there, again and again.

    A part that is left over from before is gone on from. Raises FetchFailed, Conflict, StorageFull.
    """
    (file,) = model.files
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part, target = folder / f".{file.name}.part", folder / file.name
    try:
        with part.open("ab") as sink:
            _lock(sink, model)
            if sink.tell() < model.size_bytes:
                _fetch(model, sink, session, tell)
        _check(part, file.sha256, model)
        part.replace(target)
    except requests.RequestException as error:
        if not part.stat().st_size:
            part.unlink()
        raise _failed(model, _reason(error)) from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull(f"There is no room for {model.name} in {folder}.") from error
        raise FetchFailed(f"{part} cannot be written: {error.strerror}.") from error
    return target


def _lock(sink: BinaryIO, model: Model) -> None:
    try:
        fcntl.flock(sink, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Conflict(f"{model.name} is being pulled already.") from error


def _fetch(model: Model, sink: BinaryIO, session: requests.Session, tell: Tell) -> None:
    """Append what is missing; never more than the model has."""
    done = sink.tell()
    headers = {"Range": f"bytes={done}-"} if done else {}
    with session.get(str(model.url), headers=headers, stream=True, timeout=TIMEOUT_S) as answer:
        answer.raise_for_status()
        if answer.status_code != PARTIAL or not answer.headers.get("Content-Range", "").startswith(f"bytes {done}-"):
            sink.truncate(done := 0)
        for chunk in answer.iter_content(CHUNK_BYTES):
            done += len(chunk)
            if done > model.size_bytes:
                raise _failed(model, "it is larger than it should be")
            sink.write(chunk)
            tell(done)
    if done < model.size_bytes:
        raise _failed(model, f"it broke off after {done:,} of {model.size_bytes:,} bytes")


def _check(part: Path, sha256: str, model: Model) -> None:
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        part.unlink()
        raise _failed(model, f"its sha256 is {found}, and not the pinned one, so it was thrown away")


def _failed(model: Model, reason: str) -> FetchFailed:
    return FetchFailed(
        f"{model.name} could not be pulled: {reason}. Run it again to go on where it stopped, "
        f"or download {model.url} elsewhere and run: pixelift models add FILE"
    )


def _reason(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"{urlsplit(error.response.url).hostname} answered {error.response.status_code}"
    host = urlsplit(error.request.url or "").hostname if error.request is not None else None
    if isinstance(error, requests.exceptions.InvalidSchema):
        return "it was redirected to an address without https"
    return f"there is no connection to {host}" if host else "the connection failed"
