"""The whole product as `./run` starts it, once for all journeys of a test process, and a real browser before it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from pixelift import postgres

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., Page]


@dataclass(frozen=True)
class Product:
    url: str
    data_dir: Path
    email: str
    password: str

    @property
    def environment(self) -> dict[str, str]:
        """What makes a command of `pixelift` work beside this instance."""
        return os.environ | {"PIXELIFT_DATA_DIR": str(self.data_dir), "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    data_dir = tmp_path_factory.mktemp("product")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "pixelift", "up", "--port", str(port), "--data-dir", str(data_dir)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    up = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert up.stdout
    while "is ready" not in (line := up.stdout.readline()):
        assert line, "pixelift up ended before it was ready"
    sign_in = (data_dir / "first-sign-in.txt").read_text().splitlines()
    email, password = (line.split(": ")[1] for line in sign_in)
    yield Product(f"http://127.0.0.1:{port}", data_dir, email, password)
    up.send_signal(signal.SIGTERM)
    up.communicate(timeout=60)
    postgres.remove(data_dir)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("There is no chromium here.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def cookies(chromium: Browser, product: Product) -> StorageState:
    """The cookies of a browser that signed in by hand, once: sign-ins are few a minute."""
    context = chromium.new_context(base_url=product.url)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Email").fill(product.email)
    page.get_by_label("Password").fill(product.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_page(chromium: Browser, product: Product, cookies: StorageState) -> Iterator[Open]:
    """Open a browser of its own, signed in unless told otherwise; at the end no page may have complained."""
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def open_one(*, signed_in: bool = True, **given: Any) -> Page:
        state = cookies if signed_in else None
        settings = {"base_url": product.url, "storage_state": state, "reduced_motion": "reduce", **given}
        page = chromium.new_context(**settings).new_page()
        opened.append(page.context)
        page.on(
            "console", lambda message: faults.append(message.text) if message.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto("/")
        return page

    yield open_one
    for context in opened:
        context.close()
    assert faults == []


@pytest.fixture
def page(open_page: Open) -> Page:
    return open_page()


@pytest.fixture
def refused_page(chromium: Browser, product: Product, cookies: StorageState) -> Iterator[Page]:
    """A page that the server may refuse something; the browser complains of that by itself."""
    context = chromium.new_context(base_url=product.url, storage_state=cookies)
    page = context.new_page()
    page.goto("/")
    yield page
    context.close()
