"""Procedures in a run of a session: tables in its folder, backgrounds that are no dots, measured excitations."""

import json
from types import SimpleNamespace

import pytest

from acquisition.session import LocalSession, SessionError, analysing, run_job
from acquisition.session.conditions import SAME_PLACE_UM, conditions
from acquisition.storage import RecordingError, RunFolder, write_json
from acquisition.storage.scan_table import read_scan_table, write_scan_table

AREA = {"x_um": -4.0, "y_um": -1.4, "width_um": 2.4, "height_um": 1.2}


@pytest.fixture
def without_analysis(monkeypatch):
    """Leave out the analysis of the whole run, which has its own tests."""
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: write_json(folder.results_json, {"points": []}))
    monkeypatch.setattr(run_job, "write_report", lambda path: None)


def run(sequence, out, overrides=None, **where):
    with LocalSession("simulated_field", str(out), seed=5, **where) as session:
        folder = session.start(sequence, overrides)
        status = session.wait(240)
        assert status["ok"], status["message"]
        return RunFolder.open(out / folder)


def ended(folder):
    """Return the values of the newest procedure of each kind, of centring those that have found their emitter."""
    events = [json.loads(line) for line in folder.journal.read_text(encoding="utf-8").splitlines()]
    ends = [event for event in events if event["event"] == "procedure_ended"]
    return {event["kind"]: event["values"] for event in ends if event["values"].get("centred", True)}


def test_the_shipped_sequence_finds_a_nanocrystal_and_measures_it(tmp_path, without_analysis):
    overrides = {f"raster_scan.{key}": value for key, value in AREA.items()} | {
        "confirm_single_emitter.most_s": 40.0,
        "power_series.duration_s": 12.0,
        "acquire_photons.duration_s": 2.0,
    }
    folder = run("find_and_measure", tmp_path, overrides)
    found = ended(folder)
    assert found["raster_scan"]["emitters_found"] == 1
    assert (found["raster_scan"]["emitters"][0]["x_um"], found["raster_scan"]["emitters"][0]["y_um"]) == pytest.approx(
        (-3.2, -1.1), abs=0.03
    )
    assert found["centre_on_emitter"]["centred"]
    assert found["confirm_single_emitter"]["verdict"] == "one"
    series = found["power_series"]
    slope, error = (series[f"excitations_per_pulse_per_percent{end}"] for end in ("", "_error"))
    assert abs(slope - 0.02) < 4 * error < 0.02  # this one absorbs twice as much as the standard one

    columns, rows = read_scan_table(folder.scan_csv(1))
    assert columns == ("x_um", "y_um", "counts", "duration_s")
    assert len(rows) == 17 * 9
    assert "# simulated: true" in folder.scan_csv(1).read_text(encoding="utf-8")

    points = folder.read_run_json()["points"]
    assert [point.get("background") for point in points] == [None, "dark", *[None] * 7]
    last = points[-1]
    assert last["label"] == "cascade of emitter 1"
    assert last["conditions"]["excitations_per_pulse"] == pytest.approx(20 * slope)
    assert last["conditions"]["excitations_per_pulse_error"] == pytest.approx(20 * error)
    assert "excitations_per_pulse" not in points[1]["conditions"]


def test_a_background_in_which_nothing_can_be_analysed_does_not_fail_the_run(tmp_path, monkeypatch):
    steps = [
        {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
        {"kind": "acquire_background", "mode": "dark", "duration": "0.2 s"},
        {"kind": "acquire_photons", "duration": "0.2 s", "label": "dot"},
    ]

    def analyze_point(point, recording, report):
        if point.number == 1:
            raise RecordingError("no light")
        return {"photons": 7}

    monkeypatch.setattr(analysing, "analyze_point", analyze_point)
    monkeypatch.setattr(run_job, "write_report", lambda path: None)
    folder = run({"name": "background", "steps": steps}, tmp_path)
    first, second = folder.read_results()["points"]
    assert (first["label"], first["background"]) == ("dark background", "dark")
    assert first["warnings"] == ["nothing to analyse: no light"]
    assert (second["label"], second["photons"]) == ("dot", 7)
    assert "background" not in second

    monkeypatch.setattr(analysing, "_said_of_points", lambda run: {})
    with pytest.raises(SessionError, match="point 1: no light"):
        analysing.analyze_run(folder, lambda text: None)


def rig_at(x_um, emission=True):
    laser = SimpleNamespace(repetition_rate_hz=1e6, intensity_percent=30.0, emission=emission)
    return SimpleNamespace(
        attenuator=None,
        laser=SimpleNamespace(status=lambda: laser),
        heater=None,
        stage=SimpleNamespace(position_um=lambda: (x_um, 0.0)),
    )


LEARNT = {
    "excitations_per_pulse_per_percent": 0.012,
    "excitations_per_pulse_per_percent_error": 0.001,
    "excitations_per_pulse_x_um": 1.0,
    "excitations_per_pulse_y_um": 0.0,
}


def test_measured_excitations_take_the_place_of_declared_ones_with_their_error():
    found = conditions(rig_at(1.0), {"excitations_per_pulse": 0.2}, LEARNT)
    assert found["excitations_per_pulse"] == pytest.approx(0.36)
    assert found["excitations_per_pulse_error"] == pytest.approx(0.03)


def test_at_another_emitter_or_in_the_dark_they_do_not_hold():
    elsewhere = conditions(rig_at(1.0 + 2 * SAME_PLACE_UM), {"excitations_per_pulse": 0.2}, LEARNT)
    assert elsewhere["excitations_per_pulse"] == 0.2
    assert "excitations_per_pulse_error" not in elsewhere
    assert "excitations_per_pulse" not in conditions(rig_at(1.0, emission=False), {}, LEARNT)


def test_a_table_can_be_read_again_and_a_damaged_one_names_its_line(tmp_path):
    path = tmp_path / "scans" / "0001.csv"
    write_scan_table(path, "a\nscan", ("x_um", "temperature_c"), [(0.5, None), (1.0, 20.25)], simulated=False)
    assert read_scan_table(path) == (("x_um", "temperature_c"), [(0.5, None), (1.0, 20.25)])
    assert path.read_text(encoding="utf-8").startswith("# a scan\n# simulated: false\n")
    path.write_text(path.read_text(encoding="utf-8") + "3,hot\n", encoding="utf-8")
    with pytest.raises(RecordingError, match=r"line 6.*hot"):
        read_scan_table(path)


def test_frames_are_a_point_of_the_run_that_is_not_analysed(tmp_path):
    steps = [
        {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
        {"kind": "set_shutter", "open": True},
        {"kind": "acquire_spectra", "exposure": "0.1 s", "frames": 3, "em_gain": 100, "label": "streaks"},
    ]
    folder = run({"name": "spectra", "steps": steps}, tmp_path)
    [point] = folder.read_run_json()["points"]
    assert (point["kind"], point["label"], point["frames"], point["complete"]) == ("frames", "streaks", 3, True)
    assert point["conditions"]["laser_intensity_percent"] == 20
    assert folder.point(1).frames_h5.is_file()
    assert not folder.results_json.exists()
    [truth] = folder.read_truth()["points"]
    assert len(truth["streaks"]) == 12
