"""The process that computes: a thread an order, one of them at the machine at a time."""

from __future__ import annotations

import os
import threading
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from pixelift.engine import hardware, pipeline, planning, reading, warm
from pixelift.engine.childhood import Voice, messages, told
from pixelift.engine.memory import Need, Room
from pixelift.engine.orders import Order, Progress
from pixelift.engine.turnstile import Turnstile
from pixelift.errors import PixeliftError

_NICENESS = 5
_LIFE_SIGN_S = 0.5


def main(device: str, precision: str, models_dir: str, networks_bytes: str, memory_bytes: str) -> None:
    os.nice(_NICENESS)
    torch.set_num_threads(hardware.cores())
    warm.NETWORKS.budget_bytes = int(networks_bytes)
    tools = pipeline.tools(device, precision, Path(models_dir) if models_dir else None)
    _Desk(Voice(), tools, Room(int(memory_bytes) - hardware.resident_bytes())).serve()
    os._exit(0)  # the parent closed the pipe or is gone


class _Cancelled(Exception):
    """The parent no longer wants this order."""


class _Desk:
    """Gives every order to a thread of its own, and calls back what became unwanted."""

    def __init__(self, voice: Voice, tools: pipeline.Tools, room: Room) -> None:
        self._voice, self._tools, self._room = voice, tools, room
        self._wanted: set[int] = set()
        self._turnstile = Turnstile()

    def serve(self) -> None:
        self._voice.say(ready=True)
        for message in messages():
            if "cancel" in message:
                self._wanted.discard(message["cancel"])
            else:
                self._begin(**message)

    def _begin(self, number: int, order: dict[str, Any], halvings: int) -> None:
        self._wanted.add(number)
        arguments = (number, Order.from_json(order), halvings)
        threading.Thread(target=self._work, args=arguments, name=f"order-{number}", daemon=True).start()

    def _work(self, number: int, order: Order, halvings: int) -> None:
        self._voice.say(number=number, **self._answer(number, order, halvings))
        self._wanted.discard(number)

    def _answer(self, number: int, order: Order, halvings: int) -> dict[str, Any]:
        told_s = 0.0

        def hear(progress: Progress) -> None:
            nonlocal told_s
            if number not in self._wanted:
                raise _Cancelled
            told_s = time.monotonic()
            self._voice.say(number=number, progress=progress.to_json())

        def wait() -> None:
            if number not in self._wanted:
                raise _Cancelled
            if time.monotonic() - told_s > _LIFE_SIGN_S:
                self._voice.say(number=number, waiting=True)

        try:
            plan = planning.plan(reading.outline(order.source), order.options, self._tools.shelf, order.part)
            with self._room.taken(Need.of(plan, self._tools.precision), wait, halvings) as network_bytes:
                tools = replace(self._tools, turn=self._turnstile.turn(wait), network_bytes=network_bytes)
                return {"outcome": pipeline.run(order, tools, hear).to_json()}
        except _Cancelled:
            return {"stopped": True}
        except PixeliftError as error:
            return told(error)
        except Exception:  # noqa: BLE001 (the child's edge: one order breaks, the others go on)
            traceback.print_exc()
            return {"broke": True}
