"""Where the cluster of a data folder lives and how it is made."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from pixelift.children import Account
from pixelift.errors import CannotStart
from pixelift.postgres.account import folder_for, may_enter

ROLE = "pixelift"
BESIDE = Path("/var/lib/pixelift")
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
INITDB = ["-U", "postgres", "-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
INITDB += ["--data-checksums", "--auth=reject", "--no-instructions"]
ACCESS = "local all pixelift scram-sha-256\n"


def remove(data_dir: Path) -> None:
    """Delete the cluster of a data folder, wherever it lives; its server must be stopped."""
    link = data_dir / "postgres"
    shutil.rmtree(link.resolve(), ignore_errors=True)
    if link.is_symlink():
        link.unlink()


def settle(data_dir: Path, account: Account) -> Path:
    """Return the home of the cluster, made where the account can reach it.

    Raises CannotStart when there is no such place, or when the home has gone.
    """
    link = data_dir / "postgres"
    if link.is_symlink() and not link.exists():
        raise CannotStart(f"The database of {data_dir} has gone: {link.readlink()}. Delete {link} to begin anew.")
    if not link.exists():
        if may_enter(account, data_dir):
            _passable(link)
        else:
            link.symlink_to(_beside(account))
    return link.resolve()


def _beside(account: Account) -> Path:
    if not BESIDE.exists():
        _passable(BESIDE)
    if not may_enter(account, BESIDE):
        raise CannotStart(f"PostgreSQL cannot run as root, and its account may not enter {BESIDE}. Set DATABASE_URL.")
    return _passable(BESIDE / secrets.token_hex(8))


def _passable(home: Path) -> Path:
    """Make a home whose parts the server's account may reach, though not list; each part has its own rights."""
    home.mkdir()
    home.chmod(0o711)  # whatever the umask
    return home


def create(home: Path, account: Account, programs: Path) -> None:
    """Make the cluster with its role and database; all or nothing, so that an interrupted one is simply made again."""
    password = home / "password"
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    (home / "access.conf").write_text(ACCESS)
    (home / "access.conf").chmod(0o644)
    shutil.rmtree(home / "draft", ignore_errors=True)
    draft = folder_for(account, home / "draft")
    _run([programs / "initdb", "-D", draft, *INITDB], account)
    role = f"CREATE ROLE {ROLE} LOGIN CREATEDB IN ROLE pg_monitor PASSWORD '{password.read_text()}'"
    _run(
        [programs / "postgres", "--single", "-D", draft, "-c", "exit_on_error=on", "postgres"],
        account,
        f"{role}\nCREATE DATABASE {ROLE} OWNER {ROLE}\n",
    )
    draft.rename(home / "data")


def _run(command: list[str | Path], account: Account, text: str = "") -> None:
    ours = account == Account.ours()
    done = subprocess.run(  # noqa: S603 - our own words
        command,
        check=False,
        input=text,
        text=True,
        capture_output=True,
        cwd="/",
        env=ENVIRONMENT,
        user=None if ours else account.uid,
        group=None if ours else account.gid,
        extra_groups=None if ours else [],
    )
    if done.returncode:
        raise CannotStart(f"The database could not be made: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
