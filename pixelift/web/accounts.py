"""Signing in and out, and the look of things."""

from __future__ import annotations

import re

from flask import g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pixelift import accounts, credentials, limits, services
from pixelift.errors import InvalidCredentials
from pixelift.web.blueprint import THEMES, YEAR_S, web

LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x1f]*")


@web.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    onward = _local(request.args.get("next"))
    if g.caller:
        return redirect(onward)
    return render_template("accounts/sign_in.html", next=onward, email="", problem=None)


@web.post("/sign-in")
@limits.sign_in
def open_session() -> ResponseReturnValue:
    email = request.form.get("email", "").strip()
    onward = _local(request.form.get("next"))
    try:
        with services.current().database.session() as session:
            user = accounts.authenticate(session, email, request.form.get("password", ""))
    except InvalidCredentials as error:
        return render_template("accounts/sign_in.html", next=onward, email=email, problem=error.message), 401
    credentials.open_session(user)
    return redirect(onward, 303)


@web.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    credentials.close_session()
    return redirect(url_for("web.sign_in"), 303)


@web.post("/theme")
def choose_theme() -> ResponseReturnValue:
    """Keep the choice in a cookie, which a script may write as well (static/js/theme.js)."""
    theme = request.form.get("theme", "")
    response = make_response(redirect(_local(request.form.get("next")), 303))
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=YEAR_S, samesite="Lax")
    return response


def _local(path: str | None) -> str:
    """Return the path when it leads into this site, else the Studio: a stranger's link must not lead away."""
    return path if path and LOCAL.fullmatch(path) else url_for("web.studio")
