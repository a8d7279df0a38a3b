"""A server on loopback that answers every path of ANSWERS as badly as it says."""

from __future__ import annotations

import gzip
import io
import itertools
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from ssrfguard import Policy

from pixelift import outbound
from pixelift.deadline import Resolver
from pixelift.outbound import Fetched
from pixelift.settings import Settings

PICTURE = bytes(range(256)) * 40
OK = b"HTTP/1.1 200 OK\r\n"
Answer = Callable[[socket.socket], None]


@contextmanager
def serving() -> Iterator[Server]:
    with Server() as server, server.plain_talker:
        for each in (server, server.plain_talker):
            threading.Thread(target=each.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        for each in (server, server.plain_talker):
            each.shutdown()


def policy(networks: tuple[str, ...] = (), ports: tuple[int, ...] = ()) -> Policy:
    return outbound.policy(Settings.model_validate({"allowed_networks": networks, "allowed_ports": ports}))


def answering(*answers: str) -> Resolver:
    """Return a stand-in for getaddrinfo that knows one answer to every question."""

    def resolve(_host: str, port: int, *_query: object) -> list[object]:
        return [
            (socket.AF_INET6 if ":" in answer else socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, port))
            for answer in answers
        ]

    return resolve


class Server(socketserver.ThreadingTCPServer):
    """Answers every path of ANSWERS on loopback as badly as the path says; a client hello is left unanswered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.port: int = self.server_address[1]
        self.requests: list[bytes] = []
        self.plain_talker = socketserver.ThreadingTCPServer(("127.0.0.1", 0), PlainTalk)
        self.plain_talker_port: int = self.plain_talker.server_address[1]

    def fetch(
        self,
        path: str,
        *,
        scheme: str = "http",
        host: str = "127.0.0.1",
        max_bytes: int = 10**7,
        deadline_s: float = 3,
        target: io.BytesIO | None = None,
        port: int | None = None,
        resolver: Resolver | None = None,
    ) -> tuple[Fetched, bytes]:
        port = port or self.port
        target = target or io.BytesIO()
        fetched = outbound.fetch(
            f"{scheme}://{host}:{port}{path}",
            target,
            policy=policy(("127.0.0.0/8",), (port,)),
            max_bytes=max_bytes,
            deadline_s=deadline_s,
            resolver=resolver,
        )
        return fetched, target.getvalue()


class Conversation(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        head = self.request.recv(65536)
        if not head.startswith(b"GET "):
            time.sleep(1)
            return
        self.server.requests.append(head)  # type: ignore[attr-defined]
        path, _, query = head.split(b" ")[1].decode().partition("?")
        with suppress(OSError):
            _answer(self.request, path, query)


class PlainTalk(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.sendall(b"this is not TLS\r\n" * 20)


def _answer(sock: socket.socket, path: str, query: str) -> None:
    if path == "/redirect-to":
        _redirect(sock, query)
    elif path.startswith("/redirect/"):
        left = int(path.rpartition("/")[2]) - 1
        _redirect(sock, f"/redirect/{left}" if left else "/photo.png")
    else:
        ANSWERS.get(path, _picture)(sock)


def _redirect(sock: socket.socket, location: str) -> None:
    sock.sendall(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())


def _picture(sock: socket.socket) -> None:
    sock.sendall(OK + b"Content-Type: image/png\r\nContent-Length: %d\r\n\r\n" % len(PICTURE) + PICTURE)


def _drip(head: bytes, drops: Iterator[bytes]) -> Answer:
    def answer(sock: socket.socket) -> None:
        sock.sendall(head)
        for drop in itertools.islice(drops, 40):
            sock.sendall(drop)
            time.sleep(0.05)

    return answer


def _endless(head: bytes, part: bytes) -> Answer:
    def answer(sock: socket.socket) -> None:
        sock.sendall(head)
        while True:
            sock.sendall(part)

    return answer


def _reset(head: bytes) -> Answer:
    def answer(sock: socket.socket) -> None:
        sock.sendall(head)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        sock.close()

    return answer


def _slow_loop(sock: socket.socket) -> None:
    time.sleep(0.15)
    _redirect(sock, "/drip-redirects")


def _says(*parts: bytes) -> Answer:
    return lambda sock: sock.sendall(b"".join(parts))


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"%x\r\n%b\r\n" % (len(PICTURE), PICTURE)
BOMB = gzip.compress(bytes(10_000_000))

ANSWERS: dict[str, Answer] = {
    "/named": _says(
        OK,
        b'Content-Disposition: attachment; filename="../../etc/passwd\xe2\x80\xae.png"\r\n',
        b"Content-Length: 1\r\n\r\n1",
    ),
    "/chunked": _says(CHUNKED, CHUNK, b"0\r\n\r\n"),
    "/until-close": _says(OK, b"\r\n", PICTURE),
    "/redirect-with-endless-body": _endless(b"HTTP/1.1 302 Found\r\nLocation: /photo.png\r\n\r\n", PICTURE),
    "/loop": lambda sock: _redirect(sock, "/loop"),
    "/redirect-to-nowhere": lambda sock: _redirect(sock, "http://[::1"),
    "/redirect-without-location": _says(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"),
    "/missing": _says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    "/broken": _says(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"),
    "/gzip-bomb": _says(OK, b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB), BOMB),
    "/huge-header": _says(OK, b"X-Big: " + b"a" * 100_000 + b"\r\n\r\n"),
    "/many-headers": _says(OK, b"X-Many: a\r\n" * 200 + b"\r\n"),
    "/large-headers": _says(OK, b"X-Large: " + b"a" * 50_000 + b"\r\n\r\n"),
    "/not-http": _says(b"220 mail.example.com ESMTP\r\n"),
    "/nothing": _says(),
    "/reset-in-headers": _reset(OK),
    "/reset-in-body": _reset(OK + b"Content-Length: 1000\r\n\r\n" + PICTURE[:10]),
    "/shorter-than-promised": _says(OK, b"Content-Length: 99999\r\n\r\n", PICTURE),
    "/understated": _says(OK, b"Content-Length: 1001\r\n\r\n", PICTURE),
    "/two-lengths": _says(OK, b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", PICTURE),
    "/broken-chunk": _says(CHUNKED, b"not a number\r\n", PICTURE),
    "/endless-chunk-size": _endless(CHUNKED, b"1" * 65536),
    "/endless": _endless(OK + b"\r\n", PICTURE),
    "/endless-chunks": _endless(CHUNKED, CHUNK),
    "/endless-continue": _endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "/silent": _drip(b"", itertools.repeat(b"")),
    "/drip-headers": _drip(OK + b"X-Slow: ", itertools.repeat(b"a")),
    "/drip-body": _drip(OK + b"Content-Length: 1000\r\n\r\n", itertools.repeat(b"a")),
    "/drip-chunks": _drip(CHUNKED, itertools.repeat(b"1\r\na\r\n")),
    "/drip-redirects": _slow_loop,
}
