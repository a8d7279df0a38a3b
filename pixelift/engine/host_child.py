"""The process that computes. It does one order after the other, and gives one up when told to."""

from __future__ import annotations

import os
import queue
import threading
from pathlib import Path
from typing import Any

import torch

from pixelift.engine import hardware, pipeline
from pixelift.engine.childhood import Voice, messages, told
from pixelift.engine.orders import Order, Progress
from pixelift.errors import PixeliftError

_NICENESS = 5


class _Cancelled(Exception):
    """The parent no longer wants this order."""


class _Desk:
    """Where orders come in, and what became unwanted, read by a thread of its own."""

    def __init__(self) -> None:
        self.orders: queue.SimpleQueue[tuple[int, Order]] = queue.SimpleQueue()
        self.cancelled = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for message in messages():
            if "cancel" in message:
                self.cancelled = message["cancel"]
            else:
                self.orders.put((message["number"], Order.from_json(message["order"])))
        os._exit(0)  # the parent closed the pipe or is gone


def main(device: str, precision: str, models_dir: str) -> None:
    os.nice(_NICENESS)
    voice, desk = Voice(), _Desk()
    torch.set_num_threads(hardware.cores())
    tools = pipeline.tools(device, precision, Path(models_dir) if models_dir else None)
    while True:
        number, order = desk.orders.get()
        voice.say(**_answer(number, order, tools, desk, voice))
        voice.say(idle=number)


def _answer(number: int, order: Order, tools: pipeline.Tools, desk: _Desk, voice: Voice) -> dict[str, Any]:
    def hear(progress: Progress) -> None:
        if desk.cancelled == number:
            raise _Cancelled
        voice.say(progress=progress.to_json())

    try:
        return {"outcome": pipeline.run(order, tools, hear).to_json()}
    except _Cancelled:
        return {}
    except PixeliftError as error:
        return told(error)
