from __future__ import annotations

import errno
from pathlib import Path

import pytest

from pixelift import storage
from pixelift.errors import NotFound, StorageFull
from pixelift.storage import Folder


@pytest.fixture
def blobs(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "blobs")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"pixels")
    return path


def test_a_stored_blob_comes_back_even_when_its_source_is_gone(blobs: Folder, file: Path, tmp_path: Path) -> None:
    blobs.put("sources/ab/abc.png", file)
    file.unlink()
    blobs.fetch("sources/ab/abc.png", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"pixels"
    assert [key for key, _ in blobs.keys("sources")] == ["sources/ab/abc.png"]


def test_a_missing_blob_is_not_found(blobs: Folder) -> None:
    with pytest.raises(NotFound):
        blobs.open("nothing")


def test_all_below_a_prefix_can_be_deleted_twice(blobs: Folder, file: Path) -> None:
    for name in ("strips/job/1/0000.webp", "strips/job/2/0000.webp", "strips/other/1/0000.webp"):
        blobs.put(name, file)
    blobs.delete("strips/job")
    blobs.delete("strips/job")
    assert [key for key, _ in blobs.keys("strips")] == ["strips/other/1/0000.webp"]


def test_a_full_disk_leaves_nothing_behind(blobs: Folder, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_source: Path, target: Path) -> None:
        target.write_bytes(b"pix")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage, "_link_or_copy", full)
    with pytest.raises(StorageFull):
        blobs.put("sources/ab/abc.png", file)
    assert list(blobs.keys("")) == []


def test_only_what_is_still_old_is_swept(blobs: Folder, file: Path) -> None:
    blobs.put("sources/ab/abc.png", file)
    blobs.delete_if_older("sources/ab/abc.png", 0)
    assert list(blobs.keys("sources"))
    blobs.delete_if_older("sources/ab/abc.png", 2**40)
    blobs.delete_if_older("sources/ab/abc.png", 2**40)
    assert list(blobs.keys("sources")) == []
