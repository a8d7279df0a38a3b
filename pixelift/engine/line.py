"""One child with several orders in hand: what it says goes to whoever waits for it, and silence is noticed."""

from __future__ import annotations

import queue
import threading
import time
from enum import StrEnum
from typing import Any

from pixelift.engine.children import Child, ChildDied

_CHILD = "pixelift.engine.host_child"
_LOOK_S = 0.25
_START_S = 120.0
_STOP_S = 1.5
_FROZEN_S = 5.0  # a process that did not look for so long was asleep itself
_FINAL = {"outcome", "error", "broke", "stopped"}

Message = dict[str, Any]


class Death(StrEnum):
    """How an order was lost with its child."""

    CULPRIT = "it was the only one in hand, or on trial"
    SUSPECT = "it was one of several in hand"
    STALLED = "nothing was heard of it for too long"
    BESIDE = "another one stalled, or was on trial"
    BROKE = "it met an error that nobody foresaw, and the child lives"
    CLOSED = "the child was ended on purpose"


class Lost(Exception):
    """The child is gone, and this order with it."""

    def __init__(self, death: Death) -> None:
        super().__init__(death.value)
        self.death = death


class Line:
    """For any number of threads, one an order. A child that is silent about an order for `quiet_s` is ended."""

    def __init__(self, quiet_s: float, *arguments: str) -> None:
        self._child, self._quiet_s = Child(_CHILD, *arguments), quiet_s
        self._lock = threading.Lock()
        self._inboxes: dict[int, queue.SimpleQueue[Message | Death]] = {}
        self._heard_s: dict[int, float] = {}  # of every order in the child's hands
        self._is_ready, self._closed, self.is_alive = False, False, True
        self._looked_s = time.monotonic()
        self._trial: int | None = None
        threading.Thread(target=self._listen, name="engine-line", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._child.pid

    def send(self, number: int, message: Message, *, on_trial: bool = False) -> None:
        """Give the child an order; the one on trial is blamed for the child's death. Raises Lost."""
        with self._lock:
            if not self.is_alive:
                raise Lost(Death.BESIDE)
            self._inboxes[number] = queue.SimpleQueue()
            self._heard_s[number] = time.monotonic()
            self._trial = number if on_trial else self._trial
            self._say({"number": number, **message})

    def receive(self, number: int, timeout_s: float) -> Message | None:
        """Return the next message about an order, or None when there is none in time. Raises Lost."""
        try:
            news = self._inboxes[number].get(timeout=timeout_s)
        except queue.Empty:
            return None
        if isinstance(news, Death):
            raise Lost(news)
        return news

    def stop(self, number: int) -> None:
        """Have the child give up an order, within two seconds.

        What does not stop by then is left to stop when it can, or takes the child along if nobody else would notice.
        """
        with self._lock:
            if number not in self._heard_s:
                return
            self._say({"cancel": number})
        end_s = time.monotonic() + _STOP_S
        while number in self._heard_s and time.monotonic() < end_s:
            time.sleep(0.01)
        with self._lock:
            if list(self._heard_s) == [number]:
                self.close()

    def acquit(self, number: int) -> None:
        self._trial = None if self._trial == number else self._trial

    def forget(self, number: int) -> None:
        self._inboxes.pop(number, None)

    def close(self) -> None:
        self._closed = True
        self.is_alive = False
        self._child.end()

    def _say(self, message: Message) -> None:
        try:
            self._child.send(message)
        except ChildDied:  # the listener hears of it too, and tells everybody
            return

    def _listen(self) -> None:
        silent: set[int] = set()
        try:
            while not silent:
                message = self._child.receive(_LOOK_S)
                if message is not None:
                    self._dispatch(message)
                silent = self._silent()
        except ChildDied:
            silent = set()
        self._bury(silent)

    def _dispatch(self, message: Message) -> None:
        now_s = time.monotonic()
        if "ready" in message:
            self._is_ready, self._heard_s = True, dict.fromkeys(self._heard_s, now_s)
            return
        number = message["number"]
        self._heard_s[number] = now_s
        if _FINAL & message.keys():
            del self._heard_s[number]
        inbox = self._inboxes.get(number)
        if inbox is not None:
            inbox.put(message)

    def _silent(self) -> set[int]:
        """Return the orders nothing was heard of for too long, unless it was us who did not listen."""
        now_s, looked_s = time.monotonic(), self._looked_s
        self._looked_s = now_s
        if now_s - looked_s > _FROZEN_S:
            self._heard_s = dict.fromkeys(self._heard_s, now_s)
        limit_s = self._quiet_s if self._is_ready else max(self._quiet_s, _START_S)
        return {number for number, heard_s in list(self._heard_s.items()) if now_s - heard_s > limit_s}

    def _bury(self, silent: set[int]) -> None:
        with self._lock:
            self.is_alive = False
            self._child.kill()
            lost, self._heard_s = list(self._heard_s), {}
        for number in lost:
            inbox = self._inboxes.get(number)
            if inbox is not None:
                inbox.put(self._verdict(number, lost, silent))

    def _verdict(self, number: int, lost: list[int], silent: set[int]) -> Death:
        if self._closed:
            return Death.CLOSED
        if silent:
            return Death.STALLED if number in silent else Death.BESIDE
        if self._trial in lost or len(lost) == 1:
            return Death.CULPRIT if number == self._trial or len(lost) == 1 else Death.BESIDE
        return Death.SUSPECT
