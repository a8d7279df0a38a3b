"""Previews as rows: who may claim, answer and order them, and what is left when somebody vanished."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from pixelift import previews
from pixelift.engine.inspection import Cut, Facts
from pixelift.engine.options import Options
from pixelift.engine.regions import Region
from pixelift.engine.shelf import Shelf
from pixelift.errors import RateLimitExceeded, ValidationFailed, WorkerLost
from pixelift.models import Preview, PreviewAnswer, User
from pixelift.uploads import Piece

FACTS = {"width_px": 8, "height_px": 8, "seconds": 0.1}


def piece(depth: int = 8, side_px: int = 4) -> Piece:
    facts = Facts("png", side_px, side_px, False, depth, "RGB", False, False)
    whole = Region(0, 0, side_px, side_px)
    return Piece(Cut(facts, whole, whole), b"a picture", b"the same")


@pytest.fixture
def order(session: Session, make_user: Callable[..., User]) -> Callable[..., Preview]:
    user = make_user()

    def make(given: Piece | None = None, count: int = 2, scale: float = 2) -> Preview:
        return previews.order(session, user, given or piece(), [Options(scale=scale)] * count, shelf=Shelf())

    return make


def vanish(session: Session, preview: Preview) -> None:
    """Have nobody wait for the preview any more."""
    gone = update(Preview).where(Preview.id == preview.id).values(awaited_until=func.now() - timedelta(seconds=1))
    session.execute(gone)


def waiting_tasks(session: Session) -> int:
    return session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'preview'")) or 0


def test_one_worker_gets_it(session: Session, order: Callable[..., Preview]) -> None:
    preview = order()
    assert previews.claim(session, preview.id)
    assert previews.claim(session, preview.id) is None


def test_answers_are_counted_while_somebody_looks(session: Session, order: Callable[..., Preview]) -> None:
    preview = order()
    assert previews.look(session, preview.id) == previews.State(is_claimed=False, answered=0)
    previews.claim(session, preview.id)
    assert previews.answer(session, preview.id, 1, picture=b"png", facts=FACTS)
    assert previews.fail(session, preview.id, 0, WorkerLost())
    assert previews.look(session, preview.id) == previews.State(is_claimed=True, answered=2)
    found = previews.answers(session, preview.id)
    assert found[0].error
    assert (found[0].error["code"], found[1].picture) == ("WORKER_LOST", b"png")


def test_what_nobody_waits_for_is_neither_claimed_nor_answered(session: Session, order: Callable[..., Preview]) -> None:
    preview = order()
    vanish(session, preview)
    assert previews.claim(session, preview.id) is None
    assert not previews.is_awaited(session, preview.id)
    assert not previews.answer(session, preview.id, 0, picture=b"png", facts=FACTS)


def test_forgetting_takes_answers_and_task_along(session: Session, order: Callable[..., Preview]) -> None:
    preview = order()
    previews.answer(session, preview.id, 0, picture=b"png", facts=FACTS)
    previews.forget(session, preview)
    assert session.scalars(select(PreviewAnswer)).all() == []
    assert waiting_tasks(session) == 0
    assert previews.look(session, preview.id) is None
    assert not previews.answer(session, preview.id, 1, picture=b"png", facts=FACTS)


def test_the_sweep_removes_only_what_nobody_waits_for(
    session: Session, order: Callable[..., Preview], make_user: Callable[..., User]
) -> None:
    gone = order()
    kept = previews.order(session, make_user(), piece(), [Options()], shelf=Shelf())
    vanish(session, gone)
    assert previews.sweep(session) == 1
    assert list(session.scalars(select(Preview.id))) == [kept.id]


def test_a_user_has_one_at_a_time_unless_nobody_waits_for_it(session: Session, order: Callable[..., Preview]) -> None:
    first = order()
    with pytest.raises(RateLimitExceeded):
        order()
    vanish(session, first)
    assert order().id != first.id


@pytest.mark.parametrize(("depth", "count", "scale"), [(8, 2, 8), (16, 4, 4)])
def test_too_many_pixels_are_refused(order: Callable[..., Preview], depth: int, count: int, scale: float) -> None:
    with pytest.raises(ValidationFailed, match="at most 25,165,824"):
        order(piece(depth, 512), count, scale)
