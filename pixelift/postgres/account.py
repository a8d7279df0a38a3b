"""Who runs the server: ourselves, and for root, which PostgreSQL refuses, an account without rights."""

from __future__ import annotations

import contextlib
import os
import pwd
from pathlib import Path

from pixelift.children import Account
from pixelift.errors import CannotStart

FOR_ROOT = ("pixelift", "nobody")


def choose(data: Path) -> Account:
    """Return the owner of the cluster, or who shall own the new one.

    Raises CannotStart when that is somebody whom we cannot act for.
    """
    account = _owner(data) if data.exists() else _unprivileged()
    if account != Account.ours() and os.geteuid() != 0:
        raise CannotStart(f"{data} belongs to another user. Start Pixelift as that user, or use another --data-dir.")
    return account


def folder_for(account: Account, path: Path) -> Path:
    """Make a folder that nobody else may enter, unless it is there."""
    path.mkdir(mode=0o700, exist_ok=True)
    if account != Account.ours():
        os.chown(path, account.uid, account.gid)
    return path


def may_enter(account: Account, path: Path) -> bool:
    """Judge by the mode bits for others, as what a group or an ACL allows is not seen; ours always passes."""
    path = path.resolve()
    return account == Account.ours() or all(part.stat().st_mode & 0o001 for part in (path, *path.parents))


def _owner(path: Path) -> Account:
    found = path.stat()
    return Account(found.st_uid, found.st_gid)


def _unprivileged() -> Account:
    if os.geteuid() != 0:
        return Account.ours()
    for name in FOR_ROOT:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise CannotStart("PostgreSQL refuses to run as root, and there is no account named pixelift or nobody to run it.")
