"""Users, and how a browser signs in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

import argon2
from sqlalchemy import delete, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pixelift.errors import Detail, DuplicateEmail, InvalidCredentials, NotFound, ValidationFailed
from pixelift.models import Role, SignIn, User

FIRST_ADMIN_EMAIL = "admin@pixelift.local"
SIGNED_IN_FOR = timedelta(days=30)
MAX_PASSWORD_CHARS = 256
# OWASP's second choice for argon2id: 61 ms here, where the library's default takes 389 ms.
_hasher = argon2.PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)
_NOBODY = _hasher.hash(secrets.token_urlsafe())


def create(
    session: Session, email: str, *, password: str | None = None, admin: bool = False, plan: str | None = None
) -> tuple[User, str]:
    """Return the new user and the password, made up when none is given. Raises ValidationFailed, DuplicateEmail."""
    if email.count("@") != 1 or not all(email.split("@")) or any(map(str.isspace, email)):
        raise ValidationFailed("This is no email address.", details=(Detail("email", "must look like name@host"),))
    password = password or secrets.token_urlsafe(12)
    user = User(
        email=email,
        password_hash=_hasher.hash(password),
        role=Role.ADMIN if admin else Role.USER,
        plan=plan or ("enterprise" if admin else "free"),
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError as error:
        raise DuplicateEmail from error
    return user, password


def first_admin(session: Session) -> tuple[str, str] | None:
    """Make an admin if there is no user at all; return the email and the password, this one time."""
    if session.scalar(select(exists().select_from(User))):
        return None
    user, password = create(session, FIRST_ADMIN_EMAIL, admin=True)
    return user.email, password


def find_by_email(session: Session, email: str) -> User:
    user = session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))
    if user is None:
        raise NotFound(f"There is no user {email!r}.")
    return user


def authenticate(session: Session, email: str, password: str) -> User:
    """Raise InvalidCredentials, after the same work whether or not the account exists."""
    user = session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))
    try:
        _hasher.verify(user.password_hash if user else _NOBODY, password[:MAX_PASSWORD_CHARS])
    except argon2.exceptions.VerificationError:
        raise InvalidCredentials from None
    if user is None:
        raise InvalidCredentials
    return user


def sign_in(session: Session, user: User) -> str:
    """Return a new secret for the browser's cookie; only its fingerprint is kept."""
    token = secrets.token_urlsafe(32)
    expires_at = func.now() + SIGNED_IN_FOR
    session.add(SignIn(user_id=user.id, token_hash=_fingerprint(token), expires_at=expires_at))
    return token


def find_signed_in(session: Session, token: str) -> User | None:
    query = select(SignIn).where(SignIn.token_hash == _fingerprint(token), SignIn.expires_at > func.now())
    found = session.scalar(query)
    return found.user if found else None


def sign_out(session: Session, token: str) -> None:
    session.execute(delete(SignIn).where(SignIn.token_hash == _fingerprint(token)))


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
