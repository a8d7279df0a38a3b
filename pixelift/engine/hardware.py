"""What this machine computes with."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import torch

os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # large pages for what torch allocates; it looks at the first time

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def device(wanted: str = "auto") -> torch.device:
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(wanted)


def precision(wanted: str, chosen: torch.device) -> str:
    """Return fp32, bf16 or fp16: what the device is fast at, unless somebody wants to know exactly."""
    if wanted != "auto":
        return wanted
    if chosen.type == "cuda":
        return "fp16"
    able = torch.cpu.get_capabilities()
    return "bf16" if able.get("avx512_bf16") or able.get("amx_bf16") or able.get("amx_tile") else "fp32"


def name(chosen: torch.device) -> str:
    """Return what kind of device it is; two of a kind compute the same pixels."""
    if chosen.type == "cuda":
        return torch.cuda.get_device_name(chosen)
    return f"{chosen.type} {torch.cpu.get_capabilities()} {torch.get_num_threads()}"


def cores() -> int:
    """Count the physical cores this process may use; a second thread on a core only slows convolutions down."""
    ours = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    return len({_siblings(cpu) for cpu in ours})


def _siblings(cpu: int) -> str:
    path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
    try:
        return path.read_text()
    except OSError:
        return str(cpu)


def resident_bytes() -> int:
    """Return how much memory this process has now; where that cannot be told, the most it had."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
