from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.journeys.conftest import Open

NBSP, TIMES = "\N{NO-BREAK SPACE}", "\N{MULTIPLICATION SIGN}"


def size(width_px: int, height_px: int) -> str:
    return f"{width_px:,}{NBSP}{TIMES}{NBSP}{height_px:,}"


def picture(name: str, width_px: int = 30, height_px: int = 21) -> FilePayload:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((width_px, height_px)).convert("RGB").save(buffer, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": buffer.getvalue()}


def choose(page: Page, *files: FilePayload) -> None:
    page.get_by_label("Choose files").set_input_files(list(files))


def test_the_target_size_follows_the_choice_before_anything_is_sent(page: Page) -> None:
    choose(page, picture("cup.png"))
    target = page.locator(".file b")
    expect(target).to_have_text(size(120, 84))
    page.locator("#size").get_by_text(f"8{TIMES}").click()
    expect(target).to_have_text(size(240, 168))
    page.get_by_text("Other", exact=True).click()
    page.get_by_label("Times larger").fill("1.5")
    expect(target).to_have_text(size(45, 32))  # 31.5 goes to the even neighbour, as on the server
    page.get_by_label("Times larger").fill("9")
    page.get_by_role("button", name="Upscale 1 picture").click()
    expect(page.get_by_text("Choose a size from 1 to 8 times.")).to_be_visible()
    expect(page.get_by_label("Times larger")).to_be_focused()


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ({"name": "a.psd", "mimeType": "", "buffer": b"8BPS\0\1"}, "read PSD here"),
        ({"name": "a.png", "mimeType": "image/png", "buffer": b"%PDF-1.7 lying"}, "read PDF here"),
        ({"name": "a.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n but no more"}, "is damaged"),
        ({"name": "a.png", "mimeType": "image/png", "buffer": b""}, "The file is empty"),
    ],
)
def test_what_cannot_be_sent_says_so_in_its_row(page: Page, file: FilePayload, sentence: str) -> None:
    choose(page, file)
    expect(page.locator(".file .note")).to_contain_text(sentence)
    page.get_by_role("button", name="Upscale pictures").click()
    expect(page.get_by_text("Choose a picture first")).to_be_visible()
    page.get_by_role("button", name=f"Remove {file['name']}").click()
    expect(page.locator(".file")).to_have_count(0)


def test_a_picture_above_the_plan_is_refused_before_it_is_sent(page: Page) -> None:
    def with_a_small_plan(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=re.sub(r'data-max-pixels="\d+"', 'data-max-pixels="500"', answer.text()))

    page.route("**/", with_a_small_plan)
    page.goto("/")
    choose(page, picture("cup.png"))
    expect(page.locator(".file .note")).to_contain_text("above your plan")


def test_pictures_come_by_paste_and_by_drop(page: Page) -> None:
    for kind, carrier in (("paste", "clipboardData"), ("drop", "dataTransfer")):
        page.evaluate(
            """async ([kind, carrier]) => {
                const canvas = Object.assign(document.createElement("canvas"), { width: 30, height: 21 });
                const blob = await new Promise((done) => canvas.toBlob(done));
                const transfer = new DataTransfer();
                transfer.items.add(new File([blob], `${kind}.png`, { type: "image/png" }));
                const Kind = kind === "paste" ? ClipboardEvent : DragEvent;
                document.body.dispatchEvent(new Kind(kind, { [carrier]: transfer, bubbles: true, cancelable: true }));
            }""",
            [kind, carrier],
        )
        expect(page.get_by_role("heading", name=f"{kind}.png")).to_be_visible()
    expect(page.get_by_role("button", name="Upscale 2 pictures")).to_be_visible()


def test_an_address_makes_a_row(page: Page) -> None:
    page.get_by_role("button", name="Add by URL").click()
    field = page.get_by_label("Address of a picture")
    field.fill("example.com/cup.png")
    field.press("Enter")
    expect(page.get_by_text("Write the whole address")).to_be_visible()
    field.fill("https://example.com/cup.png")
    field.press("Enter")
    expect(page.get_by_role("heading", name="https://example.com/cup.png")).to_be_visible()


def test_several_pictures_turn_into_live_rows(page: Page) -> None:
    page.get_by_text("Video frames").click()
    choose(page, picture("one.png"), picture("two.png"))
    page.get_by_role("button", name="Upscale 2 pictures").click()
    expect(page.get_by_role("link", name="one.png")).to_be_visible()
    expect(page.locator(".job .badge.completed")).to_have_count(2, timeout=120_000)
    expect(page.get_by_text("You can leave this page")).to_be_visible()


