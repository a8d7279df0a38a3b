"""Start everything in order, watch over it, stop everything in order."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import sys
import time
from typing import NoReturn

import alembic.util
import click
import sqlalchemy

from pixelift import accounts, db
from pixelift.errors import CannotStart
from pixelift.postgres import Server
from pixelift.settings import Settings
from pixelift.up import claim
from pixelift.up.crew import Crew
from pixelift.web_server import bracketed

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
READY_WITHIN_S = 180
HOPELESS_AFTER_DEATHS = 3
WATCH_EVERY_S = 0.3
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to knock when it listens everywhere


def run(settings: Settings) -> None:
    """Serve until a signal says stop; then nothing is left running.

    Raises CannotStart.
    """
    for number in SIGNALS:
        signal.signal(number, _stop)
    with claim.hold(settings.data_dir), contextlib.ExitStack() as started:
        os.umask(0o077)
        claim.end_leftovers(settings.data_dir)
        claim.require_free(settings.host, settings.port)
        settings.logs_dir.mkdir(exist_ok=True)
        server = _start_database(settings, started)
        migrate(settings)
        sign_in = _make_admin(settings)
        click.echo("Starting web and workers")
        crew = Crew(settings)
        started.callback(crew.stop)
        _wait_until_ready(crew, settings)
        _greet(settings, sign_in)
        _watch(crew, server)


def migrate(settings: Settings) -> None:
    """Bring the schema up to date. Raises CannotStart."""
    try:
        db.migrate(settings)
    except (sqlalchemy.exc.SQLAlchemyError, alembic.util.CommandError) as error:
        raise CannotStart(
            f"The database cannot be brought up to date: {str(error).splitlines()[0].rstrip('.')}."
        ) from error


def _stop(_number: int, _frame: object) -> NoReturn:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # stopping ends by itself; interrupted it would leave processes
    click.echo("\nStopping")
    sys.exit(0)


def _start_database(settings: Settings, started: contextlib.ExitStack) -> Server | None:
    if settings.database_url:
        claim.require_database(settings.database_url)
        return None
    click.echo("Starting PostgreSQL")
    server = Server(settings.data_dir)
    started.callback(server.stop)
    server.start()
    return server


def _make_admin(settings: Settings) -> tuple[str, str] | None:
    """Return the email and password of the first admin when this start has made it."""
    database = db.connect(settings)
    try:
        with database.session() as session:
            sign_in = accounts.first_admin(session)
            if sign_in:
                file = settings.data_dir / "first-sign-in.txt"
                file.unlink(missing_ok=True)
                file.touch(mode=0o600)
                file.write_text("email: {}\npassword: {}\n".format(*sign_in))
    finally:
        database.close()
    return sign_in


def _wait_until_ready(crew: Crew, settings: Settings) -> None:
    given_up = time.monotonic() + READY_WITHIN_S
    while not _ready(settings):
        crew.look_after()
        for member in crew.members.values():
            if member.deaths >= HOPELESS_AFTER_DEATHS or time.monotonic() > given_up:
                raise CannotStart(f"{member.name} does not come up: {member.last_words()}. See {member.log}.")
        time.sleep(WATCH_EVERY_S)


def _ready(settings: Settings) -> bool:
    host = ANY_ADDRESS.get(settings.host, settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _greet(settings: Settings, sign_in: tuple[str, str] | None) -> None:
    host = bracketed(ANY_ADDRESS.get(settings.host, settings.host))
    click.echo(f"\nPixelift is ready: http://{host}:{settings.port}")
    if sign_in:
        file = settings.data_dir / "first-sign-in.txt"
        click.echo("Sign in as {} with the password {}".format(*sign_in) + f" (kept in {file})")
    click.echo(f"Ctrl-C stops it. Logs are in {settings.logs_dir}")


def _watch(crew: Crew, server: Server | None) -> NoReturn:
    while True:
        crew.look_after()
        if server and not server.alive:
            click.echo(f"PostgreSQL ended and starts again; see {server.log}", err=True)
            server.start()
        time.sleep(WATCH_EVERY_S)
