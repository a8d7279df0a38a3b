from __future__ import annotations

import json

from pixelift.engine.orders import Face, Outcome, Untouched


def test_an_outcome_with_faces_survives_json() -> None:
    faces = (
        Face((1, 2, 30, 40), 0.9, restored=True, similarity=0.8),
        Face((0, 0, 5, 5), 0.6, False, None, Untouched.FAILED),
    )
    outcome = Outcome(
        8, 6, "png", 1, "0", False, False, "a", "fp32", "cpu", 30.0, {}, "gfpgan-v1.4", "centerface", faces
    )
    assert Outcome.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome


def test_outcomes_from_before_faces_can_be_read() -> None:
    outcome = Outcome(8, 6, "png", 1, "0", False, False, "a", "fp32", "cpu", 30.0)
    old = {name: value for name, value in outcome.to_json().items() if not name.startswith("face")}
    assert Outcome.from_json(old) == outcome
