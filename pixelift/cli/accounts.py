"""Commands about who may use Pixelift."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy.orm import Session

from pixelift import accounts, db
from pixelift import keys as api_keys
from pixelift.cli import options


@click.group()
def users() -> None:
    """Manage who may sign in."""


@users.command()
@click.argument("email")
@click.option("--admin", is_flag=True, help="May manage everything.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
@options.data_dir
def add(email: str, data_dir: Path | None, *, admin: bool, password_stdin: bool) -> None:
    """Make a user and print the password, made up unless one is given."""
    given = sys.stdin.readline().rstrip("\n") if password_stdin else None
    with _session(data_dir) as session:
        _, password = accounts.create(session, email, password=given, admin=admin)
    if not given:
        click.echo(password)


@click.group()
def keys() -> None:
    """Manage API keys."""


@keys.command()
@click.option("--user", "email", required=True, metavar="EMAIL", help="Whose key it is.")
@click.option("--name", required=True, help="What the key is for.")
@click.option("--plan", help="Limits of the key, instead of those of its user.")
@options.data_dir
def issue(email: str, name: str, plan: str | None, data_dir: Path | None) -> None:
    """Make an API key and print it; it is shown this one time."""
    with _session(data_dir) as session:
        _, secret = api_keys.issue(session, accounts.find_by_email(session, email), name=name, plan=plan)
    click.echo(secret)


@contextlib.contextmanager
def _session(data_dir: Path | None) -> Iterator[Session]:
    database = db.connect(options.settings(data_dir=data_dir))
    try:
        with database.session() as session:
            yield session
    finally:
        database.close()


COMMANDS = (users, keys)
