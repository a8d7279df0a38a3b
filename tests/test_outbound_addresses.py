"""Hostile addresses, in every spelling, with nothing allowed; and names that answer two ways."""

from __future__ import annotations

import io
import socket

import pytest

from pixelift import outbound
from pixelift.deadline import Resolver
from pixelift.errors import FetchFailed, ForbiddenUrl
from tests.misbehaving import answering, policy

PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1.2.3/",
        "http://127.1/",
        "http://127.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0x7f.1/",
        "http://017700000001/",
        "http://0177.0.0.1/",
        "http://127.0.0.1./",
        "http://0/",
        "http://0.0.0.0/",
        "http://①②⑦.⓪.⓪.①/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://127。0。0。1/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.0.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://169.254.170.2/v2/credentials/",
        "http://168.63.129.16/machine?comp=goalstate",
        "http://2852039166/",
        "http://192.0.0.192/",
        "http://198.18.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::]/",
        "http://[::1]/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[64:ff9b::a83f:8110]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fc00::1]/",
        "http://[fd00:ec2::254]/latest/meta-data/",
        "http://[ff02::1]/",
        f"http://user@{PUBLIC}/",
        f"http://user:word@{PUBLIC}/",
        f"http://@{PUBLIC}/",
        "http://example.com@127.0.0.1/",
        "http://example.com\\@127.0.0.1/",
        "http://127.0.0.1\\@example.com/",
        "http://127.0.0.1#@example.com/",
        "http://127.0.0.1%2f@example.com/",
        f"http://{PUBLIC}:22/",
        f"http://{PUBLIC}:8080/",
        f"http://{PUBLIC}:0/",
        f"http://{PUBLIC}:99999/",
        f"http://{PUBLIC}:-80/",
        f"http://{PUBLIC}:\uff18\uff10\uff18\uff10/",
        "file:///etc/passwd",
        "file://localhost/etc/passwd",
        "gopher://example.com/_GET",
        "ftp://example.com/photo.png",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "//example.com/photo.png",
        "example.com/photo.png",
        "/etc/passwd",
        "http://",
        "http:///photo.png",
        "http://exa mple.com/",
        "http://example.com\r\nHost: 127.0.0.1/",
        "http://exam\tple.com/",
        "http://example.com/\x00",
        "http://[::1",
        "http://*/",
        "http://a..b/",
        f"http://{'a' * 64}.com/",
        f"http://{'a.' * 200}com/",
        f"http://example.com/{'a' * 9000}",
        "",
    ],
)
def test_a_hostile_address_is_refused_with_nothing_allowed(url: str) -> None:
    with pytest.raises(ForbiddenUrl, match=r"^We only fetch public http and https addresses\."):
        _fetch(url)


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "localhost.", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "db.internal", "loopback.test"])
def test_a_name_for_this_machine_is_refused(name: str) -> None:
    with pytest.raises(ForbiddenUrl):
        _fetch(f"http://{name}/", resolver=answering("127.0.0.1"))


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        [PUBLIC, "127.0.0.1"],
        ["169.254.169.254", PUBLIC],
        [PUBLIC, "168.63.129.16"],
        ["::1"],
        [PUBLIC, "64:ff9b::7f00:1"],
    ],
)
def test_a_name_is_refused_when_any_of_its_answers_is(answers: list[str]) -> None:
    with pytest.raises(ForbiddenUrl) as caught:
        _fetch("http://mixed.test/photo.png", resolver=answering(*answers))
    assert not any(answer in caught.value.message for answer in answers)


def test_a_name_that_does_not_exist_is_a_sentence() -> None:
    def unknown(*_query: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(FetchFailed, match="could not be reached or broke off"):
        _fetch("http://nobody.test/", resolver=unknown)


def _fetch(url: str, resolver: Resolver | None = None) -> None:
    outbound.fetch(url, io.BytesIO(), policy=policy(), max_bytes=10**6, deadline_s=3, resolver=resolver)
