"""A person keeps or rejects a dot, and run.json says so, whether the run goes on or has ended."""

import json
from pathlib import Path

import pytest

from acquisition.session import LocalSession, SessionError
from acquisition.storage import Journal, RecordingError, RunFolder, StorageError
from acquisition.storage.table import TableWriter

STEPS = {"name": "dot", "steps": [{"kind": "prompt", "text": "Is it in focus?"}]}


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "runs" / "a"
    (folder / "points").mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"name": "dot", "status": "completed", "points": []}))
    return folder


@pytest.fixture
def session(tmp_path):
    with LocalSession("simulated", str(tmp_path / "runs")) as session:
        yield session


def said(run):
    return json.loads((run / "run.json").read_text())


def test_a_verdict_stands_in_run_json_and_in_the_list_of_runs_and_can_be_taken_back(session, run):
    found = session.mark(str(run), "keep", "blinks little")
    assert (found["verdict"], found["comment"]) == ("keep", "blinks little")
    assert found["by"]
    assert said(run) == {"name": "dot", "status": "completed", "points": [], "judgement": found}
    assert [each["path"] for each in session.runs({"verdict": "keep"})] == [str(run)]
    session.mark(str(run), None)
    assert said(run)["judgement"]["verdict"] is None
    assert session.runs({"verdict": "keep"}) == []


def test_the_last_known_place_of_the_stage_is_written_beside_it(session, run):
    with TableWriter(run / "readings.csv", ["x_um", "y_um"]) as table:
        table.append(0.0, {"x_um": 1.0, "y_um": 2.0})
        table.append(5.0, {"x_um": 3.5, "y_um": -2.0})
        table.append(10.0, {"x_um": None, "y_um": None})
    found = session.mark(str(run), "reject")
    assert (found["x_um"], found["y_um"]) == (3.5, -2.0)


@pytest.mark.parametrize("verdict", ["burn", "", 1])
def test_a_verdict_that_does_not_exist_is_refused_and_writes_nothing(session, run, verdict):
    with pytest.raises(SessionError, match="allowed are keep, reject, and None"):
        session.mark(str(run), verdict)
    assert "judgement" not in said(run)


def test_what_is_no_run_or_belongs_to_another_program_is_refused(session, run, tmp_path):
    with pytest.raises(RecordingError, match="is no run folder"):
        session.mark(str(tmp_path), "keep")
    with Journal(RunFolder(run).journal), pytest.raises(StorageError, match="another program measures into it"):
        session.mark(str(run), "keep")
    assert "judgement" not in said(run)


def test_the_run_that_goes_on_is_judged_and_its_end_keeps_the_judgement(session):
    run = session.start(STEPS)
    session.mark(run, "reject", "two dots")
    assert said(Path(run))["judgement"]["comment"] == "two dots"
    assert session.status()["outcome"] is None
    session.stop()
    assert session.wait(60.0)["outcome"] == "stopped"
    record = said(Path(run))
    assert record["status"] == "stopped"
    assert record["judgement"]["verdict"] == "reject"
