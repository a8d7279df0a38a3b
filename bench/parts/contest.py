"""One task, done by every runner in turns."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing

from bench.parts.arena import Missing, Runner, apart
from bench.parts.entrants import EXACT, PEERS
from bench.parts.score import Score, psnr_db
from bench.parts.task import Task

_EXPORTED = {"openvino-fp32", "openvino-bf16", "onnxruntime"}


def hold(task: Task, names: list[str], rounds: int) -> dict[str, Score]:
    """Return the scores of those peers whose packages are here; the first run of each only warms up."""
    if _EXPORTED.intersection(names):
        apart("peers.exported.write", task)
    with ExitStack() as open_ones:
        runners = {}
        for name in dict.fromkeys([EXACT, *names]):
            try:
                runners[name] = open_ones.enter_context(closing(Runner(PEERS[name].place, task)))
            except Missing as missing:
                print(f"{name} is left out: {missing} is not installed.", file=sys.stderr)
        exact = runners[EXACT].result
        scores = {name: Score(PEERS[name], psnr_db(runners[name].result, exact)) for name in names if name in runners}
        for _ in range(rounds):
            for name, score in scores.items():
                score.seconds.append(runners[name].seconds())
        for name, score in scores.items():
            score.loaded_mb, score.peak_mb = runners[name].loaded_mb, runners[name].peak_mb
    return scores
