from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from pixelift import accounts
from pixelift.errors import DuplicateEmail, InvalidCredentials, ValidationFailed


def test_a_user_signs_in_with_the_password_whatever_the_case_of_the_email(session: Session) -> None:
    user, password = accounts.create(session, "Mina@Example.com")
    assert accounts.authenticate(session, "mina@example.COM ", password).id == user.id


@pytest.mark.parametrize(("email", "password"), [("mina@example.com", "wrong"), ("nobody@example.com", "espresso")])
def test_wrong_passwords_and_unknown_accounts_get_the_same_words(session: Session, email: str, password: str) -> None:
    accounts.create(session, "mina@example.com", password="espresso")
    with pytest.raises(InvalidCredentials) as caught:
        accounts.authenticate(session, email, password)
    assert caught.value.message == "Email and password don't match. Check both."


def test_two_accounts_cannot_share_an_email(session: Session) -> None:
    accounts.create(session, "mina@example.com")
    with pytest.raises(DuplicateEmail):
        accounts.create(session, "MINA@example.com")


@pytest.mark.parametrize("email", ["", "mina", "@", "a@", "@b", "a@b@c", "a b@c"])
def test_what_is_no_email_is_refused(session: Session, email: str) -> None:
    with pytest.raises(ValidationFailed):
        accounts.create(session, email)


def test_the_first_admin_is_made_once(session: Session) -> None:
    made = accounts.first_admin(session)
    assert made
    assert accounts.authenticate(session, *made).is_admin
    assert accounts.first_admin(session) is None


def test_a_password_is_stored_as_an_argon2id_hash(session: Session) -> None:
    user, password = accounts.create(session, "mina@example.com")
    assert user.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert password not in user.password_hash


def test_a_signed_in_browser_is_known_until_it_signs_out(session: Session) -> None:
    user, _ = accounts.create(session, "mina@example.com")
    token = accounts.sign_in(session, user)
    found = accounts.find_signed_in(session, token)
    assert found
    assert found.id == user.id
    accounts.sign_out(session, token)
    assert accounts.find_signed_in(session, token) is None


def test_a_sign_in_expires_on_the_databases_clock(session: Session) -> None:
    user, _ = accounts.create(session, "mina@example.com")
    token = accounts.sign_in(session, user)
    session.execute(text("UPDATE sign_ins SET expires_at = now() - interval '1 second'"))
    assert accounts.find_signed_in(session, token) is None
