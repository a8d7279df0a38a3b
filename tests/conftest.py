"""Real Postgres for everybody: one server a test process, one migrated template, clones of it for who commits."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image as Pillow
from sqlalchemy.orm import Session

from pixelift import accounts, app, db, keys, postgres
from pixelift.db import Database
from pixelift.models import Image, Job, JobStatus, User
from pixelift.settings import Settings

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that wait for work must not take it from other tests

TEMPLATE = "pixelift_template"


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Postgres server of this test process alone."""
    data_dir = tmp_path_factory.mktemp("server")
    server = postgres.Server(data_dir, durable=False)
    server.start()
    yield postgres.url(data_dir)
    server.stop()
    postgres.remove(data_dir)


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """The name of a migrated, empty database to clone."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    db.upgrade(_named(server_url, TEMPLATE))
    return TEMPLATE


@pytest.fixture(scope="session")
def shared_url(server_url: str, template: str) -> str:
    return _clone(server_url, template)


@pytest.fixture
def session(shared_url: str) -> Iterator[Session]:
    """A transaction that never happened; inner commits are savepoints."""
    engine = sqlalchemy.create_engine(
        sqlalchemy.make_url(shared_url).set(drivername="postgresql+psycopg"), poolclass=sqlalchemy.NullPool
    )
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        transaction.rollback()


@pytest.fixture
def database_url(server_url: str, template: str) -> Iterator[str]:
    """A database of this test alone, for code that commits."""
    url = _clone(server_url, template)
    yield url
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {sqlalchemy.make_url(url).database} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir()
    return Settings(database_url=database_url, data_dir=tmp_path / "data", log_level="ERROR")


@pytest.fixture
def web(settings: Settings) -> Iterator[Flask]:
    """The web application on a database of its own."""
    flask = app.create(settings)
    yield flask
    flask.extensions["pixelift"].close()


@pytest.fixture
def client(web: Flask) -> FlaskClient:
    return web.test_client()


@pytest.fixture
def user(database: Database) -> User:
    with database.session() as session:
        return accounts.create(session, "mina@example.com", password="espresso-cup", plan="enterprise")[0]


@pytest.fixture
def key(database: Database, user: User) -> str:
    """The secret of a live key of `user`."""
    with database.session() as session:
        return keys.issue(session, user, name="tests")[1]


@pytest.fixture
def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def make_user(session: Session) -> Callable[..., User]:
    def make(email: str | None = None, **given: str) -> User:
        user = User(email=email or f"{uuid4().hex}@example.com", password_hash="x", **given)
        session.add(user)
        session.flush()
        return user

    return make


@pytest.fixture
def make_image(session: Session) -> Callable[..., Image]:
    def make(user: User, **given: object) -> Image:
        facts: dict[str, object] = {
            "filename": "cup.png",
            "format": "png",
            "width_px": 30,
            "height_px": 20,
            "size_bytes": 1234,
            "sha256": uuid4().hex,
            "blob_prefix": f"sources/{uuid4().hex}",
        }
        image = Image(user_id=user.id, **facts | given)
        session.add(image)
        session.flush()
        return image

    return make


@pytest.fixture
def make_job(session: Session, make_image: Callable[..., Image]) -> Callable[..., Job]:
    """A job in any state, as a row alone: no task, no blobs."""

    def make(user: User, status: JobStatus = JobStatus.PENDING, **given: object) -> Job:
        facts: dict[str, object] = {
            "source": make_image(user),
            "options": {"scale": 4.0, "model": None, "format": None, "quality": None},
            "model": "realesrgan-x4plus",
            "format": "png",
            "width_px": 120,
            "height_px": 80,
        }
        job = Job(user_id=user.id, status=status, **facts | given)
        session.add(job)
        session.flush()
        return job

    return make


@pytest.fixture
def picture() -> bytes:
    return png()


def png(size: tuple[int, int] = (12, 8), mode: str = "RGB") -> bytes:
    """A small picture with something in it."""
    image = Pillow.linear_gradient("L").resize(size).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _clone(server_url: str, template: str) -> str:
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    return _named(server_url, name)


def _named(url: str, name: str) -> str:
    return sqlalchemy.make_url(url).set(database=name).render_as_string(hide_password=False)
