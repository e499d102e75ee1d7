"""Segments go at once when their file is made: a kill in the midst leaves no half of them beside it."""

from datetime import datetime

import pytest

from acquisition.storage import Recorder, RunFolder, StorageError, recover
from acquisition.storage import recorder as recording
from tests.storage.photons import INFO, make_blocks


@pytest.fixture
def run(tmp_path):
    return RunFolder.create(tmp_path, "dot", datetime(2026, 11, 20))


def record(run):
    point = run.new_point()
    recorder = Recorder(point, INFO)
    for block in make_blocks(3):
        recorder.append(block)
    return point, recorder


def test_a_kill_while_segments_are_removed_leaves_a_complete_point(run, monkeypatch):
    point, recorder = record(run)

    def killed(folder):
        raise KeyboardInterrupt

    monkeypatch.setattr(recording.shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        recorder.finish()
    monkeypatch.undo()
    assert point.photons_h5.exists()
    assert not point.segments.exists()
    [found] = recover(run.path).points
    assert (found.status, found.photons) == ("complete", 600)
    assert [path.name for path in point.path.iterdir()] == ["photons.h5"]


def test_what_cannot_be_removed_is_named(run, monkeypatch):
    _, recorder = record(run)

    def refused(folder):
        raise OSError(13, "refused")

    monkeypatch.setattr(recording.shutil, "rmtree", refused)
    monkeypatch.setattr("acquisition.storage.files.ATTEMPT_PAUSE_S", 0.0)
    with pytest.raises(StorageError, match=r"cannot be removed \(refused\); photons.h5 is complete"):
        recorder.finish()
    monkeypatch.undo()
    assert recover(run.path).ok
