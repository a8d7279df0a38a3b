"""API keys: shown once, kept as a fingerprint, checked by a sum before the database is asked."""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from uuid import UUID

from sqlalchemy import exists, func, select, text, update
from sqlalchemy.orm import Session

from pixelift import plans
from pixelift.errors import Detail, NotFound, Unauthorized, ValidationFailed
from pixelift.models import Key, User

PREFIX = "pk_live_"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM_CHARS, SUM_CHARS, SHOWN_CHARS, MAX_NAME_CHARS = 32, 6, 4, 80
_SHAPE = re.compile(rf"{PREFIX}[{ALPHABET}]{{{RANDOM_CHARS + SUM_CHARS}}}")


def issue(session: Session, user: User, *, name: str, plan: str | None = None) -> tuple[Key, str]:
    """Return the key and its secret, which cannot be shown again. Raises ValidationFailed."""
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME_CHARS:
        message = f"Give the key a name of 1 to {MAX_NAME_CHARS} characters."
        raise ValidationFailed(message, details=(Detail("name", f"must have 1 to {MAX_NAME_CHARS} characters"),))
    if plan is not None:
        plans.find(plan)
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARS))
    secret = PREFIX + random + _sum(random)
    key = Key(
        user_id=user.id,
        name=name,
        prefix=secret[: len(PREFIX) + SHOWN_CHARS],
        secret_hash=_fingerprint(secret),
        plan=plan,
    )
    session.add(key)
    session.flush()
    return key, secret


def authenticate(session: Session, secret: str) -> Key:
    """Return the key that this secret opens, its use noted at most once a minute. Raises Unauthorized."""
    if not _SHAPE.fullmatch(secret) or _sum(secret[len(PREFIX) : -SUM_CHARS]) != secret[-SUM_CHARS:]:
        raise Unauthorized("This is no Pixelift key, or a character got lost. Copy it again.")
    key = session.scalar(select(Key).where(Key.secret_hash == _fingerprint(secret), Key.revoked_at.is_(None)))
    if key is None:
        raise Unauthorized("This key is unknown or was revoked. Make a new one on the Keys page.")
    session.execute(
        update(Key)
        .where(
            Key.id == key.id, (Key.last_used_at.is_(None)) | (Key.last_used_at < text("now() - interval '1 minute'"))
        )
        .values(last_used_at=func.now())
        .execution_options(synchronize_session=False)
    )
    return key


def is_live(session: Session, key: Key) -> bool:
    return bool(session.scalar(select(exists().where(Key.id == key.id, Key.revoked_at.is_(None)))))


def search(session: Session, user: User) -> list[Key]:
    """Return the user's keys that still open something, newest first."""
    query = select(Key).where(Key.user_id == user.id, Key.revoked_at.is_(None)).order_by(Key.id.desc())
    return list(session.scalars(query))


def revoke(session: Session, user: User, key_id: UUID) -> None:
    """Raise NotFound when the key is missing, foreign or revoked already."""
    revoked = session.execute(
        update(Key)
        .where(Key.id == key_id, Key.user_id == user.id, Key.revoked_at.is_(None))
        .values(revoked_at=func.now())
        .returning(Key.id)
    ).scalar()
    if revoked is None:
        raise NotFound("There is no such key.")


def _sum(random: str) -> str:
    """Return the CRC-32 in base 62, six characters: a typing error is noticed without a query."""
    number, digits = zlib.crc32(random.encode()), ""
    for _ in range(SUM_CHARS):
        number, rest = divmod(number, len(ALPHABET))
        digits = ALPHABET[rest] + digits
    return digits


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
