"""The pages' one blueprint, and who looks at them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request

from pixelift import credentials
from pixelift.credentials import Caller
from pixelift.errors import Forbidden
from pixelift.web import words

THEMES = ("system", "light", "dark")
web = Blueprint("web", "pixelift.web")
words.register(web)


def visitor() -> Caller:
    """Return who is signed in. Raises Unauthorized; Forbidden for an API key, which has no business here."""
    caller = credentials.current()
    if caller.key:
        raise Forbidden("Pages are for browsers that signed in. A key works under /api/v1.")
    return caller


def wants_fragment() -> bool:
    """Whether a script asks, and puts the answer into a page that stands already."""
    return "HX-Request" in request.headers


@web.app_context_processor
def _everywhere() -> dict[str, Any]:
    theme = request.cookies.get("theme")
    caller = g.get("caller")
    return {
        "theme": theme if theme in THEMES else "system",
        "here": "",
        "email": caller.user.email if caller and not caller.key else None,
    }
