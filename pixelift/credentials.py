"""Who calls: an API key, or a browser that is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import flask_login
from flask import Flask, g, request

from pixelift import accounts, keys, plans, services
from pixelift.db import Database
from pixelift.errors import Forbidden, Unauthorized
from pixelift.models import Key, User
from pixelift.plans import Plan

API = "/api/"  # keys are read here alone; elsewhere, Authorization may be a proxy's business
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Caller:
    user: User
    key: Key | None = None
    token: str | None = None

    @property
    def plan(self) -> Plan:
        return plans.find((self.key and self.key.plan) or self.user.plan)


class Visitor(flask_login.UserMixin):  # type: ignore[misc]
    """A signed-in browser, as flask-login wants it."""

    def __init__(self, user: User, token: str) -> None:
        self.user = user
        self.token = token

    def get_id(self) -> str:
        return self.token


def install(app: Flask) -> None:
    manager = flask_login.LoginManager()
    manager.init_app(app, add_context_processor=False)  # an error page must not ask the database who looks at it
    manager.login_view = "web.sign_in"
    manager.login_message = None
    manager.user_loader(_find_visitor)
    app.before_request(_load_caller)


def insist(app: Flask) -> None:
    """Refuse bad credentials, in a hook that comes after those that count."""
    app.before_request(_refuse)


def current() -> Caller:
    """Return who is calling. Raises Unauthorized."""
    if g.caller is None:
        raise Unauthorized
    caller: Caller = g.caller
    return caller


def holds(database: Database, caller: Caller) -> bool:
    """Whether the credential is still good; a stream outlives the request that was checked."""
    with database.session() as session:
        if caller.key:
            return keys.is_live(session, caller.key)
        return caller.token is not None and accounts.find_signed_in(session, caller.token) is not None


def open_session(user: User) -> None:
    """Sign this browser in under a new session; any older one in its cookie is closed."""
    close_session()
    with services.current().database.session() as session:
        token = accounts.sign_in(session, user)
    flask_login.login_user(Visitor(user, token))


def close_session() -> None:
    visitor = flask_login.current_user
    if visitor.is_authenticated:
        with services.current().database.session() as session:
            accounts.sign_out(session, visitor.token)
    flask_login.logout_user()


def _find_visitor(token: str) -> Visitor | None:
    with services.current().database.session() as session:
        user = accounts.find_signed_in(session, token)
    return Visitor(user, token) if user else None


def _load_caller() -> None:
    """Find out who calls; what is wrong with the credential is said after the request was counted."""
    g.caller = g.refusal = None
    try:
        g.caller = _by_key() if request.path.startswith(API) and _has_key() else _by_cookie()
    except (Unauthorized, Forbidden) as error:
        g.refusal = error


def _refuse() -> None:
    if g.refusal:
        raise g.refusal


def _has_key() -> bool:
    return "Authorization" in request.headers or "X-API-Key" in request.headers


def _by_key() -> Caller:
    scheme, _, secret = request.headers.get("Authorization", f"bearer {request.headers.get('X-API-Key')}").partition(
        " "
    )
    if scheme.lower() != "bearer":
        raise Unauthorized
    with services.current().database.session() as session:
        key = keys.authenticate(session, secret.strip())
    return Caller(key.user, key)


def _by_cookie() -> Caller | None:
    """A browser's unsafe request must come from our own pages."""
    if request.method not in SAFE_METHODS and not _is_same_origin():
        raise Forbidden("This request came from another site, so it was not carried out.")
    visitor = flask_login.current_user
    return Caller(visitor.user, token=visitor.token) if visitor.is_authenticated else None


def _is_same_origin() -> bool:
    """Every browser of today sends one of these headers; a program that sends neither carries no stranger's cookie."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
