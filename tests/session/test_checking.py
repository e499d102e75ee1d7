"""A session checks a sequence on the twin of its rig, and learns from the runs that it has made."""

import json

import pytest

from acquisition.config import ConfigError
from acquisition.preflight import expected_acquisition
from acquisition.sequence import SequenceError
from acquisition.session import goals
from acquisition.session.checking import free_bytes

WAIT = [
    {"kind": "set_temperature", "temperature": "30 degC"},
    {"kind": "wait_until_stable", "tolerance": "0.2 degC", "window": "10 s"},
]


def test_a_check_is_plain_data_and_leaves_no_run(session_factory, tmp_path):
    session = session_factory("simulated", str(tmp_path / "runs"), sample="never_charges")
    found = session.check("cascade", {"acquire_photons.duration_s": 30.0})
    assert found["ok"]
    assert found["duration_s"] == 30.0
    assert found["points"][0]["precision_percent"]["states.X.lifetime_ns"] < 2
    assert json.loads(json.dumps(found)) == found
    assert session.status()["run"] is None
    assert not (tmp_path / "runs").exists()


def test_what_the_rig_does_not_allow_is_refused_as_at_the_start(session_factory, tmp_path):
    session = session_factory("simulated", str(tmp_path / "runs"))
    with pytest.raises(SequenceError, match=r"75 degC is not allowed: the objective stands at most 70 degC"):
        session.check([{"kind": "set_temperature", "temperature": "75 degC"}])
    path = tmp_path / "hot.yaml"
    path.write_text("name: hot\nsteps:\n  - {kind: set_temperature, temperature: 75 degC}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"hot.yaml, line 3.*70 degC"):
        session.check(str(path))


def test_three_runs_teach_how_long_the_heater_takes(session_factory, tmp_path):
    session = session_factory("simulated", str(tmp_path / "runs"))
    assert session.check(WAIT)["settling"][0]["learnt_from"] == 0
    for _ in range(3):
        session.start(
            [*WAIT, {"kind": "set_temperature", "temperature": "20 degC"}, {**WAIT[1], "tolerance": "0.5 degC"}]
        )
        assert session.wait(60)["outcome"] == "completed"
    (wait,) = session.check(WAIT)["settling"]
    assert wait["learnt_from"] == 3
    assert wait["low_s"] - 0.5 <= wait["settled_after_s"] <= wait["high_s"] + 0.5


def test_goals_are_first_looked_at_when_the_forecast_says():
    assert expected_acquisition.FIRST_LOOK_S == goals.FIRST_LOOK_S


def test_the_room_of_a_folder_that_is_not_there_yet_is_that_of_its_disk(tmp_path):
    assert free_bytes(tmp_path / "a" / "b") == pytest.approx(free_bytes(tmp_path), rel=0.2)
