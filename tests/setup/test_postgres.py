"""The embedded PostgreSQL: its own launcher, a socket only, nothing left behind."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pixelift import postgres
from pixelift.children import Account
from pixelift.errors import CannotStart, ServiceUnavailable
from pixelift.postgres import binaries
from pixelift.postgres.account import choose
from pixelift.postgres.server import end_leftovers

ROOT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand the server to somebody else")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One cluster for all; pytest's folders are private, so that root's lives elsewhere."""
    folder = tmp_path_factory.mktemp("data")
    yield folder
    postgres.remove(folder)


@pytest.fixture
def server(data_dir: Path) -> Iterator[postgres.Server]:
    """Not started yet."""
    server = postgres.Server(data_dir, durable=False)
    yield server
    server.stop()


def ask(data_dir: Path, query: str) -> object:
    with psycopg.connect(postgres.url(data_dir), autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def test_a_database_outlives_its_server(data_dir: Path) -> None:
    server = postgres.Server(data_dir)
    server.start()
    try:
        assert ask(data_dir, "SELECT current_setting('data_checksums')") == "on"
        assert ask(data_dir, "SELECT current_setting('listen_addresses')") == ""
        assert ask(data_dir, "SELECT upper('é') || current_setting('server_encoding')") == "ÉUTF8"
        assert ask(data_dir, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert ask(data_dir, "CREATE TABLE kept (value) AS SELECT 7") is None
    finally:
        server.stop()
    assert not server.alive
    server.start()
    try:
        assert ask(data_dir, "SELECT value FROM kept") == 7
    finally:
        server.stop()


def test_the_password_is_private_and_needed(server: postgres.Server, data_dir: Path) -> None:
    server.start()
    assert stat.S_IMODE((data_dir / "postgres/password").stat().st_mode) == 0o600
    wrong = postgres.url(data_dir).replace("pixelift:", "pixelift:x", 1)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(wrong.replace("pixelift:", "postgres:", 1))


def test_one_data_folder_has_one_server(server: postgres.Server, data_dir: Path) -> None:
    server.start()
    with pytest.raises(CannotStart, match="Another Pixelift"):
        postgres.Server(data_dir).start()
    assert ask(data_dir, "SELECT 1") == 1


def test_a_killed_parent_takes_its_server_along_and_the_next_one_starts(
    server: postgres.Server, data_dir: Path
) -> None:
    program = "import sys, time, pathlib; from pixelift import postgres; "
    program += "postgres.Server(pathlib.Path(sys.argv[1])).start(); print('up', flush=True); time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", program, data_dir], stdout=subprocess.PIPE, cwd=ROOT)
    assert parent.stdout
    assert parent.stdout.readline() == b"up\n"
    parent.kill()
    parent.communicate()
    server.start()
    assert ask(data_dir, "SELECT 1") == 1


def test_a_leftover_server_is_ended(server: postgres.Server, data_dir: Path) -> None:
    server.start()
    end_leftovers((data_dir / "postgres/data").resolve())
    assert not server.alive


def test_a_stale_status_file_with_the_number_of_a_stranger_is_no_obstacle(
    server: postgres.Server, data_dir: Path
) -> None:
    server.start()
    server.stop()
    (data_dir / "postgres/data/postmaster.pid").write_text(f"{os.getpid()}\n")
    server.start()
    assert server.alive


def test_a_folder_whose_name_no_socket_can_have_works(tmp_path: Path) -> None:
    folder = tmp_path / ("a, \"strange' name" + "long" * 30)
    folder.mkdir()
    server = postgres.Server(folder, durable=False)
    server.start()
    try:
        assert ask(folder, "SELECT 1") == 1
    finally:
        server.stop()
        postgres.remove(folder)
    assert not (folder / "postgres").exists()


def test_a_folder_without_a_database_has_no_address(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable, match="Start Pixelift there first"):
        postgres.url(tmp_path)


def test_a_broken_cluster_is_one_sentence(server: postgres.Server, data_dir: Path) -> None:
    server.start()
    server.stop()
    version = data_dir / "postgres/data/PG_VERSION"
    right = version.read_text()
    version.write_text("9.6\n")
    with pytest.raises(CannotStart, match="did not start: database files are incompatible"):
        server.start()
    version.write_text(right)


@as_root
def test_under_a_private_folder_of_root_the_server_lives_where_its_account_may_go(tmp_path: Path) -> None:
    server = postgres.Server(tmp_path, durable=False)
    server.start()
    server.stop()
    home = (tmp_path / "postgres").readlink()
    assert home.parent == Path("/var/lib/pixelift")
    assert (home / "data").stat().st_uid == choose(home / "data").uid != 0
    postgres.remove(tmp_path)
    assert not home.exists()


@as_root
def test_programs_that_the_account_may_not_reach_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "may_enter", lambda _account, _path: False)
    programs = binaries.find(Account(1, 1), tmp_path)
    assert programs.is_relative_to(tmp_path)
    assert subprocess.run([programs / "initdb", "--version"], capture_output=True, check=True).stdout.startswith(
        b"init"
    )
    assert all(path.stat().st_mode & 0o005 == 0o005 for path in tmp_path.rglob("*"))
