"""The API keeps what its document promises, whatever it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
import schemathesis
from flask import Flask
from hypothesis import strategies
from schemathesis import engine
from schemathesis.engine.events import EngineEvent, FatalError, NonFatalError, ScenarioFinished

from pixelift import outbound, plans
from pixelift.api import limiting
from pixelift.engine import formats
from pixelift.errors import FetchFailed
from tests import live

CASES = 8
PLENTY = 1_000_000
GOOD_ANSWERS = ["2xx", "304", "404", "409", "413", "415", "422"]  # a field may be right, and the picture not


def test_every_answer_is_one_that_the_document_promises(address: str, key: str, picture: bytes) -> None:
    for media_type in formats.CONTENT_TYPES.values():
        schemathesis.openapi.media_type(media_type, strategies.just(picture))
    config = schemathesis.Config.from_dict(
        {
            "seed": 1,
            "headers": {"Authorization": f"Bearer {key}"},
            "generation": {
                "max-examples": CASES,
                "deterministic": True,
                "database": "none",
                "allow-extra-parameters": False,
            },
            "checks": {
                "positive_data_acceptance": {"expected-statuses": GOOD_ANSWERS},
                "use_after_free": {"enabled": False},  # a cancelled job stays to be seen
            },
        }
    )
    schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", config=config)
    broken = [words for event in engine.from_schema(schema).execute() for words in complaints(event)]
    assert not broken, "\n\n".join(broken)


@pytest.fixture
def address(web: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Where the application runs, which refuses nobody for haste and asks no stranger's address."""

    def unreachable(*_given: object, **_named: object) -> NoReturn:
        raise FetchFailed

    generous = [replace(plan, requests_per_hour=PLENTY, requests_per_day=PLENTY) for plan in plans.PLANS.values()]
    monkeypatch.setattr(outbound, "fetch", unreachable)
    monkeypatch.setattr(limiting, "READS_PER_MINUTE", PLENTY)
    monkeypatch.setattr(plans, "PLANS", {plan.name: plan for plan in generous})
    with live.running(web, tmp_path) as address:
        yield address


def complaints(event: EngineEvent) -> Iterator[str]:
    if isinstance(event, NonFatalError | FatalError):
        yield repr(event)
    if isinstance(event, ScenarioFinished):
        for checks in event.recorder.checks.values():
            for check in checks:
                if found := check.failure_info:
                    yield f"{event.label}: {found.failure.title}: {found.failure.message}\n{found.code_sample}"
