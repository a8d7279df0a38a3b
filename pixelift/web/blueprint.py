"""The pages' one blueprint, and who looks at them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request

from pixelift.credentials import current as visitor
from pixelift.web import outcomes, words

__all__ = ["THEMES", "YEAR_S", "visitor", "wants_fragment", "web"]

YEAR_S = 365 * 86_400
THEMES = ("system", "light", "dark")
web = Blueprint("web", "pixelift.web")
words.register(web)
web.add_app_template_filter(outcomes.size_words)


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
        "email": caller.user.email if caller else None,
    }
