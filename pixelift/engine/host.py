"""The engine as the rest of the program knows it: a child process that may crash without taking anybody along."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pixelift.engine.children import Child, ChildDied, error_from
from pixelift.engine.orders import Order, Outcome, Progress, Stage, Strip
from pixelift.errors import EngineFailed

__all__ = ["Engine", "Order", "Outcome", "Progress", "Stage", "Strip"]

_CHILD = "pixelift.engine.host_child"
_NEWS_S = 0.5
_STOP_S = 1.5

Watch = Callable[[Progress | None], None]


class Engine:
    """One child that keeps its networks warm, started when first needed and again after it died.

    For one thread at a time.
    """

    def __init__(self, *, device: str = "auto", precision: str = "auto", models_dir: Path | None = None) -> None:
        self._arguments = (device, precision, str(models_dir or ""))
        self._child: Child | None = None
        self._number = 0

    def warm(self) -> None:
        """Start the child now, so that the first order need not wait for it."""
        self._living()

    def run(self, order: Order, watch: Watch) -> Outcome:
        """Enlarge one picture; `watch` hears every news, and None at least every half second without.

        When `watch` raises, the work stops within two seconds, partial files are removed and the error goes on.
        Raises EngineFailed when the child dies, and what `pipeline.run` raises.
        """
        self._number += 1
        try:
            return self._run(order, watch)
        except BaseException:
            self._stop()
            _clear(order)
            raise

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _run(self, order: Order, watch: Watch) -> Outcome:
        try:
            child = self._living()
            child.send({"number": self._number, "order": order.to_json()})
            while True:
                message = child.receive(_NEWS_S)
                if message and "outcome" in message:
                    return Outcome.from_json(message["outcome"])
                watch(_progress(message))
        except ChildDied as error:
            self.close()
            raise EngineFailed from error

    def _stop(self) -> None:
        """Have the child give up this order; end it when it does not."""
        if self._child is None:
            return
        try:
            self._child.send({"cancel": self._number})
            self._wait_idle(self._child)
        except ChildDied:
            self.close()

    def _wait_idle(self, child: Child) -> None:
        deadline = time.monotonic() + _STOP_S
        while (left_s := deadline - time.monotonic()) > 0:
            if (child.receive(left_s) or {}).get("idle") == self._number:
                return
        raise ChildDied

    def _living(self) -> Child:
        if self._child is None or not self._child.alive:
            self.close()
            self._child = Child(_CHILD, *self._arguments)
        return self._child


def _progress(message: dict[str, Any] | None) -> Progress | None:
    if message and "error" in message:
        raise error_from(message)
    return Progress.from_json(message["progress"]) if message and "progress" in message else None


def _clear(order: Order) -> None:
    draft = order.destination.with_name(f".{order.destination.name}.part")
    strips = order.strips_dir.glob("[0-9][0-9][0-9][0-9].webp") if order.strips_dir else ()
    for path in (order.destination, draft, order.thumbnail, order.preview, *strips):
        if path is not None:
            path.unlink(missing_ok=True)
