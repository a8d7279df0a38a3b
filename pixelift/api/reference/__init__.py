"""The reference for people: pages made from the OpenAPI document, so that they cannot go stale."""

from __future__ import annotations

from importlib.resources import files

from flask import Blueprint, Flask, render_template, request

from pixelift import plans
from pixelift.api import documents, limiting
from pixelift.api.reference import codes, examples, operations, samples, shapes
from pixelift.api.reference.events import WORDS

pages = Blueprint("reference", __name__, url_prefix="/api/v1/docs")
swagger = Blueprint(
    "swagger",
    __name__,
    static_folder=str(files("flask_openapi_swagger") / "templates" / "swagger"),
    static_url_path="/api/v1/docs/swagger",
)
pages.add_app_template_filter(examples.highlight)
pages.add_app_template_filter(examples.prose)


def install(app: Flask) -> None:
    app.register_blueprint(pages)
    app.register_blueprint(swagger)


@pages.get("")
def show() -> str:
    document = documents.current()
    base = request.host_url.rstrip("/")
    return render_template(
        "docs/show.html",
        document=document,
        groups=operations.grouped(document, base),
        shapes=shapes.named(document),
        codes=codes.every(),
        events=WORDS,
        plans=plans.PLANS.values(),
        reads_per_minute=limiting.READS_PER_MINUTE,
        previews_per_submission=limiting.PREVIEWS_PER_SUBMISSION,
        first=examples.first_picture(base),
        languages=examples.LANGUAGES,
        success=samples.envelope(document, "Success_Accepted_"),
        failure=samples.envelope(document, "Failure"),
    )


@pages.get("/try")
def try_it() -> str:
    """Swagger UI, from our own disk: nothing is loaded from elsewhere."""
    return render_template("docs/try.html")
