from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pixelift.web import words


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [(0, "0 B"), (999, "999 B"), (1_800, "1.8 kB"), (84_000, "84 kB"), (2_240_000, "2.2 MB"), (50_000_000, "50 MB")],
)
def test_a_file_size_has_two_figures_that_matter(size_bytes: int, said: str) -> None:
    assert words.file_size(size_bytes) == said.replace(" ", words.NBSP)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.12, "0.1 s"), (9.4, "9.4 s"), (42, "42 s"), (65, "1 min 5 s"), (7_380, "2 h 3 min")]
)
def test_a_duration_is_as_exact_as_it_is_short(seconds: float, said: str) -> None:
    assert words.duration(seconds).replace(words.NBSP, " ") == said


@pytest.mark.parametrize(("seconds", "said"), [(0.2, "1 s"), (4.4, "4 s"), (89, "89 s"), (215, "4 min")])
def test_time_left_is_a_round_number(seconds: float, said: str) -> None:
    assert words.roughly(seconds) == said.replace(" ", words.NBSP)


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=2), "2 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_a_moment_ago_is_said_in_one_unit(back: timedelta, said: str) -> None:
    assert words.ago(datetime.now(UTC) - back) == said.replace(" ", words.NBSP)


@pytest.mark.parametrize(
    ("position", "said"),
    [(1, "Next in line"), (2, "2nd in line"), (11, "11th in line"), (23, "23rd in line"), (None, "Waiting in line")],
)
def test_a_place_in_line_is_said_in_words(position: int | None, said: str) -> None:
    assert words.in_line(position) == said


def test_numbers_are_grouped_and_scales_short() -> None:
    assert words.number(2_400) == "2,400"
    assert words.times(4.0) == "4\N{MULTIPLICATION SIGN}"
    assert words.times(2.5) == "2.5\N{MULTIPLICATION SIGN}"
    assert words.percent(62) == "62\u202f%"
    assert words.megapixels(38_440_000) == "38\u00a0Mpx"
