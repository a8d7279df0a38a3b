"""The set-up script and what it installs from."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def canonical(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement)[0]).lower()


def test_every_requirement_is_pinned_exactly() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pinned = {canonical(line) for line in lines if re.fullmatch(r"[a-z0-9.-]+==[a-z0-9.]+( ;.*)?", line)}
    assert len(pinned) == len(lines)
    setup = configparser.ConfigParser(interpolation=None)
    setup.read(ROOT / "setup.cfg")
    wanted = setup["options"]["install_requires"].split("\n")
    for extra in setup["options.extras_require"].values():
        wanted += extra.split("\n")
    assert {canonical(name) for name in wanted if name} <= pinned


def test_the_front_end_lock_names_no_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert all("resolved" not in package for package in packages.values())
    assert all("integrity" in package for name, package in packages.items() if name)


def test_an_older_python_is_told_what_is_needed() -> None:
    program = "import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path('run')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Pixelift needs Python 3.11 or newer; this is 3.9.\n"


def test_a_python_without_pip_is_told_what_is_needed(tmp_path: Path) -> None:
    shutil.copy(ROOT / "run", tmp_path)
    for name in ("constraints.txt", "setup.cfg", "setup.py", "pyproject.toml", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    done = subprocess.run([sys.executable, "-I", "-S", tmp_path / "run"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "has no pip. Install it (Debian, Ubuntu: apt install python3-pip)" in done.stderr


def test_a_command_line_without_a_database_says_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pixelift", "users", "add", "a@example.com", "--data-dir", str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"There is no database in {tmp_path} yet. Start Pixelift there first.\n"
