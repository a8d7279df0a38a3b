from __future__ import annotations

from pathlib import Path

import pytest

from pixelift.engine.case import Case
from pixelift.engine.line import Death
from pixelift.engine.orders import Progress, Stage, Strip
from pixelift.errors import EngineFailed, EngineStalled


def at(reached: float, *strips: Strip) -> Progress:
    return Progress(Stage.UPSCALING, int(reached), strips, len(strips), reached)


@pytest.fixture
def heard() -> list[Progress | None]:
    return []


@pytest.fixture
def case(heard: list[Progress | None]) -> Case:
    return Case(heard.append)


@pytest.mark.parametrize(("death", "error"), [(Death.CULPRIT, EngineFailed), (Death.STALLED, EngineStalled)])
def test_who_is_to_blame_three_times_fails(case: Case, death: Death, error: type[EngineFailed]) -> None:
    case.note(death)
    case.note(death)
    with pytest.raises(error) as failed:
        case.note(death)
    assert type(failed.value) is error


def test_who_only_stood_beside_is_not_charged(case: Case) -> None:
    for _ in range(5):
        case.note(Death.BESIDE)
    assert (case.charges, case.is_suspect) == (0, False)


def test_even_bad_luck_has_an_end(case: Case) -> None:
    with pytest.raises(EngineFailed):  # noqa: PT012 (which of them it is does not matter)
        for _ in range(100):
            case.note(Death.BESIDE)


def test_a_suspect_is_cleared_beyond_the_point_where_its_child_died(case: Case) -> None:
    case.tell(at(40.5))
    case.note(Death.SUSPECT)
    case.tell(at(40.5))
    assert not case.is_cleared
    case.tell(at(40.6))
    assert case.is_cleared


def test_the_watcher_hears_no_percent_twice_and_sees_no_strip_twice(case: Case, heard: list[Progress | None]) -> None:
    first, second = (Strip(index, 2, 0, 8, Path("strip")) for index in range(2))
    case.tell(at(50, first))
    case.note(Death.CULPRIT)
    case.tell(at(10))
    case.tell(at(20, first, second))
    case.tell(at(60))
    told = [progress for progress in heard if progress]
    assert [progress.percent for progress in told] == [50, 50, 60]
    assert [strip for progress in told for strip in progress.strips] == [first, second]
