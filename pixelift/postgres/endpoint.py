"""The server's socket, and the address by which clients find it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote

from pixelift.children import Account
from pixelift.errors import ServiceUnavailable
from pixelift.postgres.account import folder_for
from pixelift.postgres.cluster import ROLE

SOCKET = ".s.PGSQL.5432"
ADDRESS_LIMIT_BYTES = 107  # sun_path of sockaddr_un, less the closing zero
TEMP_LIMIT_BYTES = 70  # leaves room for the folder's random name and the socket's


def url(data_dir: Path) -> str:
    """Return the address of the running database, for psycopg and SQLAlchemy.

    Raises ServiceUnavailable when this data folder has no database yet.
    """
    home = data_dir / "postgres"
    try:
        password = (home / "password").read_text()
    except OSError as error:
        raise ServiceUnavailable(f"There is no database in {data_dir} yet. Start Pixelift there first.") from error
    return f"postgresql://{ROLE}:{password}@/{ROLE}?host={quote(str(_folder(home)), safe='')}&port=5432"


def place(home: Path, account: Account) -> Path:
    """Return an empty folder with a name short and plain enough for a socket, and point clients to it.

    It stays the same until released, so that clients find a restarted server where the last one was.
    """
    folder = folder_for(account, home / "run")
    if len(os.fsencode(folder / SOCKET)) > ADDRESS_LIMIT_BYTES or not re.fullmatch(r"[\w./-]+", str(folder), re.ASCII):
        folder = _placed(home, account) or _temporary(account)
        (home / "socket-folder").write_text(str(folder))
    for name in (SOCKET, f"{SOCKET}.lock"):
        (folder / name).unlink(missing_ok=True)
    return folder


def _placed(home: Path, account: Account) -> Path | None:
    folder = _folder(home)
    return folder if folder.is_dir() and folder.parent != home and folder.lstat().st_uid == account.uid else None


def _temporary(account: Account) -> Path:
    base = tempfile.gettempdir()
    base = base if len(os.fsencode(base)) < TEMP_LIMIT_BYTES else "/tmp"  # noqa: S108 - mkdtemp makes it private
    return folder_for(account, Path(tempfile.mkdtemp(prefix="pixelift-", dir=base)))


def release(home: Path) -> None:
    """Delete what place made outside the home, if anything."""
    pointer = home / "socket-folder"
    if pointer.exists():
        shutil.rmtree(pointer.read_text(), ignore_errors=True)
        pointer.unlink()


def _folder(home: Path) -> Path:
    pointer = home / "socket-folder"
    return Path(pointer.read_text()) if pointer.exists() else home.resolve() / "run"
