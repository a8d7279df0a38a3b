"""The promise of the product, from the sign-in to the file on the disk."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from skimage.data import astronaut

from pixelift.engine import weights
from pixelift.engine.shelf import Shelf

FAST = "realesr-animevideov3"  # the default network would take a minute here
LONG_MS = 180_000


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A real photo, large enough to be seen while it is made."""
    path = tmp_path / "crew-portrait.png"
    pixels = astronaut()  # type: ignore[no-untyped-call]
    Image.fromarray(pixels).resize((768, 768)).save(path)
    return path


def untiled(photo: Path) -> NDArray[np.float64]:
    """Return what the network makes of the whole picture at once, in fp32: (H, W, 3) RGB in [0, 1]."""
    pixels = torch.from_numpy(np.asarray(Image.open(photo)).copy()).permute(2, 0, 1)[None] / 255
    with torch.inference_mode():
        result = weights.load(Shelf().find(FAST)).float()(pixels)
    return np.asarray(result[0].permute(1, 2, 0).clamp(0, 1), dtype=np.float64)


def psnr_db(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(-10 * np.log10(((one - other) ** 2).mean()))


def split(viewer: Locator) -> float:
    return float(viewer.evaluate("element => parseFloat(element.style.getPropertyValue('--at'))"))


def test_a_photo_sharpens_strip_by_strip_into_a_file(page: Page, photo: Path, tmp_path: Path) -> None:
    page.get_by_label("Choose files").set_input_files(photo)
    row = page.locator(".file")
    expect(row.locator("b")).to_have_text("3,072\N{NO-BREAK SPACE}\N{MULTIPLICATION SIGN}\N{NO-BREAK SPACE}3,072")
    page.get_by_role("radio", name=re.compile("^Fast ")).check(force=True)
    page.get_by_role("button", name="Upscale 1 picture").click()

    page.wait_for_url("**/jobs/*")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.locator(".stages .now")).to_contain_text("Upscaling", timeout=LONG_MS)
    expect(page.locator(".strip").first).to_be_attached(timeout=LONG_MS)
    assert 0 < page.get_by_role("progressbar").evaluate("element => element.value") < 100

    viewer = page.locator("pixel-compare")
    expect(viewer).to_be_visible(timeout=LONG_MS)
    expect(page).to_have_title("crew-portrait.png · Pixelift")
    slider = page.get_by_role("slider", name="Split between source and result")
    slider.focus()
    before = split(viewer)
    page.keyboard.press("ArrowRight")
    assert split(viewer) > before
    page.get_by_role("button", name="Side by side").click()
    expect(page.get_by_alt_text("crew-portrait.png, upscaled to")).to_be_in_viewport()

    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    assert download.value.suggested_filename == "crew-portrait-3072x3072.png"
    file = tmp_path / "result.png"
    download.value.save_as(file)
    with Image.open(file) as result:
        assert result.size == (3072, 3072)
        made = np.asarray(result, dtype=np.float64) / 255
    assert psnr_db(made, untiled(photo)) >= 50
