"""The browser's skin: parse, one domain call, render."""

from __future__ import annotations

from flask import Flask

from pixelift.web import accounts, history, images, jobs, keys, models, studio
from pixelift.web.blueprint import web
from pixelift.web.problems import render_error

__all__ = ["accounts", "history", "images", "install", "jobs", "keys", "models", "render_error", "studio"]


def install(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(web)
