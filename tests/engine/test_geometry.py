"""Exact sizes: to the pixel, in the ratio that was asked for, from the part of the source that shows."""

from __future__ import annotations

import pytest

from pixelift.engine.geometry import Window, framed, passes
from pixelift.engine.options import Fit, Options
from pixelift.errors import ValidationFailed

PHOTO = (200, 300)


@pytest.mark.parametrize(
    ("width_px", "height_px", "fit", "size", "box"),
    [
        (600, None, Fit.INSIDE, (400, 600), (0, 0, 300, 200)),
        (None, 600, Fit.COVER, (600, 900), (0, 0, 300, 200)),
        (600, 600, Fit.INSIDE, (400, 600), (0, 0, 300, 200)),
        (600, 600, Fit.COVER, (600, 600), (50, 0, 250, 200)),
        (600, 200, Fit.COVER, (200, 600), (0, 50, 300, 150)),
        (600, 600, Fit.EXACT, (600, 600), (0, 0, 300, 200)),
        (1, 1000, Fit.INSIDE, (1, 1), (0, 0, 300, 200)),
    ],
)
def test_a_size_is_met_to_the_pixel(
    width_px: int | None, height_px: int | None, fit: Fit, size: tuple[int, int], box: tuple[float, ...]
) -> None:
    window = framed(PHOTO, Options(width_px=width_px, height_px=height_px, fit=fit))
    assert window.target == size
    assert window.box == pytest.approx(box)


@pytest.mark.parametrize("given", [{"width_px": 2401}, {"height_px": 1601}, {"width_px": 0}, {"height_px": -5}])
def test_a_size_out_of_reach_is_refused_by_the_field(given: dict[str, int]) -> None:
    with pytest.raises(ValidationFailed) as refused:
        framed(PHOTO, Options(**given))  # type: ignore[arg-type]
    assert f"{refused.value.details[0].field}_px" in given


def test_up_to_the_networks_scale_one_pass_is_enough() -> None:
    for scale in (1, 2.5, 4):
        _shrunk, chain = passes(framed(PHOTO, Options(scale=scale)), 4)
        assert [window.source for window in chain] == [(800, 1200)]


def test_a_chain_leaves_the_last_pass_its_whole_scale() -> None:
    shrunk, chain = passes(framed(PHOTO, Options(scale=8)), 4)
    assert shrunk is None
    assert chain == (Window.whole((800, 1200), (400, 600)), Window.whole((1600, 2400), (1600, 2400)))
    _shrunk, by_two = passes(framed(PHOTO, Options(scale=8)), 2)
    assert [window.target for window in by_two] == [(400, 600), (800, 1200), (1600, 2400)]


def test_a_network_that_enlarges_nothing_runs_once() -> None:
    assert passes(framed(PHOTO, Options(scale=3)), 1) == (None, (Window.whole(PHOTO, (600, 900)),))


def test_a_result_smaller_than_its_source_costs_no_more_than_itself() -> None:
    shrunk, chain = passes(framed(PHOTO, Options(width_px=30, height_px=30, fit=Fit.COVER)), 4)
    assert shrunk == (30, 45)
    assert (chain[0].source, chain[0].target) == ((120, 180), (30, 30))
    assert chain[0].box == pytest.approx((30, 0, 150, 120))
