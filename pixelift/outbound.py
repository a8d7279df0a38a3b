"""The one door to addresses that strangers name.

A name is looked up once, every answer must be public, and the connection goes to the address that was checked
(ssrfguard). On top of it: one deadline over everything, a cap on what really arrives, redirects vetted one by one.

Requests' own session is not used: it reads the environment, and it reads the whole body of every redirect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import Message
from ipaddress import ip_network
from typing import BinaryIO
from urllib.parse import unquote, urljoin, urlsplit

import requests
from ssrfguard import DEFAULT_DENIED, AddressTable, Block, Policy, Reach, SSRFGuardError
from urllib3.exceptions import HTTPError

import pixelift
from pixelift import filenames
from pixelift.deadline import Deadline, Resolver, TimedAdapter
from pixelift.errors import FetchFailed, FileTooLarge, ForbiddenUrl
from pixelift.settings import Settings

CHUNK_BYTES = 1 << 16
MAX_HEADERS_BYTES = 32_768
MAX_REDIRECTS = 3
CONNECTION_ATTEMPTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
HEADERS = {
    "Accept": "image/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": f"Pixelift/{pixelift.__version__}",
}
DENIED = AddressTable(
    (
        *DEFAULT_DENIED.blocks,
        Block(ip_network("168.63.129.16/32"), "Azure's host, public by number only", "none", Reach.DENIED),
    )
)


@dataclass(frozen=True)
class Fetched:
    """What came, as the sender describes it: the name is display text, the type is not to be trusted."""

    filename: str
    content_type: str
    size_bytes: int


def policy(settings: Settings) -> Policy:
    return Policy(
        denied_networks=DENIED,
        allowed_networks=settings.allowed_networks,
        allowed_ports=frozenset({80, 443, *settings.allowed_ports}),
        max_redirects=MAX_REDIRECTS,
        max_connection_attempts=CONNECTION_ATTEMPTS,
    )


def fetch(
    url: str,
    target: BinaryIO,
    *,
    policy: Policy,
    max_bytes: int,
    deadline_s: float = 15,
    resolver: Resolver | None = None,
) -> Fetched:
    """Write what the address answers to target, which may hold a part of it after an error.

    Raises ForbiddenUrl, FetchFailed, FileTooLarge.
    """
    deadline = Deadline(deadline_s)
    with (
        closing(TimedAdapter(deadline, policy=policy, resolver=resolver)) as adapter,
        closing(_follow(adapter, url, deadline)) as response,
    ):
        _check(response, max_bytes)
        size_bytes = 0
        for chunk in _chunks(response, deadline):
            size_bytes += len(chunk)
            if size_bytes > max_bytes:
                raise _too_large(max_bytes)
            target.write(chunk)
        return Fetched(_filename(response), _content_type(response), size_bytes)


def _follow(adapter: TimedAdapter, url: str, deadline: Deadline) -> requests.Response:
    for _ in range(adapter.policy.max_redirects + 1):
        response = _get(adapter, url, deadline)
        location = response.headers.get("Location")
        if response.status_code not in REDIRECTS or location is None:
            return response
        response.close()
        url = _joined(url, location)
    raise FetchFailed("That address redirects too often. Send the address of the picture itself.")


def _get(adapter: TimedAdapter, url: str, deadline: Deadline) -> requests.Response:
    """Send the request in a thread of its own, because nothing else can end a name lookup early.

    A thread that is left behind ends with its lookup or by the timeouts of its socket.
    """
    with _reported(deadline):
        adapter.policy.check_url(url)
        request = requests.Request("GET", url, headers=HEADERS).prepare()
        thread = ThreadPoolExecutor(1, thread_name_prefix="outbound")
        try:
            left_s = deadline.left_s()
            timeouts_s = (left_s / CONNECTION_ATTEMPTS, left_s)
            return thread.submit(adapter.send, request, stream=True, timeout=timeouts_s).result(left_s)
        finally:
            thread.shutdown(wait=False)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise FetchFailed("That address redirects to nowhere. Send the address of the picture itself.") from error


def _check(response: requests.Response, max_bytes: int) -> None:
    if response.status_code != requests.codes.ok:
        raise FetchFailed(
            f"That address answered with status {response.status_code}. Check that it opens without signing in."
        )
    if sum(len(name) + len(value) for name, value in response.headers.items()) > MAX_HEADERS_BYTES:
        raise FetchFailed("That address answered with headers that are too large. Send the file itself.")
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise FetchFailed("That address sends the picture compressed once more. Send the file itself.")
    if (response.raw.length_remaining or 0) > max_bytes:
        raise _too_large(max_bytes, response.raw.length_remaining)


def _chunks(response: requests.Response, deadline: Deadline) -> Iterator[bytes]:
    while True:
        with _reported(deadline):
            chunk = response.raw.read1(CHUNK_BYTES)
        if not chunk:
            return
        yield chunk


@contextmanager
def _reported(deadline: Deadline) -> Iterator[None]:
    """Say in our words what went wrong on the way; what others say may name addresses of ours."""
    try:
        yield
    except (SSRFGuardError, requests.exceptions.InvalidURL) as error:
        raise ForbiddenUrl("We only fetch public http and https addresses. Send the file itself.") from error
    except requests.exceptions.SSLError as error:
        raise FetchFailed("That address has no valid certificate. Send the file itself.") from error
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        if isinstance(error, TimeoutError | requests.Timeout) or deadline.has_passed():
            raise FetchFailed("That address took too long to answer. Try again, or send the file itself.") from error
        raise FetchFailed(
            "That address could not be reached or broke off. Check it, or send the file itself."
        ) from error


def _too_large(max_bytes: int, size_bytes: int | None = None) -> FileTooLarge:
    size = f"{size_bytes:,} bytes" if size_bytes else "more bytes than that"
    return FileTooLarge(f"At most {max_bytes:,} bytes may be fetched, and that file has {size}. Send a smaller one.")


def _filename(response: requests.Response) -> str:
    header = Message()
    header["Content-Disposition"] = _utf8(response.headers.get("Content-Disposition", "")[:1000])
    return filenames.clean(header.get_filename() or unquote(urlsplit(response.url).path))


def _utf8(header: str) -> str:
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _content_type(response: requests.Response) -> str:
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return media_type if re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,60}", media_type) else "application/octet-stream"
