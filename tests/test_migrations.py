from __future__ import annotations

import alembic.autogenerate
import alembic.migration
import psycopg
import sqlalchemy
from procrastinate.schema import SchemaManager

from pixelift import db
from pixelift.models import Base

OBJECTS = """
    SELECT 'column', table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
    FROM information_schema.columns WHERE table_name LIKE 'procrastinate%'
    UNION ALL SELECT 'index', indexdef FROM pg_indexes WHERE tablename LIKE 'procrastinate%'
    UNION ALL SELECT 'function', proname || md5(prosrc) FROM pg_proc WHERE proname LIKE 'procrastinate%'
    UNION ALL SELECT 'trigger', tgname FROM pg_trigger WHERE tgname LIKE 'procrastinate%'
"""


def test_the_migrated_schema_is_what_the_models_say(database_url: str) -> None:
    engine = sqlalchemy.create_engine(
        sqlalchemy.make_url(database_url).set(drivername="postgresql+psycopg"), poolclass=sqlalchemy.NullPool
    )
    with engine.connect() as connection:
        context = alembic.migration.MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _: kind != "table" or not name.startswith(("procrastinate", "rate"))
            },
        )
        assert alembic.autogenerate.compare_metadata(context, Base.metadata) == []


def test_the_queues_tables_are_those_of_the_installed_package(database_url: str, server_url: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS package_schema")
        connection.execute("CREATE DATABASE package_schema")
    packages = sqlalchemy.make_url(server_url).set(database="package_schema").render_as_string(hide_password=False)
    with psycopg.connect(packages) as connection:
        connection.execute(SchemaManager.get_schema())
        expected = set(connection.execute(OBJECTS).fetchall())
    with psycopg.connect(database_url) as connection:
        assert set(connection.execute(OBJECTS).fetchall()) == expected
    assert len(expected) > 50


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    db.upgrade(database_url)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
