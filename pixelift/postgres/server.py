"""One running server: started on its socket, stopped cleanly, a leftover of a killed parent ended first."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from pathlib import Path

from pixelift.children import Account, Child
from pixelift.errors import CannotStart
from pixelift.postgres import account, binaries, cluster, endpoint

READY_WITHIN_S = 300  # recovery after a crash reads up to max_wal_size
STOP_WITHIN_S = 30
LEFTOVER_GRACE_S = 10
SETTINGS = {
    "port": "5432",
    "listen_addresses": "",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
CARELESS = {"autovacuum": "off", "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class Server:
    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        """durable: False is for tests; a crash of the machine may then cost the database."""
        self.data_dir = data_dir
        self.log = data_dir / "logs" / "postgres.log"
        self._settings = SETTINGS if durable else SETTINGS | CARELESS
        self._child: Child | None = None
        self._lock: int | None = None

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.alive

    def start(self) -> None:
        """Return when it answers; after a crash call it again.

        Call it from the main thread: the server ends with the thread that started it.
        Raises CannotStart.
        """
        try:
            runner = account.choose(self.data_dir / "postgres/data")
            home = cluster.settle(self.data_dir, runner)
            self._take(home)
            self._launch(home, runner)
        except OSError as error:
            self.stop()
            raise CannotStart(f"The database cannot be started: {error}.") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every session at once, write everything out, leave nothing running."""
        if self._child:
            self._child.stop(STOP_WITHIN_S)
        if self._lock is not None:
            endpoint.release((self.data_dir / "postgres").resolve())
            os.close(self._lock)
        self._child = self._lock = None

    def _take(self, home: Path) -> None:
        if self._lock is not None:
            return
        self._lock = os.open(home / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            self._lock = None
            raise CannotStart(f"Another Pixelift uses the database in {self.data_dir}.") from error

    def _launch(self, home: Path, runner: Account) -> None:
        if self._child:
            self._child.stop(STOP_WITHIN_S)
        programs = binaries.find(runner, home)
        data = home / "data"
        if not data.exists():
            cluster.create(home, runner, programs)
        end_leftovers(data)
        folder = endpoint.place(home, runner)
        settings = self._settings | {"hba_file": str(home / "access.conf"), "unix_socket_directories": str(folder)}
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        written_bytes = self.log.stat().st_size if self.log.exists() else 0
        self._child = Child(
            [str(programs / "postgres"), "-D", str(data), *flags],
            log=self.log,
            cwd=Path("/"),
            env=cluster.ENVIRONMENT,
            account=runner,
            ending=signal.SIGINT,
        )
        if not _answers(self._child, data):
            lines = self.log.read_bytes()[written_bytes:].decode(errors="replace").splitlines()
            reason = next((line for line in lines if "FATAL" in line), "it said nothing")
            raise CannotStart(f"The database did not start: {reason.partition('FATAL:')[2].strip()}. See {self.log}.")


def _answers(child: Child, data: Path) -> bool:
    """Wait until the server's own status file says that it is ready; say False when it ended or takes too long."""
    given_up = time.monotonic() + READY_WITHIN_S
    while child.alive and time.monotonic() < given_up:
        with contextlib.suppress(FileNotFoundError):
            lines = (data / "postmaster.pid").read_text().splitlines()
            if lines[:1] == [str(child.pid)] and lines[7:8] == ["ready   "]:
                return True
        time.sleep(0.02)
    return False


def end_leftovers(data: Path) -> None:
    """End the server, and what is left of one, whose parent was killed; the caller holds the lock of the home."""
    for order in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        given_up = time.monotonic() + LEFTOVER_GRACE_S
        for pid in _inside(data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, order)
        while _inside(data) and time.monotonic() < given_up:
            time.sleep(0.05)
    (data / "postmaster.pid").unlink(missing_ok=True)  # its number may belong to a stranger by now


def _inside(data: Path) -> list[int]:
    """Every process of a server works in its data folder and nobody else does: only its account may enter."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if link.readlink() == data:
                found.append(int(link.parent.name))
    return found
