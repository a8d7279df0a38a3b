"""API keys: list, create, revoke."""

from __future__ import annotations

from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pixelift import keys, services
from pixelift.errors import ValidationFailed
from pixelift.models import Key
from pixelift.web.blueprint import visitor, web


@web.get("/keys")
def key_list() -> ResponseReturnValue:
    return _page()


@web.post("/keys")
def create_key() -> ResponseReturnValue:
    """Answer with the page itself, not a redirect: the secret is nowhere kept, so it can be shown only now."""
    name = request.form.get("name", "")
    try:
        with services.current().database.session() as session:
            issued, secret = keys.issue(session, visitor().user, name=name)
    except ValidationFailed as error:
        return _page(name=name, problem=error.message), error.status
    response = make_response(_page(issued=issued, secret=secret), 201)
    response.headers["Cache-Control"] = "no-store"
    return response


@web.post("/keys/<uuid:key_id>/revocation")
def revoke_key(key_id: UUID) -> ResponseReturnValue:
    with services.current().database.session() as session:
        keys.revoke(session, visitor().user, key_id)
    flash("Revoked. The key opens nothing from now on.")
    return redirect(url_for("web.key_list"), 303)


def _page(*, name: str = "", problem: str | None = None, issued: Key | None = None, secret: str = "") -> str:
    with services.current().database.session() as session:
        found = keys.search(session, visitor().user)
    return render_template("keys/index.html", keys=found, name=name, problem=problem, issued=issued, secret=secret)
