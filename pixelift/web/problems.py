"""What a browser sees when something does not work."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pixelift.errors import PixeliftError, Unauthorized
from pixelift.web.blueprint import wants_fragment

TITLES = {
    403: "This is not allowed",
    404: "Not found",
    405: "That did not work",
    413: "This is too large",
    429: "Too many at once",
    500: "Something broke on our side",
    503: "Back in a moment",
    507: "There is no room left",
}


def render_error(error: PixeliftError) -> Response:
    """Return the error as a page, as a fragment for a script, or as the way to sign in."""
    if isinstance(error, Unauthorized):
        return _ask_to_sign_in()
    page = "shared/_problem.html" if wants_fragment() else "shared/problem.html"
    title = TITLES.get(error.status, "That did not work")
    html = render_template(page, title=title, problem=error)
    return make_response(html, error.status)


def _ask_to_sign_in() -> Response:
    page = request.method == "GET" and not wants_fragment()
    here = request.full_path.rstrip("?") if page else urlsplit(request.referrer or "").path or None
    address = url_for("web.sign_in", next=here)
    if wants_fragment():
        return make_response("", 401, {"HX-Redirect": address})
    answer: AnyResponse = redirect(address, 303)
    return make_response(answer)
