"""The database: where it is, how a transaction is opened, how the schema is brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import sqlalchemy
import sqlalchemy.exc
from sqlalchemy.orm import Session, sessionmaker

from pixelift import postgres
from pixelift.errors import ServiceUnavailable
from pixelift.settings import Settings

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
UNREACHABLE = (
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.InternalError,
    sqlalchemy.exc.TimeoutError,
)
CONNECT: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


class Database:
    def __init__(self, url: str, *, pool_size: int = 8, statement_timeout_ms: int = 15_000) -> None:
        self.url = url
        self.engine = sqlalchemy.create_engine(
            sqlalchemy.make_url(url).set(drivername="postgresql+psycopg"),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=5,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={
                **CONNECT,
                "options": f"-c timezone=UTC -c statement_timeout={statement_timeout_ms}"
                " -c idle_in_transaction_session_timeout=30000",
            },
        )
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a transaction; it is committed at the end and rolled back on any error.

        Raises ServiceUnavailable when the database cannot be reached or went away.
        """
        try:
            with self._sessions.begin() as session:
                yield session
        except UNREACHABLE as error:
            raise ServiceUnavailable from error

    def close(self) -> None:
        self.engine.dispose()


def url(settings: Settings) -> str:
    """Return the address as libpq reads it; SQLAlchemy's way of naming a driver in it is understood too."""
    given = sqlalchemy.make_url(settings.database_url or postgres.url(settings.data_dir))
    return given.set(drivername="postgresql").render_as_string(hide_password=False)


def connect(settings: Settings, *, pool_size: int = 8) -> Database:
    return Database(url(settings), pool_size=pool_size)


def migrate(settings: Settings) -> None:
    upgrade(url(settings))


def upgrade(url: str) -> None:
    """Bring the schema up to date; processes that start together wait for one another (migrations/env.py)."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    alembic.command.upgrade(config, "head")
