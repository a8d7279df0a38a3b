"""All jobs of a user: filter, search, page; the live ones kept fresh."""

from __future__ import annotations

from uuid import UUID

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from pixelift import jobs, services
from pixelift.models import LIVE, JobStatus
from pixelift.web.blueprint import visitor, wants_fragment, web

PAGE_SIZE, MAX_LIVE = 24, 60
CHIPS = {
    "": "All",
    "live": "Running",
    JobStatus.COMPLETED: "Completed",
    JobStatus.FAILED: "Failed",
    JobStatus.CANCELLED: "Cancelled",
}


@web.get("/jobs")
def history() -> ResponseReturnValue:
    """Show the page; a script gets the results alone, or (`part=shots`) only the next ones."""
    user = visitor().user
    status = request.args.get("status", "")
    status = status if status in CHIPS else ""
    query = request.args.get("query", "").strip()[:200]
    number = min(max(request.args.get("page", 1, type=int), 1), 100_000)
    wanted = jobs.Filter(status=status or None, name=query or None)
    with services.current().database.session() as session:
        page = jobs.search(session, user, wanted, page=number, size=PAGE_SIZE)
        counts = jobs.counts(session, user)
    html = render_template(
        _template(), page=page, status=status, query=query, chips=_chips(counts), total=sum(counts.values())
    )
    return make_response(html, {"Vary": "HX-Request", "Cache-Control": "no-cache"})


@web.get("/jobs/pulse/<any(row, shot):form>")
def pulse(form: str) -> ResponseReturnValue:
    """Answer how the named jobs are, as rows of the Studio or as shots of the History."""
    user = visitor().user
    ids = request.args.getlist("live", type=UUID)[:MAX_LIVE]
    with services.current().database.session() as session:
        found = jobs.find_all(session, user, ids)
    return render_template("jobs/_pulse.html", jobs=found, form=form)


def _template() -> str:
    if not wants_fragment():
        return "jobs/index.html"
    return "jobs/_shots.html" if request.args.get("part") == "shots" else "jobs/_found.html"


def _chips(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    sums = {"": sum(counts.values()), "live": sum(counts.get(status, 0) for status in LIVE), **counts}
    return [(name, title, sums.get(name, 0)) for name, title in CHIPS.items()]
