"""The web process: one gunicorn worker of many threads, because each live stream holds one."""

from __future__ import annotations

import importlib
import socket
import struct
from typing import Any

from gunicorn.app.base import BaseApplication

from pixelift.settings import Settings

READ_WITHIN_S = 15  # from one packet of a request to the next
GRACE_S = 5  # live streams never end by themselves; an upload gets this long


class WebServer(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in options(self.settings).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return importlib.import_module("wsgi").application


def options(settings: Settings) -> dict[str, Any]:
    return {
        "bind": f"{bracketed(settings.host)}:{settings.port}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": settings.web_threads,
        "worker_connections": settings.web_threads * 2,
        "graceful_timeout": GRACE_S,
        "control_socket_disable": True,
        "when_ready": _bound_reads,
        "forwarded_allow_ips": "",  # who may speak for the client is decided in one place, by trusted_proxies
        "loglevel": settings.log_level.lower(),
    }


def _bound_reads(server: Any) -> None:
    """Let no stalled client hold a thread: on Linux, accepted sockets take this over from the listening one."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", READ_WITHIN_S, 0))


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
