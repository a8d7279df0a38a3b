"""Child processes: each leads a group of its own, writes to a log and does not outlive its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pixelift import leash


@dataclass(frozen=True)
class Account:
    """Who runs a process."""

    uid: int
    gid: int

    @classmethod
    def ours(cls) -> Self:
        return cls(os.geteuid(), os.getegid())


class Child:
    def __init__(
        self,
        command: list[str],
        *,
        log: Path,
        cwd: Path | None = None,
        env: dict[str, str] | None = None,
        account: Account | None = None,
        ending: signal.Signals = signal.SIGTERM,
    ) -> None:
        """Start it. ending: the signal that asks it to stop, also sent when this process dies."""
        self.ending = ending
        self._asked = False
        account = account or Account.ours()
        shim = [sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), str(int(ending))]
        with log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own words
                [*shim, str(account.uid), str(account.gid), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=env,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.returncode is None and not self._ended()

    def ask_to_stop(self) -> None:
        """Send the signal, once: workers take a second one for impatience."""
        if self.alive and not self._asked:
            os.kill(self.pid, self.ending)
            self._asked = True

    def stop(self, grace_s: float) -> int:
        """Ask it to stop, kill it after the grace, return its exit status; nothing of its group is left afterwards."""
        if self.process.returncode is None:
            self.ask_to_stop()
            given_up = time.monotonic() + grace_s
            while not self._ended() and time.monotonic() < given_up:
                time.sleep(0.02)
            os.killpg(self.pid, signal.SIGKILL)
        return self.process.wait()

    def _ended(self) -> bool:
        """Look without collecting the exit status, so that the number stays taken until the group is killed."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
