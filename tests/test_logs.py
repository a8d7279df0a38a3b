from __future__ import annotations

import json
import logging

import pytest

from pixelift import logs


def test_a_trace_tells_lines_and_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.root.handlers[:]
    logs.configure("INFO")
    try:
        _fail("pk_live_secret")
    except ZeroDivisionError:
        logging.getLogger("tests").exception("it broke")
    finally:
        logging.root.handlers = before
    line = capsys.readouterr().err
    assert json.loads(line)["exception"][0]["frames"][-1]["name"] == "_fail"
    assert "pk_live_secret" not in line


def _fail(secret: str) -> float:
    return len(secret) / 0
