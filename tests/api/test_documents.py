"""What the document and the reference say is true, complete and runs as printed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image as Pillow
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from pixelift import errors
from pixelift.api.reference import samples
from pixelift.api.reference.operations import grouped
from pixelift.errors import PixeliftError
from pixelift.models import EventType
from tests import live

Json = dict[str, Any]
COMMANDS = {
    "curl": ["bash", "-e", "example.sh"],
    "javascript": ["node", "example.mjs"],
    "python": [sys.executable, "example.py"],
}
SAID = {
    "upscale_create": "job_id",
    "previews_create": "data:image/png;base64,",
    "jobs_index": "items",
    "jobs_show": "sha256",
    "jobs_cancel": "JOB_NOT_CANCELLABLE",
    "jobs_result": "",
    "jobs_follow": "event: job.completed",
    "models_index": "items",
    "health_show": "healthy",
    "health_live": "alive",
    "health_ready": "ready",
    "documents_show": "3.1.1",
}


@pytest.fixture
def document(client: FlaskClient) -> Json:
    found: Json = client.get("/api/v1/openapi.json").get_json()
    return found


@pytest.fixture
def page(client: FlaskClient) -> str:
    return client.get("/api/v1/docs").text


def test_the_document_is_openapi_3_1(document: Json) -> None:
    assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_what_the_reference_shows_as_an_answer_is_one(document: Json) -> None:
    for name in document["components"]["schemas"]:
        schema = {"$ref": f"#/components/schemas/{name}"}
        validator = jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]})
        validator.validate(samples.sample(document, schema))


def test_every_refusal_has_our_envelope(document: Json) -> None:
    refusals = [
        answer["content"]["application/json"]["schema"]
        for path, item in document["paths"].items()
        for operation in item.values()
        for status, answer in operation["responses"].items()
        if status >= "400" and not path.startswith("/health")
    ]
    assert refusals
    assert all(schema["allOf"][0] == {"$ref": "#/components/schemas/Failure"} for schema in refusals)


def test_the_reference_is_open_to_everybody_and_needs_no_script(client: FlaskClient) -> None:
    for path in ("/api/v1/docs", "/api/v1/docs/try"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", answer.text)
        assert not [address for address in re.findall(r'(?:src|href)="([^"]+)"', answer.text) if address[0] not in "/#"]


def test_the_reference_shows_every_route_and_field(document: Json, page: str) -> None:
    for path, item in document["paths"].items():
        assert f"<code>{path}</code>" in page
        assert all(f'id="{operation["operationId"]}"' in page for operation in item.values())
    for name, schema in document["components"]["schemas"].items():
        assert name.startswith("Success_") or f'id="{name}"' in page
        assert all(name.startswith("Success_") or f"<code>{field}</code>" in page for field in schema["properties"])
    assert all(f"<code>{name}</code>" in page for name in document["components"]["headers"])


def test_the_reference_says_what_must_be_sent_and_nothing_of_our_language(web: Flask, document: Json) -> None:
    with web.test_request_context():
        operations = [each for group in grouped(document, "").values() for each in group]
    body = {field.name: field for each in operations if each.id == "previews_create" for field in each.body}
    assert (body["variants"].tag, body["variants"].shape) == ("", "Variant")
    assert (body["region"].tag, body["region"].words) == ("optional", "PreviewRegion")
    assert not [field for each in operations for field in each.body if "None" in field.words or "True" in field.words]


def test_the_reference_explains_every_error_where_errors_point_to(page: str) -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PixeliftError)]
    for kind in kinds:
        assert page.count(f'id="{kind.code}"') == 1


def test_the_reference_names_every_event(page: str) -> None:
    assert all(f"<code>{event.value}</code>" in page for event in EventType)


@pytest.mark.parametrize("language", COMMANDS)
def test_the_examples_run_as_printed(language: str, web: Flask, key: str, tmp_path: Path) -> None:
    if not shutil.which(COMMANDS[language][0]):
        pytest.skip(f"{COMMANDS[language][0]} is not installed")
    Pillow.linear_gradient("L").resize((12, 8)).convert("RGB").save(tmp_path / "photo.jpg")
    environment = {"PATH": os.environ["PATH"], "PIXELIFT_KEY": key}
    with live.running(web, tmp_path) as address:
        examples = dict(_examples(requests.get(f"{address}/api/v1/docs", timeout=10).text, language))
        _run(language, examples.pop("first"), tmp_path, environment)
        with Pillow.open(tmp_path / "photo-4x.jpg") as result:
            assert result.size == (48, 32)
        headers = {"X-API-Key": key}
        listed = requests.get(f"{address}/api/v1/jobs", headers=headers, timeout=10).json()["data"]
        environment["JOB_ID"] = listed["items"][0]["job_id"]
        assert examples.keys() == SAID.keys()
        for name, code in examples.items():
            assert SAID[name] in _run(language, code, tmp_path, environment), name


def _examples(page: str, language: str) -> Iterator[tuple[str, str]]:
    reader = _Reader()
    reader.feed(page)
    for name, code in reader.codes.items():
        if name.endswith(f"-{language}"):
            yield name.removesuffix(f"-{language}"), code


def _run(language: str, code: str, folder: Path, environment: dict[str, str]) -> str:
    command = COMMANDS[language]
    (folder / command[-1]).write_text(code)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class _Reader(HTMLParser):
    """Collects the text of every <code id=…>."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[str, str] = {}
        self.name = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "code":
            self.name = dict(attrs).get("id") or ""
            self.codes[self.name] = ""

    def handle_data(self, data: str) -> None:
        if self.name:
            self.codes[self.name] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "code":
            self.name = ""
