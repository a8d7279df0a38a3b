"""The engine as the rest of the program knows it: a child process that may crash without taking anybody along."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

from pixelift.engine.case import Case, Watch
from pixelift.engine.children import error_from
from pixelift.engine.line import Death, Line, Lost
from pixelift.engine.orders import Order, Outcome, Progress, Stage, Strip
from pixelift.engine.quarantine import Place, Quarantine

__all__ = ["Engine", "Order", "Outcome", "Progress", "Stage", "Strip", "Watch"]

_NEWS_S = 0.5


class Engine:
    """One child that keeps its networks warm and works on several orders at once, started again after it died.

    For any number of threads. `quiet_s`: how long nothing may be heard of an order before the child counts as hung.
    `networks_bytes`: what the warm networks may take of memory; `memory_bytes`: what everything else may.
    """

    def __init__(
        self,
        *,
        device: str = "auto",
        precision: str = "auto",
        models_dir: Path | None = None,
        networks_bytes: int = 2_000_000_000,
        memory_bytes: int = 2_000_000_000,
        quiet_s: float = 300,
    ) -> None:
        self._arguments = (device, precision, str(models_dir or ""), str(networks_bytes), str(memory_bytes))
        self._quiet_s = quiet_s
        self._lock = threading.Lock()
        self._line: Line | None = None
        self._numbers = itertools.count(1)
        self._quarantine = Quarantine()

    def warm(self) -> None:
        """Start the child now, so that the first order need not wait for it."""
        self._living()

    @property
    def pid(self) -> int | None:
        """The child's process, while it lives."""
        return self._line.pid if self._line and self._line.is_alive else None

    def run(self, order: Order, watch: Watch) -> Outcome:
        """Enlarge one picture; `watch` hears every news, and None at least every half second without.

        When `watch` raises, the work stops within two seconds, partial files are removed and the error goes on. When
        the child dies or hangs, the order is tried again, from its last finished rows if it has a `scratch_dir`.
        Raises EngineFailed, EngineStalled when that does not help, and what `pipeline.run` raises.
        """
        case = Case(watch)
        try:
            while True:
                try:
                    return self._try(order, case)
                except Lost as lost:
                    case.note(lost.death)
        except BaseException:
            _clear(order)
            raise

    def close(self) -> None:
        with self._lock:
            if self._line is not None:
                self._line.close()
                self._line = None

    def _try(self, order: Order, case: Case) -> Outcome:
        with self._quarantine.admitted(case.nothing, suspect=case.is_suspect) as place:
            number, line = next(self._numbers), self._living()
            message = {"order": order.to_json(), "halvings": case.charges}
            line.send(number, message, on_trial=place.is_suspect)
            try:
                return self._listen(line, number, case, place)
            except BaseException:
                line.stop(number)
                raise
            finally:
                line.forget(number)

    def _listen(self, line: Line, number: int, case: Case, place: Place) -> Outcome:
        while True:
            message = line.receive(number, _NEWS_S) or {}
            match message:
                case {"outcome": outcome}:
                    return Outcome.from_json(outcome)
                case {"error": _}:
                    raise error_from(message)
                case {"broke": _}:
                    raise Lost(Death.BROKE)
                case {"progress": progress}:
                    case.tell(Progress.from_json(progress))
                case _:
                    case.nothing()
            if case.is_cleared:
                line.acquit(number)
                place.clear()

    def _living(self) -> Line:
        with self._lock:
            if self._line is None or not self._line.is_alive:
                self._line = Line(self._quiet_s, *self._arguments)
            return self._line


def _clear(order: Order) -> None:
    draft = order.destination.with_name(f".{order.destination.name}.part")
    strips = order.strips_dir.glob("[0-9][0-9][0-9][0-9].webp") if order.strips_dir else ()
    for path in (order.destination, draft, order.thumbnail, order.preview, *strips):
        if path is not None:
            path.unlink(missing_ok=True)
