"""Runs that were broken off at a moment, and what tests of them ask again and again."""

import shutil

import numpy as np
import pytest

from acquisition.session import LocalSession
from acquisition.storage import Journal, RunFolder, open_point, read_journal

LIGHT = [
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
]
DARK = [{"kind": "set_shutter", "open": False}]


def acquire(seconds, **more):
    return {"kind": "acquire_photons", "duration_s": seconds, **more}


TWO_POINTS = [*LIGHT, acquire(2, label="first"), *DARK, *LIGHT, acquire(3, label="second"), *DARK]


def carried_out(session, run):
    status = session.wait(60)
    assert status["outcome"] is not None, status
    assert status["run"] == str(run)
    return status


def resume(run, **more):
    """Resume a run in a session of its own and return the last status."""
    with LocalSession.of_run(str(run)) as session:
        return carried_out(session, session.resume_run(str(run), **more))


def killed(tmp_path, monkeypatch):
    """Return a function that carries out steps and gives the run folder as a kill leaves it at a moment."""

    def copy(steps, event, count=1):
        left, target = [count], tmp_path / "killed"
        append = Journal.append

        def append_and_copy(journal, what):
            append(journal, what)
            if what["event"] == event:
                left[0] -= 1
                if left[0] == 0:
                    [run] = (tmp_path / "runs").iterdir()
                    shutil.copytree(run, target)

        monkeypatch.setattr(Journal, "append", append_and_copy)
        with LocalSession("simulated", str(tmp_path / "runs"), seed=7) as session:
            carried_out(session, session.start(steps))
        monkeypatch.setattr(Journal, "append", append)
        assert target.exists()
        return target

    return copy


def killed_in_second_point(tmp_path, monkeypatch):
    """A run whose second point has 2 of its 3 s when it is killed."""
    from acquisition.storage import Recorder

    append, target = Recorder.append, tmp_path / "killed"

    def append_and_copy(recorder, block):
        append(recorder, block)
        [run] = (tmp_path / "runs").iterdir()
        if RunFolder(run).point(2).has_photons and recorder.elapsed_s == pytest.approx(2):
            shutil.copytree(run, target)

    monkeypatch.setattr(Recorder, "append", append_and_copy)
    with LocalSession("simulated", str(tmp_path / "runs"), seed=7) as session:
        carried_out(session, session.start(TWO_POINTS))
    monkeypatch.setattr(Recorder, "append", append)
    return target


def photons_of(run, number):
    blocks = list(open_point(RunFolder.open(run).point(number)).blocks())
    return np.concatenate([block.pulse for block in blocks]), [gap for block in blocks for gap in block.gaps]


def points_of(run):
    return RunFolder.open(run).read_run_json()["points"]


def started(run):
    return [event["step"] for event in read_journal(run / "journal.jsonl").events if event["event"] == "step_started"]
