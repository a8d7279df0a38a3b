"""A picture goes on where an earlier try came to, and becomes the very same file."""

from __future__ import annotations

import fcntl
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pixelift.engine import pipeline
from pixelift.engine.meter import Meter
from pixelift.engine.options import Fit, Options
from pixelift.engine.orders import Order, Outcome, Progress
from tests.engine.conftest import FAST

HALF_WAY, STRIP_PX, HALO_PX = 50, 16, 18


class Died(BaseException):
    """What a process cannot catch."""


@dataclass
class Studio:
    """Makes one picture again and again."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    source: Path = field(init=False)
    worked: float = 0.0

    def __post_init__(self) -> None:
        self.source = self.folder / "source.png"
        tick = Meter.tick

        def count(meter: Meter, work: float) -> None:
            self.worked += work
            tick(meter, work)

        self.monkeypatch.setattr(Meter, "tick", count)
        self.monkeypatch.setattr(Meter, "skip", tick)

    def make(self, scratch: str | None, *, die_at: float = 101, **options: Any) -> Outcome:
        def hear(progress: Progress) -> None:
            if progress.reached >= die_at:
                raise Died

        self.worked = 0.0
        scratch_dir = self.folder / scratch if scratch else None
        order = Order(
            self.source,
            self.folder / "result",
            Options(**{"model": FAST, **options}),
            strips_dir=self.folder,
            scratch_dir=scratch_dir,
        )
        kit = pipeline.tools("cpu", "fp32")
        return pipeline.run(order, replace(kit, network_bytes=0, chunk_px=STRIP_PX), hear)

    def die(self, scratch: str, at: float = HALF_WAY, **options: Any) -> None:
        with pytest.raises(Died):
            self.make(scratch, die_at=at, **options)


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    studio = Studio(tmp_path, monkeypatch)
    monkeypatch.setattr("pixelift.engine.meter._QUIET_S", 0)
    noise = np.random.default_rng(1).integers(0, 255, (400, 20, 4), np.uint8)
    Image.fromarray(noise).save(studio.source)
    return studio


@pytest.mark.parametrize(
    "options",
    [
        {"scale": 4},
        {"scale": 2.6},
        {"scale": 6.5},
        {"scale": 0.5 + 0.5},
        {"width_px": 60, "height_px": 500, "fit": Fit.COVER},
    ],
    ids=str,
)
def test_the_result_is_the_one_that_nobody_interrupted(studio: Studio, options: dict[str, Any]) -> None:
    whole = studio.make(None, **options)
    all_the_work = studio.worked
    studio.die("scratch", **options)
    again = studio.make("scratch", **options)
    assert (again.sha256, again.fidelity_db) == (whole.sha256, whole.fidelity_db)
    assert studio.worked < 0.9 * all_the_work


def test_only_the_halo_is_computed_again(studio: Studio) -> None:
    studio.make(None)
    all_the_work = studio.worked
    studio.die("scratch")
    before = studio.worked
    studio.make("scratch")
    assert studio.worked + before - all_the_work < all_the_work * (STRIP_PX + 2 * HALO_PX) / 400


def test_it_may_die_again_and_again(studio: Studio) -> None:
    whole = studio.make(None)
    for at in (20, 50, 80, 95):
        studio.die("scratch", at)
    assert studio.make("scratch").sha256 == whole.sha256
    studio.make("scratch")
    assert studio.worked == 0


def test_rows_that_nobody_claims_are_not_believed(studio: Studio) -> None:
    whole = studio.make(None)
    studio.die("scratch")
    scratch = studio.folder / "scratch"
    *claims, _last = (scratch / "ledger").read_text().splitlines()
    (scratch / "ledger").write_text("\n".join(claims) + "\n[0, 1600, 400")
    with (scratch / "rows-0").open("r+b") as rows:
        rows.seek(-20 * 4 * 16 * 400 // 2, 2)
        rows.write(b"\x07" * 1000)
    assert studio.make("scratch").sha256 == whole.sha256


@pytest.mark.parametrize("change", ["options", "source"])
def test_another_picture_begins_anew(studio: Studio, change: str) -> None:
    studio.die("scratch", scale=3)
    if change == "source":
        Image.open(studio.source).rotate(180).save(studio.source)
    scale = 2 if change == "options" else 3
    whole = studio.make(None, scale=scale)
    all_the_work = studio.worked
    assert studio.make("scratch", scale=scale).sha256 == whole.sha256
    assert studio.worked == all_the_work


def test_nobody_writes_where_another_process_does(studio: Studio) -> None:
    whole = studio.make(None)
    studio.die("scratch")
    ledger = (studio.folder / "scratch" / "ledger").read_text()
    with (studio.folder / "scratch" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert studio.make("scratch").sha256 == whole.sha256
    assert (studio.folder / "scratch" / "ledger").read_text() == ledger
