from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from pixelift import keys
from pixelift.errors import NotFound, Unauthorized, ValidationFailed
from pixelift.models import User

Make = Callable[..., User]


def test_a_key_opens_its_users_account_and_its_use_is_noted(session: Session, make_user: Make) -> None:
    user = make_user()
    key, secret = keys.issue(session, user, name="laptop")
    assert keys.authenticate(session, secret).user.id == user.id
    session.refresh(key)
    assert key.last_used_at is not None


def test_a_secret_has_a_prefix_32_random_characters_and_a_checksum(session: Session, make_user: Make) -> None:
    key, secret = keys.issue(session, make_user(), name="laptop")
    assert secret.startswith("pk_live_")
    assert len(secret) == len("pk_live_") + 32 + 6
    assert key.prefix == secret[:12]
    stored = session.execute(text("SELECT * FROM keys WHERE id = :id"), {"id": key.id}).one()
    assert secret not in str(stored)


def test_a_mistyped_secret_is_refused_without_a_query(make_user: Make, session: Session) -> None:
    _, secret = keys.issue(session, make_user(), name="laptop")
    mistyped = secret[:20] + ("a" if secret[20] != "a" else "b") + secret[21:]
    with pytest.raises(Unauthorized, match="character got lost"):
        keys.authenticate(None, mistyped)  # type: ignore[arg-type]  # no session: nothing is asked


@pytest.mark.parametrize("secret", ["", "pk_live_", "pk_test_" + "a" * 38, "pk_live_" + "ä" * 38, "x" * 100_000])
def test_what_is_no_key_is_refused(session: Session, secret: str) -> None:
    with pytest.raises(Unauthorized):
        keys.authenticate(session, secret)


def test_a_revoked_key_opens_nothing(session: Session, make_user: Make) -> None:
    user = make_user()
    key, secret = keys.issue(session, user, name="laptop")
    keys.revoke(session, user, key.id)
    with pytest.raises(Unauthorized):
        keys.authenticate(session, secret)
    assert keys.search(session, user) == []


def test_a_foreign_key_cannot_be_revoked(session: Session, make_user: Make) -> None:
    key, _ = keys.issue(session, make_user(), name="laptop")
    with pytest.raises(NotFound):
        keys.revoke(session, make_user(), key.id)


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_key_needs_a_name_of_reasonable_length(session: Session, make_user: Make, name: str) -> None:
    with pytest.raises(ValidationFailed):
        keys.issue(session, make_user(), name=name)


def test_a_key_cannot_have_a_plan_that_does_not_exist(session: Session, make_user: Make) -> None:
    with pytest.raises(ValidationFailed, match="free, starter"):
        keys.issue(session, make_user(), name="laptop", plan="gold")
