"""Recovering leaves a run alone that is still going on in another session."""

import threading

import pytest

from acquisition.session import LocalSession
from acquisition.storage import RunFolder, StorageError
from simulators.heater import SimulatedHeater

ACQUIRE = {"kind": "acquire_photons", "duration_s": 1}
HEAT = {"kind": "set_temperature", "temperature": "30 degC"}


def test_a_run_that_heats_is_not_marked_killed_though_nothing_is_written(tmp_path, monkeypatch):
    go_on = threading.Event()
    monkeypatch.setattr(SimulatedHeater, "heat_to_c", lambda heater, temperature_c: go_on.wait(60))
    monkeypatch.setattr("acquisition.session.run_job.analyze_run", lambda folder, report: None)
    with LocalSession("simulated", str(tmp_path)) as session, LocalSession() as other:
        run = session.start([HEAT, ACQUIRE])
        try:
            with pytest.raises(StorageError, match="still going on"):
                other.recover(run)
            assert RunFolder.open(tmp_path / run).read_run_json()["status"] == "running"
        finally:
            go_on.set()
        assert session.wait(60)["outcome"] == "completed"
        assert [point["status"] for point in other.recover(run)["points"]] == ["complete"]
