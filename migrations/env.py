"""Alembic's entry: one migration at a time, over everybody who starts together."""

from __future__ import annotations

import sqlalchemy
from alembic import context

from pixelift.models import Base

MIGRATION_LOCK = 7_700_002


def ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and name is not None and name.startswith(("procrastinate_", "rate_")))


def run() -> None:
    url = sqlalchemy.make_url(context.config.attributes["url"]).set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
        connection.commit()
        context.configure(connection=connection, target_metadata=Base.metadata, include_name=ours)
        with context.begin_transaction():
            context.run_migrations()


run()
