"""A worker that stays: `python worker.py gpu` makes pictures, `python worker.py io` does the rest.

A stock procrastinate worker exits with status 0 when Postgres restarts; this loop starts it again with back-off.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import procrastinate
import structlog

from pixelift import db, logs, measuring, tasks
from pixelift.engine.host import Engine
from pixelift.engine.shelf import Shelf
from pixelift.processing import Workshop
from pixelift.settings import Settings
from pixelift.storage import Folder

MAX_DELAY_S, POLL_S = 8.0, 1.0
IO_TASKS_AT_ONCE, SMALL_AT_ONCE, PREVIEWS_AT_ONCE, SPARE_THREADS = 4, 2, 1, 2
KINDS = ("gpu", "io")
log = structlog.get_logger()


def main(kind: str) -> None:
    settings = Settings()
    logs.configure(settings.log_level)
    settings.scratch_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = queues(kind, settings)
    database = db.connect(settings, pool_size=sum(lines.values()) + 1)
    engine = Engine(**settings.engine)
    workshop = Workshop(database, Folder(settings.blobs_dir), engine, settings.scratch_dir, stopping=threading.Event())
    if kind == "gpu":
        engine.warm()
        threading.Thread(target=measuring.measure, args=(workshop, Shelf(settings.models_dir)), daemon=True).start()
    try:
        build = functools.partial(tasks.build, settings, database, workshop)
        asyncio.run(supervise(build, lines, workshop.stopping))
    finally:
        engine.close()
        database.close()


def queues(kind: str, settings: Settings) -> dict[str, int]:
    """Return how many tasks of each queue are done at once. None takes another's place, however long it has its own."""
    if kind == "io":
        return {"io": IO_TASKS_AT_ONCE}
    return {"gpu": settings.pictures_at_once, "small": SMALL_AT_ONCE, "previews": PREVIEWS_AT_ONCE}


async def supervise(build: Callable[[], procrastinate.App], lines: dict[str, int], stopping: threading.Event) -> None:
    """Keep workers running until a signal says stop; `stopping` makes running jobs hand themselves back."""
    stop = asyncio.Event()
    asyncio.get_running_loop().set_default_executor(
        ThreadPoolExecutor(sum(lines.values()) + SPARE_THREADS)
    )  # runs the tasks

    def ask_to_stop() -> None:
        stopping.set()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ask_to_stop)
    delay_s = 0.5
    while not stop.is_set():
        if await work(build(), lines, stop):
            delay_s = 0.5
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), delay_s)
        delay_s = min(delay_s * 2, MAX_DELAY_S)


async def work(app: procrastinate.App, lines: dict[str, int], stop: asyncio.Event) -> bool:
    """Serve all queues until one ends or all are told to; say whether it came as far as listening."""
    opened = False
    try:
        async with app.open_async():
            opened = True
            running = [asyncio.create_task(serve(app, *line)) for line in lines.items()]
            asked = asyncio.create_task(stop.wait())
            await asyncio.wait({*running, asked}, return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
            await end(running)
    except Exception as error:  # noqa: BLE001 (whatever broke the worker, the next one starts; the log says why)
        reason = str(error).splitlines()[0] if str(error) else repr(error)
        log.warning("worker interrupted", queues=list(lines), reason=reason)
    return opened


async def end(running: list[asyncio.Task[None]]) -> None:
    """Stop those that still run; raise what any of them ended with."""
    for task in running:
        task.cancel()
    for ended in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended


async def serve(app: procrastinate.App, queue: str, at_once: int) -> None:
    await app.run_worker_async(
        queues=[queue],
        name=queue,
        concurrency=at_once,
        fetch_job_polling_interval=POLL_S,  # only new tasks notify, delayed ones are found by looking
        install_signal_handlers=False,
        delete_jobs="always",
        update_heartbeat_interval=5,
        stalled_worker_timeout=20,
    )


if __name__ == "__main__":
    if sys.argv[1:] not in ([kind] for kind in KINDS):
        sys.exit("Say which: worker.py gpu, or worker.py io")
    main(sys.argv[1])
