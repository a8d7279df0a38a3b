"""Judging a result by mouse, keys, wheel and fingers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.journeys.test_studio_page import choose, picture

TOUCH = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def open_result(page: Page) -> Page:
    page.get_by_text("Video frames").click()
    choose(page, picture("cup.png", 90, 60))
    page.get_by_role("button", name="Upscale 1 picture").click()
    expect(page.locator("pixel-compare")).to_be_visible(timeout=120_000)
    return page


def measure(page: Page, name: str) -> float:
    value = page.locator("pixel-compare").evaluate(
        "(element, name) => element.style.getPropertyValue(name)", f"--{name}"
    )
    return float(value.removesuffix("%").removesuffix("px") or (1 if name == "zoom" else 0))


def test_keys_move_the_split_the_zoom_and_the_loupe(page: Page) -> None:
    open_result(page).get_by_role("slider").focus()
    page.keyboard.press("End")
    assert measure(page, "at") == 100
    page.keyboard.press("+")
    assert measure(page, "zoom") == 1.25
    page.keyboard.press("Shift+ArrowRight")
    assert measure(page, "x") < 0
    page.keyboard.press("0")
    assert (measure(page, "zoom"), measure(page, "x")) == (1, 0)
    page.get_by_role("button", name="Loupe").press("Enter")
    left = page.locator(".loupe").bounding_box()
    page.keyboard.press("ArrowRight")
    right = page.locator(".loupe").bounding_box()
    assert left
    assert right
    assert right["x"] == left["x"] + 8
    page.keyboard.press("Escape")
    expect(page.locator(".loupe")).to_have_count(0)


def test_the_wheel_zooms_where_the_pointer_is_and_a_drag_moves(page: Page) -> None:
    box = open_result(page).locator("pixel-compare").bounding_box()
    assert box
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.wheel(0, -200)
    assert measure(page, "zoom") == 1, "at rest the wheel scrolls the page"
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_timeout(100)
    assert measure(page, "zoom") > 1
    x = measure(page, "x")
    assert x > 0
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 100)
    page.mouse.up()
    assert measure(page, "x") == pytest.approx(x - 40)
    expect(page.get_by_role("button", name="Fit")).to_have_attribute("aria-pressed", "false")


def test_one_finger_moves_the_split_and_two_zoom(open_page: Open) -> None:
    page = open_result(open_page(**TOUCH))
    box = page.locator("pixel-compare").bounding_box()
    assert box
    wire = page.context.new_cdp_session(page)
    y = box["y"] + box["height"] / 2

    def touch(kind: str, *xs: float) -> None:
        points = [{"x": x, "y": y, "id": number} for number, x in enumerate(xs)]
        wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 200)
    touch("touchMove", 150)
    touch("touchMove", 100)
    touch("touchEnd")
    assert 20 < measure(page, "at") < 30
    touch("touchStart", 150, 220)
    for step in range(8, 65, 8):
        touch("touchMove", 150 - step, 220 + step)
    touch("touchEnd")
    assert measure(page, "zoom") == pytest.approx(198 / 70, rel=0.05)
    page.get_by_role("button", name="Loupe").click()
    touch("touchStart", 200)
    touch("touchMove", 205)
    loupe = page.locator(".loupe").bounding_box()
    assert loupe
    assert loupe["y"] + loupe["height"] < y, "the finger must not hide it"
    touch("touchEnd")


def test_full_screen_shows_the_picture_and_its_bar(page: Page) -> None:
    open_result(page).get_by_role("button", name="Full screen").click()
    expect(page.get_by_role("button", name="Full screen")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Side by side")).to_be_in_viewport()
