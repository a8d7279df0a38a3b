"""Runners, each in a process of its own, that work one at a time.

So every library has its own threads, allocator and peak of memory, and no one's waiting threads take another's core.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from PIL import Image

from bench.parts import memory
from bench.parts.task import Pixels, Run, Task

_PROCESSES = multiprocessing.get_context("spawn")
_REST_S = 0.2  # until the last one's threads have stopped to look for work


class Missing(Exception):
    """A package of this runner is not installed."""


class Runner:
    """A peer that has loaded its network and done the task once, `result` being what came of it.

    Raises Missing.
    """

    def __init__(self, place: str, task: Task) -> None:
        self._wire, far_end = _PROCESSES.Pipe()
        self._process = _PROCESSES.Process(target=_serve, args=(far_end, place, task), daemon=True)
        self._process.start()
        far_end.close()
        missing = self._hear()
        if missing:
            self.close()
            raise Missing(missing)
        self.loaded_mb: float = self._hear()
        self.result: Pixels = np.load(task.folder / f"{place}.npy")

    def seconds(self) -> float:
        """Do the task once more."""
        time.sleep(_REST_S)
        self._wire.send(None)
        taken: float = self._hear()
        return taken

    @property
    def peak_mb(self) -> float:
        return memory.peak_mb(self._process.pid or 0)

    def close(self) -> None:
        self._process.kill()
        self._process.join()

    def _hear(self) -> Any:
        try:
            return self._wire.recv()
        except EOFError as error:
            raise SystemExit("A runner ended without an answer; the lines above say why.") from error


def apart(place: str, *arguments: Any, **named: Any) -> Any:
    """Call `module.function` of bench in a process of its own, so that what it imports stays there."""
    with ProcessPoolExecutor(1, _PROCESSES) as pool:
        return pool.submit(_call, place, *arguments, **named).result()


def _serve(wire: Connection[Any, Any], place: str, task: Task) -> None:
    try:
        run: Run = _call(f"peers.{place}", task)
    except ModuleNotFoundError as error:
        return wire.send(str(error.name))
    wire.send(None)
    loaded_mb = memory.peak_mb(os.getpid())
    _keep(run(), task, place)
    wire.send(loaded_mb)
    clock = time.process_time if task.busy else time.perf_counter
    while True:
        wire.recv()
        started = clock()
        run()
        wire.send(clock() - started)


def _call(place: str, *arguments: Any, **named: Any) -> Any:
    module, function = place.rsplit(".", 1)
    return getattr(importlib.import_module(f"bench.{module}"), function)(*arguments, **named)


def _keep(result: Any, task: Task, place: str) -> None:
    np.save(task.folder / f"{place}.npy", result if isinstance(result, np.ndarray) else np.asarray(Image.open(result)))
