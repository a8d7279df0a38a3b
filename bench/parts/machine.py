"""What this machine is, how busy, and what it can do."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from dataclasses import dataclass
from pathlib import Path

_QUIET_LOAD = 0.5


@dataclass(frozen=True)
class Limits:
    """`peaks` are the GFLOP/s, by precision, of the best plain convolution of 64 to 64 channels, 3 by 3."""

    threads: int
    precision: str
    peaks: dict[str, float]


def sentence(packages: tuple[str, ...]) -> str:
    """Name processor, system, load before we came, and the version of every package that is there."""
    load = os.getloadavg()[0]
    state = "otherwise idle" if load < _QUIET_LOAD else f"shared: {load:.1f} processes wanted to run before this began"
    return f"{_cpu()}; {platform.system()}; {state}. {', '.join(_versions(packages))}."


def _versions(packages: tuple[str, ...]) -> list[str]:
    found = [f"Python {platform.python_version()}"]
    for name in packages:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    return found


def _cpu() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    able = [mark for mark in ("amx_bf16", "avx512_bf16", "avx512f", "avx2") if any(mark in line for line in lines)]
    return f"{name} with {able[0]}" if able else name
