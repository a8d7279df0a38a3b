"""The whole product as `./run` starts it, once for all journeys of a test process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pixelift import postgres

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Product:
    url: str
    data_dir: Path
    email: str
    password: str

    @property
    def environment(self) -> dict[str, str]:
        """What makes a command of `pixelift` work beside this instance."""
        return os.environ | {"PIXELIFT_DATA_DIR": str(self.data_dir), "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    data_dir = tmp_path_factory.mktemp("product")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "pixelift", "up", "--port", str(port), "--data-dir", str(data_dir)]
    up = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert up.stdout
    while "is ready" not in (line := up.stdout.readline()):
        assert line, "pixelift up ended before it was ready"
    sign_in = (data_dir / "first-sign-in.txt").read_text().splitlines()
    email, password = (line.split(": ")[1] for line in sign_in)
    yield Product(f"http://127.0.0.1:{port}", data_dir, email, password)
    up.send_signal(signal.SIGTERM)
    up.communicate(timeout=60)
    postgres.remove(data_dir)
