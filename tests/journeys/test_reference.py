"""The reference in a real browser; the fixture sees to it that the console stays silent under the strict policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Open


@pytest.mark.parametrize("operation", ["Models-models_index", "Health-health_live"])
def test_a_request_is_tried_in_the_browser(open_page: Open, operation: str) -> None:
    page = open_page(signed_in=operation.startswith("Models"))
    page.goto("/api/v1/docs/try")
    expect(page.locator(".opblock")).to_have_count(12)
    page.locator(f"#operations-{operation} .opblock-summary-control").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table .response-col_status").last).to_contain_text("200")


def test_one_choice_of_language_holds_for_all_examples(open_page: Open) -> None:
    page = open_page(signed_in=False)
    page.goto("/api/v1/docs")
    expect(page.locator("#first-curl")).to_be_visible()
    page.get_by_text("Python", exact=True).first.click()
    for _ in range(2):
        expect(page.locator("#first-curl")).to_be_hidden()
        expect(page.locator("#jobs_index-python")).to_be_visible()
        page.reload()


def test_the_reference_works_without_javascript(open_page: Open) -> None:
    page = open_page(signed_in=False, java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto("/api/v1/docs#VALIDATION_ERROR")
    expect(page.locator("#VALIDATION_ERROR")).to_be_in_viewport()
    page.locator("#first-picture").get_by_text("JavaScript", exact=True).click()
    expect(page.locator("#first-javascript")).to_be_visible()
    expect(page.locator("#first-curl")).to_be_hidden()
