"""Fetching from servers that misbehave, on an allowed loopback."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from pixelift import outbound
from pixelift.errors import FetchFailed, FileTooLarge, ForbiddenUrl
from pixelift.outbound import Fetched
from tests.misbehaving import PICTURE, Server, answering, policy, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def test_a_picture_is_fetched_with_its_name_and_type(server: Server) -> None:
    fetched, content = server.fetch("/photos/%C3%BCber%20uns.png?size=2")
    assert fetched == Fetched("über uns.png", "image/png", len(PICTURE))
    assert content == PICTURE


def test_the_name_comes_from_content_disposition_when_there_is_one(server: Server) -> None:
    assert server.fetch("/named")[0].filename == "passwd.png"


def test_a_chunked_picture_without_length_is_fetched(server: Server) -> None:
    assert server.fetch("/chunked")[1] == PICTURE


def test_a_picture_that_ends_with_the_connection_is_fetched(server: Server) -> None:
    assert server.fetch("/until-close")[1] == PICTURE


def test_three_redirects_are_followed(server: Server) -> None:
    assert server.fetch("/redirect/3")[1] == PICTURE


def test_the_body_of_a_redirect_is_not_read(server: Server) -> None:
    assert server.fetch("/redirect-with-endless-body", deadline_s=2)[1] == PICTURE


def test_only_the_headers_of_ours_are_sent(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.fetch("/photo.png")
    names = {line.split(b":")[0].lower() for line in server.requests[-1].split(b"\r\n")[1:] if line}
    assert names == {b"host", b"accept", b"accept-encoding", b"connection", b"user-agent"}


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/redirect/4", "redirects too often"),
        ("/loop", "redirects too often"),
        ("/redirect-to-nowhere", "redirects to nowhere"),
        ("/redirect-without-location", "status 302"),
        ("/missing", "status 404"),
        ("/broken", "status 500"),
        ("/gzip-bomb", "compressed"),
        ("/huge-header", "could not be reached or broke off"),
        ("/many-headers", "could not be reached or broke off"),
        ("/large-headers", "headers that are too large"),
        ("/not-http", "could not be reached or broke off"),
        ("/nothing", "could not be reached or broke off"),
        ("/reset-in-headers", "could not be reached or broke off"),
        ("/reset-in-body", "could not be reached or broke off"),
        ("/shorter-than-promised", "could not be reached or broke off"),
        ("/two-lengths", "could not be reached or broke off"),
        ("/broken-chunk", "could not be reached or broke off"),
        ("/endless-chunk-size", "could not be reached or broke off"),
    ],
)
def test_a_server_that_misbehaves_is_a_sentence(server: Server, path: str, sentence: str) -> None:
    with pytest.raises(FetchFailed, match=sentence) as caught:
        server.fetch(path, deadline_s=5)
    assert "127.0.0.1" not in caught.value.message


@pytest.mark.parametrize(
    "path", ["/silent", "/drip-headers", "/drip-body", "/drip-chunks", "/endless-continue", "/drip-redirects"]
)
def test_one_deadline_covers_everything_a_server_does_slowly(server: Server, path: str) -> None:
    started_s = time.monotonic()
    with pytest.raises(FetchFailed, match="took too long"):
        server.fetch(path, deadline_s=0.4)
    assert time.monotonic() - started_s < 1


def test_a_silent_tls_handshake_meets_the_deadline(server: Server) -> None:
    started_s = time.monotonic()
    with pytest.raises(FetchFailed, match="took too long"):
        server.fetch("/", scheme="https", deadline_s=0.4)
    assert time.monotonic() - started_s < 1


def test_a_server_that_does_not_speak_tls_is_a_sentence(server: Server) -> None:
    with pytest.raises(FetchFailed, match="certificate"):
        server.fetch("/", scheme="https", port=server.plain_talker_port)


def test_a_lookup_that_hangs_meets_the_deadline(server: Server) -> None:
    released = threading.Event()

    def hanging(*_query: object) -> list[object]:
        released.wait(5)
        return []

    started_s = time.monotonic()
    with pytest.raises(FetchFailed, match="took too long"):
        server.fetch("/photo.png", host="slow.test", resolver=hanging, deadline_s=0.4)
    assert time.monotonic() - started_s < 1
    released.set()


def test_a_closed_port_is_a_sentence(server: Server) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(FetchFailed, match="could not be reached"):
            server.fetch("/", port=unused.getsockname()[1])


@pytest.mark.parametrize("path", ["/photo.png", "/endless", "/endless-chunks", "/chunked", "/understated"])
def test_a_file_above_the_cap_is_refused_and_no_more_is_kept(server: Server, path: str) -> None:
    target = io.BytesIO()
    with pytest.raises(FileTooLarge, match="1,000 bytes"):
        server.fetch(path, max_bytes=1_000, target=target)
    assert target.tell() <= 1_000


def test_a_file_of_exactly_the_cap_is_accepted(server: Server) -> None:
    assert server.fetch("/photo.png", max_bytes=len(PICTURE))[0].size_bytes == len(PICTURE)


def test_a_promise_above_the_cap_is_refused_unread(server: Server) -> None:
    with pytest.raises(FileTooLarge, match=r"1,000 bytes may be fetched, and that file has 10,240 bytes"):
        server.fetch("/photo.png", max_bytes=1_000)


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "http://user@example.com/",
        "http://127.0.0.1:22/",
        "//10.0.0.1/",
    ],
)
def test_a_redirect_to_a_forbidden_address_is_refused(server: Server, location: str) -> None:
    with pytest.raises(ForbiddenUrl):
        server.fetch(f"/redirect-to?{location}")


def test_a_name_is_looked_up_once_so_it_cannot_be_rebound_after_the_check(server: Server) -> None:
    lookups: list[str] = []

    def rebinding(host: str, port: int, *_query: object) -> object:
        lookups.append(host)
        return answering("10.0.0.1" if len(lookups) > 1 else "127.0.0.1")(host, port)

    assert server.fetch("/photo.png", host="rebinding.test", resolver=rebinding)[1] == PICTURE
    assert lookups == ["rebinding.test"]


@pytest.mark.parametrize(("networks", "ports"), [((), True), (("127.0.0.0/8",), False), (("10.0.0.0/8",), True)])
def test_a_private_server_needs_its_network_and_its_port_allowed(
    server: Server, networks: tuple[str, ...], *, ports: bool
) -> None:
    allowed = policy(networks, (server.port,) if ports else ())
    with pytest.raises(ForbiddenUrl):
        outbound.fetch(f"http://127.0.0.1:{server.port}/photo.png", io.BytesIO(), policy=allowed, max_bytes=10**6)


def test_a_full_disk_is_not_blamed_on_the_sender(server: Server) -> None:
    class Full(io.BytesIO):
        def write(self, _content: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        server.fetch("/photo.png", target=Full())
