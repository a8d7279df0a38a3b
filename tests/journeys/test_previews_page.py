"""Compare models on a region of a picture, with the mouse, with keys and with a finger; then make one of them a job."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.journeys.test_every_page import faults, order, payload
from tests.journeys.test_studio_page import NBSP, TIMES, choose, picture

FRAME = "pixel-region .frame"


def label(page: Page) -> str:
    return page.locator(FRAME).get_attribute("aria-label") or ""


def jobs(page: Page) -> int:
    total: int = page.request.get("/api/v1/jobs").json()["data"]["total"]
    return total


def compare(page: Page, *without: str) -> None:
    """Ask for the previews of all models but those."""
    for title in without:
        page.locator("#previews").get_by_text(title, exact=True).click()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator("pixel-panes figure").first).to_be_visible(timeout=60_000)


def test_the_studio_compares_a_file_before_anything_is_ordered_and_takes_the_choice(page: Page) -> None:
    before = jobs(page)
    choose(page, picture("cup.png", 400, 300))
    page.get_by_role("button", name="Compare models").click()
    assert label(page).startswith("Region of 256 by 256 pixels, 72 from the left, 22 from the top.")
    page.get_by_text("128 px").click()
    page.locator(FRAME).focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowDown")
    assert label(page).startswith("Region of 128 by 128 pixels, 72 from the left, 94 from the top.")
    box = page.locator("pixel-region").bounding_box()
    assert box
    page.mouse.click(box["x"] + 2, box["y"] + 2)
    assert "0 from the left, 0 from the top" in label(page)
    compare(page, "Photo", "Illustration")
    panes = page.locator("pixel-panes figure")
    expect(panes).to_have_count(2)
    expect(panes.first).to_contain_text("Source")
    expect(panes.last).to_contain_text(re.compile(rf"Fast4{TIMES}.*{NBSP}s"))
    assert panes.last.locator("img").evaluate("image => [image.naturalWidth, image.naturalHeight]") == [512, 512]
    page.get_by_role("button", name=f"4{TIMES}").last.click()
    zooms = [
        each.evaluate("image => new DOMMatrix(getComputedStyle(image).transform).a")
        for each in panes.locator("img").all()
    ]
    assert zooms == [4, 4]
    page.get_by_role("button", name="Use this: Fast").click()
    expect(page.locator("#previews")).to_be_hidden()
    expect(page.locator("#order [name=model]:checked")).to_have_value("realesr-animevideov3")
    assert jobs(page) == before


def test_one_click_on_a_jobs_page_makes_a_choice_a_job(page: Page) -> None:
    page.goto(order(page, payload("done.png", 300, 200)))
    page.get_by_role("button", name="Compare models").click(timeout=60_000)
    page.get_by_text("Less noise").click()
    before = page.url
    compare(page, "Photo", "Illustration")
    found = faults(page)
    page.get_by_role("button", name="Upscale with this: Less noise").click()
    page.wait_for_url(lambda url: url != before)
    expect(page.get_by_role("link", name="Download", exact=True)).to_be_visible(timeout=60_000)
    expect(page.get_by_text("50 % removed")).to_be_visible()
    assert found == []


def test_a_refusal_is_said_beside_the_button(page: Page) -> None:
    choose(page, picture("cup.png"))
    page.get_by_role("button", name="Compare models").click()
    for title in ("Photo", "Illustration", "Fast"):
        page.locator("#previews").get_by_text(title, exact=True).click()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_text("Choose 1 to 6 to compare.")).to_be_visible()


def test_what_was_stopped_can_be_asked_again_at_once(refused_page: Page) -> None:
    page = refused_page
    choose(page, picture("cup.png", 300, 300))
    page.get_by_role("button", name="Compare models").click()
    page.locator("#previews").get_by_text("Fast", exact=True).click()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_text("Making 2 previews")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("There is nothing to compare yet.")).to_be_visible()
    page.locator("#previews").get_by_text("Fast", exact=True).click()
    compare(page, "Photo", "Illustration")
    page.keyboard.press("Escape")
    expect(page.locator("#previews")).to_be_hidden()


def test_a_double_click_compares_once_and_does_not_stop_it(page: Page) -> None:
    choose(page, picture("cup.png"))
    page.get_by_role("button", name="Compare models").click()
    for title in ("Photo", "Illustration"):
        page.locator("#previews").get_by_text(title, exact=True).click()
    page.get_by_role("button", name="Compare", exact=True).dblclick()
    expect(page.locator("#previews .result")).to_have_count(2, timeout=60_000)


def test_who_was_signed_out_meanwhile_is_told_so_and_keeps_the_pictures(refused_page: Page) -> None:
    page = refused_page
    choose(page, picture("cup.png"))
    page.get_by_role("button", name="Compare models").click()
    page.route("**/api/v1/previews", lambda route: route.fulfill(status=401, json={"success": False}))
    with page.expect_response("**/api/v1/previews"):
        page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_text("You are signed out. Sign in in another tab, then compare again.")).to_be_visible()


def test_without_a_script_nothing_offers_what_needs_one(open_page: Open, page: Page) -> None:
    path = order(page, payload("done.png"))
    expect(page.locator("#previews")).to_be_hidden()
    plain = open_page(java_script_enabled=False)
    plain.goto(path)
    expect(plain.get_by_role("link", name="Download", exact=True)).to_be_visible(timeout=60_000)
    expect(plain.get_by_role("button", name="Compare models")).to_be_hidden()
