"""A session shows what it measures while it goes on, in this process and from a server."""

import time

import numpy as np
import pytest

from acquisition.live_view import PANELS
from acquisition.report.figure_data import FigureData
from acquisition.session import LocalSession, SessionError, live_states, run_job
from acquisition.storage import write_json
from acquisition.storage.analysis_file import save_analysis

LIGHT = [
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
]
DEADLINE_S = 60.0


def acquire(seconds, **more):
    return [*LIGHT, {"kind": "acquire_photons", "duration_s": seconds, **more}]


RESULTS = {"photons": 6, "states": {"X": {"lifetime_ns": {"value": 59.0, "error": 1.0}}}}


def store(folder, report):
    """Stand in for the analysis at the end of a run."""
    write_json(folder.results_json, RESULTS)
    values = {"results": RESULTS, "charges": ["neutral"]}
    save_analysis(folder.point(1).analysis_h5, {"decay/neutral/counts": np.array([3, 2, 1])}, values)


@pytest.fixture
def session(tmp_path, session_factory):
    return session_factory("simulated", str(tmp_path / "runs"), seed=7)


@pytest.fixture
def unanalysed(monkeypatch):
    """Leave out the analysis at the end of a run, which has its own tests."""
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: write_json(folder.results_json, {}))
    monkeypatch.setattr(run_job, "write_report", lambda path: None)


def until(session, panels, enough, since=None):
    """Pull until what is shown is enough; return the answer."""
    end_s = time.monotonic() + DEADLINE_S
    shown = {}
    while True:
        found = session.live(since, panels)
        shown |= {name: panel for name, panel in found.get("panels", {}).items() if panel is not None}
        if enough(shown):
            return found, shown
        assert time.monotonic() < end_s, (found, session.status())
        since = found["version"]
        session.wait(0.02)


def test_before_the_first_run_there_is_nothing_to_show(session):
    found = session.live()
    assert (found["run"], found["point"], found["simulated"]) == (None, None, None)
    assert {each["name"] for each in found["available"]} == set(PANELS)
    assert session.live(found["version"]) == {"version": found["version"]}


def test_a_panel_that_does_not_exist_is_refused(session):
    with pytest.raises(SessionError, match="'weather' is no panel; there are"):
        session.live(panels=["weather"])


def test_a_run_is_shown_while_it_goes_on_and_stays_when_it_has_ended(session, unanalysed):
    run = session.start(acquire(40.0, label="a dot"))
    found, shown = until(session, None, lambda shown: shown.get("counts", {}).get("elapsed_s", 0) > 12)
    assert (found["run"], found["point"], found["label"], found["simulated"]) == (run, 1, "a dot", True)
    assert shown["count_trace"]["recent"]["array_counts"].sum() > 500_000
    assert shown["pixel_delay_map"]["counts"].shape == (320, 250)
    assert shown["conditions"]["temperature_c"][0] > 15
    session.wait(DEADLINE_S)
    _, shown = until(session, ["counts", "count_trace"], lambda shown: shown["counts"]["elapsed_s"] == 40.0)
    trace = shown["count_trace"]
    assert len(trace["overview"]["array_mean_counts"]) == 1000
    assert set(np.unique(trace["recent"]["charge"])) > {-1}


def test_the_states_are_analysed_while_somebody_looks_and_the_stored_analysis_is_shown_afterwards(session, monkeypatch):
    monkeypatch.setattr(live_states, "INTERVAL_S", 0.1)
    monkeypatch.setattr(live_states, "SHARE", 1.0)
    monkeypatch.setattr(run_job, "analyze_run", store)
    monkeypatch.setattr(run_job, "write_report", lambda path: None)
    session.start(acquire(300.0))
    until(session, ["counts"], lambda shown: shown.get("counts", {}).get("elapsed_s", 0) > 30)
    session.pause()
    _, shown = until(
        session, ["numbers", "decays"], lambda shown: shown.get("numbers", {}).get("results", {}).get("states")
    )
    assert shown["numbers"]["final"] is False
    session.stop()
    assert session.wait(DEADLINE_S)["outcome"] == "stopped"
    data = FigureData(shown["decays"]["arrays"], shown["decays"]["values"])
    assert data.charges
    assert data.group(f"decay/{data.charges[0]}")["counts"].sum() > 0
    _, shown = until(session, ["numbers", "decays"], lambda shown: shown["numbers"]["final"])
    assert shown["numbers"]["results"] == RESULTS
    assert shown["decays"]["arrays"]["decay/neutral/counts"].tolist() == [3, 2, 1]


def test_nobody_looking_costs_no_analysis(session, unanalysed, monkeypatch):
    asked = []
    monkeypatch.setattr(live_states.LiveStates, "ask", lambda states: asked.append(1))
    session.start(acquire(20.0))
    until(session, None, lambda shown: shown.get("counts"))
    session.wait(DEADLINE_S)
    assert asked == []


def test_the_way_to_the_goals_is_shown(session, unanalysed):
    goal = {"any": [{"cascades": 200}, {"time": "60 s"}]}
    session.start([*LIGHT, {"kind": "acquire_photons", "duration": "60 s", "until": goal}])
    _, shown = until(session, ["progress"], lambda shown: shown.get("progress", {}).get("goals"))
    assert [each["wanted"] for each in shown["progress"]["goals"]] == [200, 60]
    session.wait(DEADLINE_S)
    found = session.live(None, ["progress"])["panels"]["progress"]["goals"]
    assert [each["reached"] for each in found] == [True, False]
    assert found[0]["share"] == 1.0


def test_a_session_that_is_closed_leaves_no_analysis_behind(tmp_path, unanalysed):
    with LocalSession("simulated", str(tmp_path), seed=7) as session:
        session.start(acquire(300.0))
        until(session, None, lambda shown: shown.get("counts"))
        session.live(None, ["numbers"])
        worker = session._job._states._worker
        assert not worker.join(0.0)
    assert worker.join(0.0)


def test_the_next_run_is_shown_with_a_version_that_is_higher(session, unanalysed):
    session.start(acquire(1.0))
    session.wait(DEADLINE_S)
    before = session.live()
    run = session.start(acquire(2.0))
    session.wait(DEADLINE_S)
    found, _ = until(session, None, lambda shown: shown.get("counts"), before["version"])
    assert found["version"] > before["version"]
    assert (found["run"], found["panels"]["counts"]["elapsed_s"]) == (run, 2.0)


def test_runs_are_listed_as_they_are(session, unanalysed):
    assert session.runs() == []
    run = session.start(acquire(1.0))
    session.wait(DEADLINE_S)
    [found] = session.runs({"outcome": "completed", "simulated": True})
    assert (found["path"], found["points"], found["problem"]) == (run, 1, None)
    with pytest.raises(SessionError, match="cannot be filtered by 'colour'"):
        session.runs({"colour": "red"})


def test_the_last_frame_of_the_camera_is_shown(tmp_path, session_factory):
    session = session_factory("simulated_field", str(tmp_path / "runs"), seed=5)
    session.start([*LIGHT, {"kind": "acquire_spectra", "exposure": "0.1 s", "frames": 3, "label": "streaks"}])
    status = session.wait(DEADLINE_S)
    assert status["ok"], status["message"]
    found = session.live(None, ["camera"])
    shown = found["panels"]["camera"]
    assert (found["point"], found["label"], shown["number"]) == (1, "streaks", 2)
    assert max(shown["picture_counts"].shape) <= 512
    assert len(shown["wavelength_nm"]) == len(shown["column_mean_counts"])
    assert shown["row_mean_counts"].mean() == pytest.approx(shown["picture_counts"].mean(), rel=0.02)
