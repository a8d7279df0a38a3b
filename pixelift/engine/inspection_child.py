"""The process that decodes what strangers sent. It has limits, and nothing to lose."""

from __future__ import annotations

import math
import resource
from functools import partial
from pathlib import Path
from typing import Any

from pixelift.engine import copies, pieces, pixels, reading
from pixelift.engine.childhood import Voice, messages, told
from pixelift.engine.reading import Picture
from pixelift.engine.regions import Wanted
from pixelift.errors import InvalidImage, PixeliftError

_LARGEST_FILE_BYTES = 256_000_000


def main(wall_s: str, memory_bytes: str) -> None:
    voice = Voice()
    resource.setrlimit(resource.RLIMIT_AS, (int(memory_bytes), int(memory_bytes)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE_BYTES, _LARGEST_FILE_BYTES))
    voice.say(ready=True)
    for order in messages():
        _limit_cpu(float(wall_s))
        voice.say(**_answer(order))


def _limit_cpu(wall_s: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent_s = math.ceil(used.ru_utime + used.ru_stime + 2 * wall_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent_s, resource.RLIM_INFINITY))


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    try:
        picture = reading.read(Path(order["source"]), max_pixels=order["max_pixels"])
        return _cut(picture, order) if "wanted" in order else _look(picture, order)
    except PixeliftError as error:
        return told(error)
    except MemoryError:
        return told(InvalidImage("This picture needs too much memory to open."))


def _look(picture: Picture, order: dict[str, Any]) -> dict[str, Any]:
    name, thumbnail, preview = picture.facts.format, Path(order["thumbnail"]), Path(order["preview"])
    copies.write(partial(pixels.shrunk, picture.whole), picture.profile, name, thumbnail, preview)
    return {"facts": picture.facts.to_json()}


def _cut(picture: Picture, order: dict[str, Any]) -> dict[str, Any]:
    cut = pieces.cut(picture, Wanted(**order["wanted"]), Path(order["piece"]), Path(order["shown"]))
    return {"cut": cut.to_json()}
