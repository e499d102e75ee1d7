"""What a run becomes when the disk is full or slow: photons are kept or waited for, never lost unsaid."""

from pathlib import Path

import pytest

from acquisition.storage import recover
from acquisition.streaming import pipeline
from acquisition.streaming.block_queue import BlockQueue
from tests.faults.trials import LIGHT, simulated_trial


def test_a_full_disk_ends_the_run_with_one_message_and_all_that_was_stored_can_be_read(tmp_path: Path) -> None:
    with simulated_trial(tmp_path, "{name: disk_full, after: 4500 ms}") as trial:
        trial.session.start([*LIGHT, {"kind": "acquire_photons", "duration": "60 s"}])
        status = trial.ended()
        assert status["outcome"] == "failed"
        assert "the disk is full" in status["message"]
        assert "Free space" in status["message"]
        assert not trial.session._rig.laser.status().emission
        assert not trial.session._rig.spad_array.settings()["bias"]
        trial.end("disk_full")  # somebody has made room
        [point] = recover(trial.folder.path).points
        assert f"{point.photons} of {status['photons']} photons (" in status["message"]
        blocks = list(trial.recording().blocks())
        assert blocks[-1].end_pulse == 4_000_000
        assert sum(map(len, blocks)) == point.photons > 100_000


def test_a_slow_disk_holds_the_detector_up_loses_nothing_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BlockQueue", lambda blocks, photons: BlockQueue(4, photons))
    with simulated_trial(tmp_path, "{name: slow_disk, after: 1 s, duration: 25 s, delay: 100 ms}") as trial:
        trial.session.start([*LIGHT, {"kind": "acquire_photons", "duration": "30 s"}])
        status = trial.ended()
        assert status["ok"]
        assert any("the disk was too slow" in warning for warning in status["warnings"])
        blocks = list(trial.recording().blocks())
        assert blocks[-1].end_pulse == 30_000_000
        assert sum(map(len, blocks)) == status["photons"]
        assert not any(block.gaps for block in blocks)
