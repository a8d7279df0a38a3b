"""Where requests meet limits: flask-limiter counts them, the envelope and the headers say how it stands."""

from __future__ import annotations

import hashlib
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, cast

import flask_limiter
from flask import Flask, Response, current_app, g, request
from flask_limiter import Limit, Limiter
from limits import RateLimitItem
from sqlalchemy import Engine

from pixelift import limits
from pixelift.limits import PREVIEWS, READS, SIGN_INS, SUBMISSIONS, Policy, RateLimit, preview, sign_in, submission

__all__ = ["current", "install", "preview", "sign_in", "submission"]

READS_PER_MINUTE = 600
PREVIEWS_PER_SUBMISSION = 3
SIGN_INS_PER_MINUTE = 10
IPV6_SITE_BITS = 64


def install(app: Flask, engine: Engine) -> None:
    """Count all requests, after the hook that finds out who calls: hooks run in the order of their registration."""
    options: Any = {"engine": engine}
    limiter = Limiter(
        _caller,
        default_limits=[
            Limit(_submissions, _caller, scope=f"{SUBMISSIONS}/caller", shared=True),
            Limit(_previews, _caller, scope=f"{PREVIEWS}/caller", shared=True),
            Limit(_reads, _caller, scope=f"{READS}/caller", shared=True),
            Limit(_sign_ins, _address, scope=f"{SIGN_INS}/address", shared=True),
            Limit(_sign_ins, _account, scope=f"{SIGN_INS}/account", shared=True),
        ],
        storage_uri=f"{limits.PostgresStorage.STORAGE_SCHEME[0]}://",
        storage_options=options,
        swallow_errors=True,
    )
    app.before_request(limits.remember)
    limiter.init_app(app)
    app.extensions["pixelift.limiter"] = limiter
    app.register_error_handler(flask_limiter.RateLimitExceeded, _refuse)
    app.after_request(_announce)


def current() -> RateLimit | None:
    """Return the tightest window that this request was counted in; none when it was not, or could not be."""
    return limits.tightest(_windows())


def _submissions() -> str:
    if _kind() != SUBMISSIONS:
        return ""
    plan = g.caller.plan
    return f"{plan.requests_per_hour}/hour;{plan.requests_per_day}/day"


def _previews() -> str:
    return f"{g.caller.plan.requests_per_hour * PREVIEWS_PER_SUBMISSION}/hour" if _kind() == PREVIEWS else ""


def _reads() -> str:
    return f"{READS_PER_MINUTE}/minute" if _kind() == READS and request.path.startswith("/api/") else ""


def _sign_ins() -> str:
    return f"{SIGN_INS_PER_MINUTE}/minute" if _kind() == SIGN_INS and request.method == "POST" else ""


def _kind() -> str:
    """A submission or preview by nobody will be refused, so it counts as any other request of that address."""
    kind = limits.kind_of(current_app.view_functions.get(request.endpoint or ""))
    return READS if kind in {SUBMISSIONS, PREVIEWS} and g.caller is None else kind


def _caller() -> str:
    return f"user:{g.caller.user.id}" if g.caller else _address()


def _address() -> str:
    """Count one household or server once: it has a whole /64 of IPv6 addresses to choose from."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "address:unknown"
    if isinstance(address, IPv6Address):
        return f"address:{address.ipv4_mapped or ip_network((address, IPV6_SITE_BITS), strict=False)}"
    return f"address:{address}"


def _account() -> str:
    email = request.form.get("email", "")
    return f"account:{hashlib.sha256(email.strip().lower().encode(errors='replace')).hexdigest()}"


def _refuse(_error: flask_limiter.RateLimitExceeded) -> Response:
    breached = _windows()[-1]
    response = current_app.make_response(current_app.handle_user_exception(limits.exceeded(breached)))
    response.headers["Retry-After"] = str(breached.left_s)
    return response


def _announce(response: Response) -> Response:
    """Add the headers; after a breach, windows that were not counted in any more are named as policies only."""
    if windows := _windows():
        policies = [_policy(str(each.scope), each.limit) for each in _limiter().limit_manager.default_limits]
        response.headers.update(limits.headers(policies, windows))
    return response


def _windows() -> list[RateLimit]:
    """Return what this request was counted in, up to the window that refused it."""
    return [
        RateLimit(_policy(each.request_args[1], each.limit), each.remaining, each.reset_at)
        for each in _limiter().current_limits
    ]


def _policy(scope: str, item: RateLimitItem) -> Policy:
    kind, by = scope.split("/")
    return Policy(kind, by, item.amount, item.GRANULARITY.name, item.get_expiry())


def _limiter() -> Limiter:
    return cast(Limiter, current_app.extensions["pixelift.limiter"])
