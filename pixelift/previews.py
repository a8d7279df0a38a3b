"""Regions of pictures on their way through several settings: ordered, answered, collected, forgotten.

The rows live in unlogged tables for as long as somebody waits. Why so: docs/adr/0012-previews-leave-nothing.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from pixelift import events, queue
from pixelift.engine import planning
from pixelift.engine.inspection import Cut
from pixelift.engine.options import Options
from pixelift.engine.shelf import Shelf
from pixelift.errors import Detail, PixeliftError, RateLimitExceeded, ValidationFailed
from pixelift.models import Preview, PreviewAnswer, User
from pixelift.queue import Work
from pixelift.uploads import Piece

MAX_VARIANTS = 6
MAX_RESULT_PIXELS = MAX_VARIANTS * 2048**2  # together: 512 x 512 six times, four times larger; with 16 bits half of it
PATIENCE_S = 10.0  # who waits gives a sign more often than this

_is_awaited = Preview.awaited_until > func.now()


@dataclass(frozen=True)
class State:
    """How far a preview is."""

    is_claimed: bool
    answered: int


def order(session: Session, user: User, piece: Piece, variants: Sequence[Options], *, shelf: Shelf) -> Preview:
    """Have a cut-out region made in several ways, before all jobs; the caller waits.

    Raises ValidationFailed, ModelNotInstalled, and RateLimitExceeded while another one of the user's is awaited.
    """
    _check(piece.cut, variants, shelf)
    session.execute(delete(Preview).where(Preview.user_id == user.id, ~_is_awaited))
    row = {
        "user_id": user.id,
        "source": piece.source,
        "part": asdict(piece.cut.part),
        "variants": [options.to_json() for options in variants],
        "awaited_until": _soon(),
    }
    ordered = insert(Preview).values(row).on_conflict_do_nothing(index_elements=[Preview.user_id]).returning(Preview)
    preview = session.scalar(ordered)
    if preview is None:
        raise RateLimitExceeded("Another preview of yours is being made. Wait for its answer, then ask again.")
    preview.task_id = queue.defer(session, Work.PREVIEW, preview_id=str(preview.id))
    return preview


def look(session: Session, preview_id: UUID) -> State | None:
    """Say how far it is, and that somebody waits on; None when it is gone."""
    awaited = (
        update(Preview).where(Preview.id == preview_id).values(awaited_until=_soon()).returning(Preview.is_claimed)
    )
    is_claimed = session.execute(awaited.execution_options(synchronize_session=False)).scalar()
    if is_claimed is None:
        return None
    count = select(func.count()).where(PreviewAnswer.preview_id == preview_id)
    return State(is_claimed, session.scalar(count) or 0)


def answers(session: Session, preview_id: UUID) -> dict[int, PreviewAnswer]:
    """Return what there is, by the variants' positions."""
    found = session.scalars(select(PreviewAnswer).where(PreviewAnswer.preview_id == preview_id))
    return {answer.position: answer for answer in found}


def forget(session: Session, preview: Preview) -> None:
    """Remove the preview with its answers; a worker that is at it stops within a second."""
    if preview.task_id:
        queue.withdraw(session, preview.task_id)
    session.execute(delete(Preview).where(Preview.id == preview.id).execution_options(synchronize_session=False))


def claim(session: Session, preview_id: UUID) -> Preview | None:
    """Begin it; None when nobody waits, or another worker has it."""
    claimed = update(Preview).where(Preview.id == preview_id, _is_awaited, ~Preview.is_claimed).values(is_claimed=True)
    return session.scalar(claimed.returning(Preview))


def is_awaited(session: Session, preview_id: UUID) -> bool:
    return session.scalar(select(Preview.id).where(Preview.id == preview_id, _is_awaited)) is not None


def answer(session: Session, preview_id: UUID, position: int, *, picture: bytes, facts: dict[str, Any]) -> bool:
    """Add what a variant became, and wake who waits; False when nobody does."""
    return _add(session, preview_id, position, picture=picture, facts=facts)


def fail(session: Session, preview_id: UUID, position: int, error: PixeliftError) -> bool:
    reason = {"code": error.code, "message": error.message, "retryable": error.retryable}
    return _add(session, preview_id, position, error=reason)


def sweep(session: Session) -> int:
    """Remove what nobody waits for any more, because its web process vanished; return how many."""
    gone: CursorResult[Any] = session.execute(delete(Preview).where(~_is_awaited))  # type: ignore[assignment]
    return gone.rowcount


def _check(cut: Cut, variants: Sequence[Options], shelf: Shelf) -> None:
    plans = [planning.plan(cut.facts, options, shelf, cut.part) for options in variants]
    pixels = sum(plan.width_px * plan.height_px for plan in plans) * math.ceil(cut.facts.bit_depth / 8)
    if pixels > MAX_RESULT_PIXELS:
        sentence = (
            f"These previews would have {pixels:,} pixels, and at most {MAX_RESULT_PIXELS:,} are made at once. "
            "Choose a smaller region, a smaller scale or fewer variants."
        )
        raise ValidationFailed(sentence, details=(Detail("variants", sentence),))


def _add(session: Session, preview_id: UUID, position: int, **values: Any) -> bool:
    """The lock keeps the preview until our answer is there; its deletion then takes the answer along."""
    held = select(Preview.id).where(Preview.id == preview_id, _is_awaited).with_for_update(read=True, key_share=True)
    if session.scalar(held) is None:
        return False
    session.add(PreviewAnswer(preview_id=preview_id, position=position, **values))
    events.wake(session, preview_id)
    return True


def _soon() -> Any:
    return func.now() + text(f"interval '{PATIENCE_S} seconds'")
