"""Every page, wide and narrow, light and dark: nothing overflows, nobody is shut out, the console is silent."""

from __future__ import annotations

import io
import re

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.journeys.conftest import Open

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
DESKTOP, TABLET, PHONE = (1440, 900), (900, 1100), (390, 844)
FAST = {"model": "realesr-animevideov3", "scale": "2"}


def payload(name: str, width_px: int = 24, height_px: int = 16) -> FilePayload:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((width_px, height_px)).convert("RGB").save(buffer, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": buffer.getvalue()}


def order(page: Page, file: FilePayload) -> str:
    """Return the path of the job's page."""
    answer = page.request.post("/jobs", multipart={**FAST, "file": file}, headers={"HX-Request": "true"})
    assert answer.status == 201
    return answer.headers["location"]


def faults(page: Page) -> list[str]:
    """Return what is wrong with the page as it stands, wide and light, then narrow and dark."""
    return [
        *_broken(page, DESKTOP, "light"),
        *_too_wide(page, DESKTOP),
        *_too_wide(page, TABLET),
        *_broken(page, PHONE, "dark"),
        *_too_wide(page, PHONE),
    ]


def _broken(page: Page, size: tuple[int, int], scheme: str) -> list[str]:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.wait_for_timeout(150)  # colours have settled
    rules = Axe().run(page, options=RULES).response["violations"]
    return [f"{page.url} {size} {scheme}: {rule['id']} {rule['nodes'][0]['html']}" for rule in rules]


def _too_wide(page: Page, size: tuple[int, int]) -> list[str]:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    return [f"{page.url} overflows {size}"] * page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_pages_that_stand_still_hold(page: Page) -> None:
    order(page, payload("cup.png"))
    found = []
    for path in ("/", "/jobs", "/jobs?query=nothing", "/keys", "/models", "/api/v1/docs"):
        page.goto(path)
        found += faults(page)
    assert found == []


def test_a_job_holds_in_every_state(page: Page) -> None:
    page.goto(path := order(page, payload("cancelled.png", 1200, 900)))
    found = faults(page)
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("You cancelled this job")).to_be_visible()
    found += faults(page)
    page.goto(path := order(page, payload("done.png")))
    expect(page.locator("pixel-compare")).to_be_visible(timeout=120_000)
    found += faults(page)
    page.get_by_role("button", name="Side by side").click()
    page.get_by_role("button", name="Loupe").click()
    found += faults(page)
    page.locator("[popovertarget=more-job]").click()
    found += faults(page)
    page.get_by_role("button", name="Delete", exact=True).click()
    found += faults(page)
    page.get_by_role("button", name="Delete 1 job").click()
    expect(page.get_by_text("Deleted done.png.")).to_be_visible()
    assert page.request.get(path).status == 404
    assert found == []


def test_the_studio_holds_with_good_and_bad_pictures(page: Page) -> None:
    files: list[FilePayload] = [
        payload("espresso-cup-on-a-rather-long-shelf.png", 600, 400),
        {"name": "scan_0042.psd", "mimeType": "", "buffer": b"8BPS" + b"\0" * 99},
        {"name": "plan.tif", "mimeType": "image/tiff", "buffer": b"II*\0" + b"\0" * 99},
    ]
    page.get_by_label("Choose files").set_input_files(files)
    expect(page.get_by_role("button", name="Upscale 2 pictures")).to_be_visible()
    page.get_by_text("Other", exact=True).click()
    page.get_by_text("JPEG", exact=True).click()
    page.get_by_text("More options").click()
    found = faults(page)
    page.get_by_text("Exact", exact=True).click()
    page.get_by_label("Width in pixels").fill("900")
    page.get_by_label("Height in pixels").fill("900")
    found += faults(page)
    page.get_by_role("button", name="Add by URL").click()
    found += faults(page)
    assert found == []


def test_keys_hold_while_one_is_made(page: Page) -> None:
    page.goto("/keys")
    page.get_by_role("button", name="Create key").click()
    found = faults(page)
    page.get_by_label("Name").fill("Production site")
    page.get_by_role("button", name="Create key").last.click()
    expect(page.get_by_text("Copy it now.")).to_be_visible()
    found += faults(page)
    page.get_by_role("button", name="I have saved it").click()
    found += faults(page)
    assert found == []


def test_the_sign_in_holds(open_page: Open) -> None:
    page = open_page(signed_in=False)
    expect(page).to_have_title("Sign in · Pixelift")
    assert faults(page) == []


def test_a_search_narrows_the_history_and_keeps_to_the_chosen_state(page: Page) -> None:
    for name in ("espresso.png", "tea.png"):
        page.request.post(f"{order(page, payload(name, 600, 400))}/cancellation")
    page.goto("/jobs")
    page.get_by_label("Search by name").fill("espr")
    expect(page.locator(".shot")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?query=espr$"))
    page.locator(".chip", has_text="Cancelled").click()
    expect(page).to_have_url(re.compile(r"\?status=cancelled&query=espr$"))
    expect(page.get_by_role("link", name="Open espresso.png, cancelled")).to_be_visible()
