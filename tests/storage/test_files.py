"""Files are the old or the new version, and those that another program has open are waited for."""

import errno
import json
from pathlib import Path

import pytest

from acquisition.storage import PointFolder, Recorder, StorageError, write_json
from acquisition.storage import files as files_module
from acquisition.storage import recorder as recorder_module
from tests.storage.photons import INFO, make_blocks


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_json_holds_only_plain_finite_values(tmp_path, value):
    path = tmp_path / "results.json"
    write_json(path, {"old": 1})
    with pytest.raises(StorageError, match=r"results\.json"):
        write_json(path, {"value": value})
    assert json.loads(path.read_text()) == {"old": 1}


def test_json_is_the_old_or_the_new_when_the_disk_is_full(tmp_path, monkeypatch):
    path = tmp_path / "run.json"
    write_json(path, {"old": 1})

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files_module.os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        write_json(path, {"new": 2})
    assert json.loads(path.read_text()) == {"old": 1}


@pytest.fixture
def pauses(monkeypatch) -> list[float]:
    """Notes the pauses instead of making them."""
    made: list[float] = []
    monkeypatch.setattr(files_module.time, "sleep", made.append)
    return made


@pytest.fixture
def in_use(monkeypatch, pauses):
    """Refuse a call, as Windows does with files that are in use, a number of times; return how to say so."""

    def refuse(owner, name, times):
        real = getattr(owner, name)

        def act(*arguments):
            if len(pauses) < times:
                raise PermissionError(errno.EACCES, "is used by another program")
            return real(*arguments)

        monkeypatch.setattr(owner, name, act)

    return refuse


def test_a_file_that_a_viewer_has_open_is_replaced_when_the_viewer_ends(tmp_path, in_use, pauses):
    in_use(Path, "replace", times=5)
    write_json(tmp_path / "run.json", {"new": 1})
    assert json.loads((tmp_path / "run.json").read_text()) == {"new": 1}
    assert len(pauses) == 5


def test_a_file_that_stays_open_is_told_after_two_seconds(tmp_path, in_use, pauses):
    in_use(Path, "replace", times=1000)
    with pytest.raises(StorageError, match=r"run\.json: cannot be written: is used by another program"):
        write_json(tmp_path / "run.json", {"new": 1})
    assert sum(pauses) == pytest.approx(2.0, abs=0.2)


def test_segments_that_a_scanner_has_open_are_removed_when_it_ends(tmp_path, in_use, pauses):
    point = PointFolder(tmp_path / "0001")
    recorder = Recorder(point, INFO)
    recorder.append(make_blocks(1)[0])
    in_use(recorder_module.shutil, "rmtree", times=3)
    recorder.finish()
    assert not point.segments.exists()
    assert len(pauses) == 3
