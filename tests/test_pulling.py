"""Official weights arrive whole and unchanged, or not at all; a real server sends them, well or badly."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from pixelift import pulling
from pixelift.cli import cli
from pixelift.engine.catalogue import File, Model
from pixelift.engine.published import PUBLISHED
from pixelift.errors import FetchFailed

CONTENT = bytes(range(256)) * 4_000
PART = ".toy.pth.part"


class Shop(BaseHTTPRequestHandler):
    """Sends CONTENT under /whole, with ranges; other paths are worse."""

    asked: list[str | None] = []  # noqa: RUF012 - the handler is made anew for each request
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.asked.append(self.headers["Range"])
        if self.path == "/missing":
            self.send_error(404)
        elif self.path == "/whole" and self.headers["Range"]:
            self._send(206, CONTENT, int(self.headers["Range"].removeprefix("bytes=").removesuffix("-")))
        elif self.path == "/broken-off":
            self._send(200, CONTENT, 0, end=300_000)
        else:
            self._send(200, CONTENT[::-1] if self.path == "/other" else CONTENT * (1 + (self.path == "/larger")), 0)

    def _send(self, status: int, content: bytes, start: int, end: int | None = None) -> None:
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:end])
        self.close_connection = True

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    Shop.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def toy(url: str) -> Model:
    return Model(
        name="toy",
        title="Toy",
        description="",
        architecture="",
        native_scale=2,
        licence="",
        size_bytes=len(CONTENT),
        files=(File("toy.pth", hashlib.sha256(CONTENT).hexdigest()),),
        remedy="pixelift models pull toy",
        url=url,
    )


def pull(url: str, folder: Path) -> list[int]:
    heard: list[int] = []
    with requests.Session() as session:
        assert pulling.pull(toy(url), folder, session=session, tell=heard.append) == folder / "toy.pth"
    return heard


def test_a_file_arrives_whole_and_says_how_far_it_is(address: str, tmp_path: Path) -> None:
    heard = pull(f"{address}/whole", tmp_path)
    assert (tmp_path / "toy.pth").read_bytes() == CONTENT
    assert heard == sorted(heard)
    assert heard[-1] == len(CONTENT)
    assert [path.name for path in tmp_path.iterdir()] == ["toy.pth"]


def test_what_broke_off_is_gone_on_with(address: str, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="Run it again"):
        pull(f"{address}/broken-off", tmp_path)
    assert not (tmp_path / "toy.pth").exists()
    done = (tmp_path / PART).stat().st_size
    pull(f"{address}/whole", tmp_path)
    assert Shop.asked == [None, f"bytes={done}-"]
    assert (tmp_path / "toy.pth").read_bytes() == CONTENT


def test_a_server_without_ranges_sends_it_from_the_start(address: str, tmp_path: Path) -> None:
    (tmp_path / PART).write_bytes(CONTENT[:1000])
    pull(f"{address}/plain", tmp_path)
    assert (tmp_path / "toy.pth").read_bytes() == CONTENT


def test_a_changed_file_is_thrown_away(address: str, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="not the pinned one"):
        pull(f"{address}/other", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_more_is_taken_than_the_model_has(address: str, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="larger than it should be"):
        pull(f"{address}/larger", tmp_path)
    assert (tmp_path / PART).stat().st_size <= len(CONTENT)


@pytest.mark.parametrize(("path", "reason"), [("/missing", "127.0.0.1 answered 404"), (None, "no connection to")])
def test_what_cannot_be_had_is_said_with_a_way_out(address: str, tmp_path: Path, path: str | None, reason: str) -> None:
    with pytest.raises(FetchFailed, match=f"{reason}.*pixelift models add FILE"):
        pull(f"{address}{path}" if path else "http://127.0.0.1:9/toy.pth", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_but_https_is_spoken(address: str, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="without https"):
        pulling.pull(toy(f"{address}/whole"), tmp_path, session=pulling.secure_session())


def test_every_published_model_is_pinned() -> None:
    for model in PUBLISHED:
        assert str(model.url).startswith("https://github.com/")
        assert len(model.sha256) == 64
        assert str(model.url).endswith(model.files[0].name)
    assert len({model.sha256 for model in PUBLISHED}) == len({model.name for model in PUBLISHED}) == len(PUBLISHED)


def test_conditions_of_use_are_shown_before_anything_is_fetched(tmp_path: Path) -> None:
    told = CliRunner().invoke(cli, ["models", "pull", "CodeFormer", "--data-dir", str(tmp_path)], input="n\n")
    assert told.exit_code == 1
    assert "non-commercial use only" in told.output
    assert not (tmp_path / "models").exists()
