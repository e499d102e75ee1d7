"""A rig that asks for metadata gets them before anything is switched on, and every file of the run has them."""

import json
from pathlib import Path

import h5py
import pytest

from acquisition.config import find_config
from acquisition.sequence import SequenceError
from acquisition.session import LocalSession, instrument_verbs, run_job
from acquisition.storage import RunFolder, open_point, write_json

STEPS = [
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "acquire_photons", "duration": "1 s"},
]
GIVEN = {"sample": "dot 7", "power_at_sample": "1.2 uW", "power_at_intensity": "20 %"}


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: write_json(folder.results_json, {}))
    monkeypatch.setattr(run_job, "write_report", lambda path: None)
    text = find_config("rigs", "simulated").read_text(encoding="utf-8")
    asked = "required_metadata: [operator, sample, power_at_sample]"
    rig = tmp_path / "strict.yaml"
    rig.write_text(text.replace("required_metadata: []", asked), encoding="utf-8")
    with LocalSession(str(rig), str(tmp_path / "runs"), seed=1) as session:
        yield session


def test_a_run_without_the_metadata_that_the_rig_asks_for_is_refused(session, tmp_path):
    with pytest.raises(SequenceError, match=r"not there: operator\. .*metadata\.operator"):
        session.start({"name": "dot", "metadata": GIVEN, "steps": STEPS})
    assert not list(tmp_path.glob("runs/*"))
    with pytest.raises(SequenceError, match="not there: operator, sample, power_at_sample"):
        session.check("cascade")


def test_what_is_said_when_the_run_is_started_counts_and_is_stored(session):
    overrides = {"metadata.operator": "Ada", "acquire_photons.duration_s": 2.0}
    folder = RunFolder.open(Path(session.start({"name": "dot", "metadata": GIVEN, "steps": STEPS}, overrides)))
    assert session.wait(60)["outcome"] == "completed"
    record = folder.read_run_json()
    assert record["metadata"]["operator"] == record["operator"] == "Ada"
    assert record["metadata"]["power_at_sample_uw"] == 1.2
    assert record["points"][0]["elapsed_s"] == 2.0
    recording = open_point(folder.point(1))
    assert recording.conditions["power_at_sample_uw"] == 1.2
    with h5py.File(folder.point(1).photons_h5) as file:
        assert json.loads(file["user/cascadescope/metadata"].asstr()[()]) == record["metadata"]


def test_what_is_missing_is_told_before_any_instrument_is_connected(tmp_path, monkeypatch):
    text = find_config("rigs", "simulated").read_text(encoding="utf-8")
    rig = tmp_path / "strict.yaml"
    rig.write_text(text.replace("required_metadata: []", "required_metadata: [operator]"), encoding="utf-8")
    opened = []
    monkeypatch.setattr(instrument_verbs, "use_rig", lambda *rig, **more: opened.append(rig))
    with LocalSession(str(rig), str(tmp_path / "runs")) as session:
        with pytest.raises(SequenceError, match=r"not there: operator\. .*metadata\.operator"):
            session.start({"name": "dot", "metadata": GIVEN, "steps": STEPS})
        with pytest.raises(SequenceError, match="not there: operator"):
            session.start("cascade")
    assert opened == []
