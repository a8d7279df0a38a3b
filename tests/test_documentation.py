"""Pages about the code agree with the code. Run this file to write docs/settings.md anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pixelift.api.reference import shapes
from pixelift.engine.catalogue import DEFAULT_MODEL
from pixelift.engine.published import PUBLISHED
from pixelift.models import JobStatus
from pixelift.settings import Settings

DOCS = Path(__file__).resolve().parents[1] / "docs"
INTRODUCTION = """# Settings

Everything an operator may set, read once from the environment when a process starts. All faults are reported at once.
This page is made from `pixelift/settings.py`; a test keeps the two equal.

| setting | variable | values | default | meaning |
|---|---|---|---|---|
"""


def test_every_setting_is_documented_as_it_is() -> None:
    assert (DOCS / "settings.md").read_text() == settings_page()


@pytest.mark.parametrize(
    ("variable", "value", "name"),
    [("DATABASE_URL", "postgresql://mine", "database_url"), ("PIXELIFT_LOG_LEVEL", "ERROR", "log_level")],
)
def test_a_setting_is_read_from_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, name: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert getattr(Settings(), name) == value


def test_the_glossary_has_every_state_of_a_job() -> None:
    glossary = (DOCS / "glossary.md").read_text()
    assert all(f"`{status.value}`" in glossary for status in JobStatus)
    assert f"`{DEFAULT_MODEL}`" in glossary


def test_the_published_weights_are_documented_as_they_are_pinned() -> None:
    page = (DOCS / "models.md").read_text()
    for model in PUBLISHED:
        facts = (f"`{model.name}`", model.kind, str(model.native_scale), model.licence, f"{model.size_bytes:,}")
        assert f"| {' | '.join(facts)} | `{model.sha256}` | [{model.files[0].name}]({model.url}) |\n" in page


def test_links_between_pages_lead_somewhere() -> None:
    for page in DOCS.rglob("*.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def settings_page() -> str:
    schemas = Settings.model_json_schema(by_alias=False, mode="serialization")["properties"]
    rows = (" | ".join(_row(name, schemas[name])) for name in Settings.model_fields)
    return INTRODUCTION + "".join(f"| {row} |\n" for row in rows)


def _row(name: str, schema: dict[str, Any]) -> Iterator[str]:
    default = schema.pop("default", None)
    yield f"`{name}`"
    yield f"`{'DATABASE_URL' if name == 'database_url' else f'PIXELIFT_{name.upper()}'}`"
    yield shapes.field(name, schema, required=True).words.removesuffix(" or null")
    yield "none" if default in (None, []) else f"`{_spelled(default)}`"
    yield schema["description"]


def _spelled(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


if __name__ == "__main__":
    (DOCS / "settings.md").write_text(settings_page())
