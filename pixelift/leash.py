"""Give up root's rights if asked, ask the kernel for a signal at the parent's death, become the command.

A program and no function: what runs between fork and exec in a process with threads must not be Python, and an account
that may not enter the folder of our Python can still be reached by a process that entered it as root. Stdlib only.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(parent: str, signal: str, uid: str, gid: str, *command: str) -> None:
    if os.geteuid() == 0 and int(uid) != 0:
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if sys.platform == "linux":  # after the change of user, which clears it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal))
    if os.getppid() == int(parent):
        os.execv(command[0], command)  # noqa: S606 - the whole point


if __name__ == "__main__":
    main(*sys.argv[1:])
