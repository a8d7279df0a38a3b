"""What must hold before anything starts; each refusal is one sentence."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import sqlalchemy

from pixelift.errors import CannotStart

OLDEST_POSTGRES = 14
MARK = "PIXELIFT_INSTANCE"
LEFTOVER_GRACE_S = 2


@contextlib.contextmanager
def hold(data_dir: Path) -> Iterator[None]:
    """Make the data folder and be its only instance. Raises CannotStart."""
    with make(data_dir).open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"Pixelift is running on {data_dir} already. Give another one its own --data-dir."
            raise CannotStart(message) from error
        yield


def make(data_dir: Path) -> Path:
    """Make the data folder unless it is there, and return its lock file. Raises CannotStart when it is unusable."""
    lock = data_dir / "up.lock"
    try:
        data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        lock.touch(mode=0o600)
    except OSError as error:
        raise CannotStart(f"{data_dir} cannot be the data folder: {(error.strerror or '').lower()}.") from error
    return lock


def require_free(host: str, port: int) -> None:
    """Raises CannotStart when the address cannot be listened on."""
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CannotStart(f"Cannot listen on port {port} of {host}: {reason}. Choose another with --port.") from error


def require_database(address: str) -> None:
    """Raises CannotStart when DATABASE_URL leads nowhere, or to a server that is too old."""
    try:
        url = sqlalchemy.make_url(address)
    except sqlalchemy.exc.ArgumentError as error:
        message = "DATABASE_URL is no address; it looks like postgresql://user:password@host:5432/database."
        raise CannotStart(message) from error
    if not url.drivername.startswith("postgres"):
        raise CannotStart(f"DATABASE_URL must lead to PostgreSQL, not to {url.drivername}.")
    try:
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, connect_timeout=5) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as error:
        raise CannotStart(f"DATABASE_URL leads to no database: {str(error).splitlines()[0]}.") from error
    if version < OLDEST_POSTGRES:
        raise CannotStart(f"PostgreSQL {version} is too old; Pixelift needs {OLDEST_POSTGRES} or newer.")


def mark(data_dir: Path) -> dict[str, str]:
    """Return what the children carry in their environment, so that they are known when their parent was killed."""
    return {MARK: str(data_dir.resolve())}


def end_leftovers(data_dir: Path) -> None:
    """End what a killed instance left; the kernel asked it to stop already. The caller holds the data folder."""
    given_up = time.monotonic() + LEFTOVER_GRACE_S
    while (left := _marked(data_dir)) and time.monotonic() < given_up:
        time.sleep(0.1)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _marked(data_dir: Path) -> list[int]:
    [(name, value)] = mark(data_dir).items()
    wanted, found = f"{name}={value}".encode(), []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if wanted in environ.read_bytes().split(b"\0"):
                found.append(int(environ.parent.name))
    return found
