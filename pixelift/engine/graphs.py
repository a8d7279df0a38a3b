"""Functions on a GPU, recorded once for each shape, so that starting their many small parts costs nothing."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable

import torch
from torch import Tensor

Function = Callable[[Tensor], Tensor]
Recorder = Callable[[Function, Tensor], Function]

_MOST_SHAPES = 4

_log = logging.getLogger(__name__)


class Replayed:
    """Computes what `function` does. A shape that comes a second time is recorded, and from then on replayed.

    A recording that does not give the very same numbers is never used.
    """

    def __init__(self, function: Function, record: Recorder | None = None) -> None:
        self._function, self._record = function, record or _cuda()
        self._known: dict[torch.Size, Function | None] = {}  # None: seen once

    def __call__(self, rows: Tensor) -> Tensor:
        shape = rows.shape
        if shape not in self._known:
            self._keep(shape, None)
            return self._function(rows)
        known = self._known[shape]
        if known is None:
            return self._recorded(rows)
        return known(rows)

    def _recorded(self, rows: Tensor) -> Tensor:
        out = self._function(rows)
        try:
            replay = self._record(self._function, rows)
            same = torch.equal(replay(rows), out)
        except torch.OutOfMemoryError:
            self._known.clear()
            raise
        if not same:
            _log.warning("a recording for %s gave other numbers and is not used", tuple(rows.shape))
        self._keep(rows.shape, replay if same else self._function)
        return out

    def _keep(self, shape: torch.Size, function: Function | None) -> None:
        self._known.pop(shape, None)
        self._known[shape] = function
        while len(self._known) > _MOST_SHAPES:
            del self._known[next(iter(self._known))]


class CudaRecorder:
    """Records with CUDA graphs, which share one pool of memory: they run one after the other."""

    def __init__(self) -> None:
        self._pool = torch.cuda.graph_pool_handle()

    def __call__(self, function: Function, rows: Tensor) -> Function:
        inlet, graph = rows.clone(), torch.cuda.CUDAGraph()
        torch.cuda.synchronize()
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            outlet = function(inlet)

        def replay(rows: Tensor) -> Tensor:
            inlet.copy_(rows)
            graph.replay()
            return outlet.clone()

        return replay


@functools.cache
def _cuda() -> CudaRecorder:
    return CudaRecorder()
