"""One command starts everything, and whatever ends it leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from pixelift import postgres
from pixelift.errors import CannotStart
from pixelift.postgres.server import _inside
from pixelift.up import claim

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN_S = 60


class Instance:
    def __init__(self, data_dir: Path) -> None:
        self.data_dir, self.port, self.printed = data_dir, free_port(), ""
        self.start()

    def start(self) -> None:
        self.process = pixelift("up", "--port", str(self.port), "--data-dir", str(self.data_dir))

    def wait(self) -> None:
        assert self.process.stdout
        while "Logs are in" not in self.printed:
            line = self.process.stdout.readline()
            assert line, self.printed
            self.printed += line

    def end(self, number: signal.Signals) -> int:
        if self.process.returncode is None:
            self.process.send_signal(number)
            self.printed += self.process.communicate(timeout=60)[0]
        return self.process.returncode

    def status(self) -> int:
        return int(urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=10).status)

    def processes(self) -> list[int]:
        return claim._marked(self.data_dir) + _inside((self.data_dir / "postgres/data").resolve())


def pixelift(*words: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pixelift", *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PIXELIFT_WEB_THREADS": "8"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    yield from _living(tmp_path / "one")


@pytest.fixture
def neighbour(tmp_path: Path) -> Iterator[Instance]:
    yield from _living(tmp_path / "other")


def _living(data_dir: Path) -> Iterator[Instance]:
    instance = Instance(data_dir)
    yield instance
    instance.end(signal.SIGTERM)
    postgres.remove(data_dir)


def test_from_the_first_start_to_the_stop(instance: Instance, neighbour: Instance) -> None:
    """One long story, because a start takes seconds: what is told, what works beside, what is left afterwards."""
    instance.wait()
    neighbour.wait()
    assert (instance.status(), neighbour.status()) == (200, 200)
    file = instance.data_dir / "first-sign-in.txt"
    email, password = (line.split(": ")[1] for line in file.read_text().splitlines())
    assert f"Sign in as {email} with the password {password}" in instance.printed
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    folder = ("--data-dir", str(instance.data_dir))
    assert "is running on" in refusal("--port", str(free_port()), *folder)
    assert pixelift("keys", "issue", "--user", email, "--name", "x", *folder).communicate()[0].startswith("pk_live_")

    assert instance.end(signal.SIGINT) == 0
    assert instance.processes() == []
    log = (instance.data_dir / "logs/postgres.log").read_text()
    assert "terminating connection" not in log, "everybody else had gone before the database went"
    assert log.rstrip().endswith("database system is shut down")
    assert neighbour.status() == 200


def test_what_dies_starts_again_and_a_killed_parent_is_no_obstacle(instance: Instance) -> None:
    instance.wait()
    for child in subprocess.check_output(["ps", "-o", "pid=", "--ppid", str(instance.process.pid)]).split():
        os.kill(int(child), signal.SIGKILL)
    given_up = time.monotonic() + START_WITHIN_S
    while not _ready(instance):
        assert time.monotonic() < given_up
        time.sleep(0.1)

    instance.end(signal.SIGKILL)
    instance.printed = ""
    instance.start()
    instance.wait()
    assert instance.status() == 200
    assert "Sign in" not in instance.printed
    assert instance.end(signal.SIGTERM) == 0
    assert instance.processes() == []


def _ready(instance: Instance) -> bool:
    try:
        return instance.status() == 200
    except OSError:
        return False


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def refusal(*words: str, **environment: str) -> str:
    process = pixelift("up", *words, **environment)
    said = process.communicate(timeout=30)[0]
    assert process.returncode == 1
    assert said.count("\n") == 1
    return said


def test_a_busy_port_is_one_sentence(busy_port: int, tmp_path: Path) -> None:
    assert "address already in use" in refusal("--port", str(busy_port), "--data-dir", str(tmp_path / "data"))


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match="cannot be the data folder"), claim.hold(tmp_path / "file"):
        pass


def test_every_wrong_setting_is_named(tmp_path: Path) -> None:
    said = refusal("--port", "0", "--data-dir", str(tmp_path), PIXELIFT_WEB_THREADS="none")
    assert "PIXELIFT_PORT" in said
    assert "PIXELIFT_WEB_THREADS" in said


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("postgresql://me:secret@127.0.0.1:1/x", "Connection refused"),
        ("mysql://me:secret@127.0.0.1/x", "must lead to PostgreSQL"),
        ("nonsense", "no address"),
    ],
)
def test_a_wrong_database_url_is_one_sentence_without_its_password(address: str, reason: str) -> None:
    with pytest.raises(CannotStart, match=reason) as caught:
        claim.require_database(address)
    assert "secret" not in caught.value.message