def test_an_exact_size_and_less_noise_lead_to_a_result_that_says_so(page: Page) -> None:
    choose(page, picture("strict.png"))
    page.get_by_text("Exact", exact=True).click()
    page.get_by_label("Width in pixels").fill("60")
    expect(page.locator(".file b")).to_have_text(size(60, 42))
    expect(page.get_by_label("Height in pixels")).to_have_attribute("placeholder", "42")
    page.get_by_label("Height in pixels").fill("60")
    expect(page.locator(".file b")).to_have_text(size(60, 42))
    page.get_by_text("Crop to fill").click()
    expect(page.locator(".file b")).to_have_text(size(60, 60))
    page.get_by_label("Width in pixels").fill("600")
    expect(page.locator(".file .note")).to_contain_text(f"{size(240, 168)} is the most")
    page.get_by_label("Width in pixels").fill("60")
    page.get_by_text("More options").click()
    page.get_by_label("Remove noise").press("End")
    page.get_by_text("Keep metadata").click()
    page.get_by_text("Video frames").click()
    page.get_by_role("button", name="Upscale 1 picture").click()
    source = page.locator("pixel-compare .source")
    expect(source.locator("image")).to_have_attribute("preserveAspectRatio", "xMidYMid slice", timeout=120_000)
    for said in ("100\u202f% removed", "left out", "cropped"):
        expect(page.get_by_role("definition").filter(has_text=said)).to_be_visible()
    page.goto("/")
    expect(page.get_by_label("Width in pixels")).to_have_value("60")
    expect(page.get_by_label("Remove noise")).to_have_value("1")
    expect(page.get_by_label("Keep metadata")).not_to_be_checked()


def test_a_size_that_means_nothing_is_said_beside_it(page: Page) -> None:
    choose(page, picture("cup.png"))
    page.get_by_text("Exact", exact=True).click()
    expect(page.get_by_text("Say a width, a height or both.")).to_be_hidden()
    page.get_by_role("button", name="Upscale pictures").or_(
        page.get_by_role("button", name="Upscale 1 picture")
    ).click()
    expect(page.get_by_text("Say a width, a height or both.")).to_be_visible()
    expect(page.get_by_label("Width in pixels")).to_be_focused()


def test_what_was_refused_for_its_settings_can_be_sent_with_others(refused_page: Page) -> None:
    page = refused_page
    buffer = io.BytesIO()
    Image.new("LA", (30, 21), (90, 120)).save(buffer, "PNG")
    choose(page, {"name": "veil.png", "mimeType": "image/png", "buffer": buffer.getvalue()}, picture("cup.png"))
    page.get_by_text("Video frames").click()
    page.get_by_text("JPEG", exact=True).click()
    page.get_by_role("button", name="Upscale 2 pictures").click()
    expect(page.locator(".file .note.bad")).to_contain_text("JPEG cannot hold that. Choose PNG.", timeout=30_000)
    page.get_by_text("PNG", exact=True).click()
    expect(page.locator(".file .note.bad")).to_be_hidden()
    page.get_by_role("button", name="Upscale 1 picture").click()
    expect(page.locator(".job .badge.completed")).to_have_count(2, timeout=120_000)


def test_run_again_brings_the_picture_and_the_settings_back(page: Page) -> None:
    page.get_by_text("Video frames").click()
    page.locator("#size").get_by_text(f"3{TIMES}").click()
    choose(page, picture("again.png"))
    page.get_by_role("button", name="Upscale 1 picture").click()
    page.get_by_role("link", name="Run again", exact=True).click(timeout=120_000)
    expect(page.locator(".file")).to_contain_text("again.png")
    expect(page.locator(".file b")).to_have_text(size(90, 63))
    page.locator("#size").get_by_text(f"2{TIMES}").click()
    page.get_by_role("button", name="Upscale 1 picture").click()
    expect(page.get_by_role("definition").filter(has_text=size(60, 42))).to_be_visible()


def test_it_all_works_without_a_script(open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    page.get_by_text("Video frames").click()
    page.get_by_text("Exact", exact=True).click()
    page.get_by_label("Height in pixels").fill("42")
    choose(page, picture("plain.png"))
    page.get_by_role("button", name="Upscale").click()
    page.wait_for_url("**/jobs/*")
    link = page.get_by_role("link", name="Download", exact=True)
    expect(link).to_be_visible(timeout=120_000)
    expect(page.get_by_alt_text(f"plain.png, upscaled to {size(60, 42)}")).to_be_visible()
    expect(page.get_by_alt_text("plain.png, as uploaded")).to_be_visible()
    page.goto("/jobs?query=plain")
    expect(page.get_by_role("link", name="Open plain.png, completed")).to_be_visible()
