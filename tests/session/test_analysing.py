"""Analysing a run: each point by itself, so that one that fails does not cost the others their results."""

import re
from datetime import datetime

import pytest

from acquisition.analysis.passes import AnalysisError
from acquisition.session import SessionError, analysing
from acquisition.storage import (
    Recorder,
    RecordingContext,
    RecordingError,
    RunFolder,
    StorageError,
    open_point,
    write_json,
)
from tests.storage.photons import INFO, make_blocks


@pytest.fixture
def run(tmp_path):
    """A run of three points, the third without a label."""
    folder = RunFolder.create(tmp_path, "night", datetime(2026, 11, 20, 22, 15, 3))
    for number in (1, 2, 3):
        recorder = Recorder(folder.new_point(), INFO, RecordingContext(conditions={"temperature_c": 20.0 * number}))
        recorder.append(make_blocks(1)[0])
        recorder.finish()
    folder.write_run_json({"points": [{"number": 1, "label": "cold"}, {"number": 2, "label": "warm"}]})
    return folder


@pytest.fixture
def failing(monkeypatch):
    """Replace the analysis of a point by one that fails at some; return those numbers and their errors."""
    errors = {}

    def analyze_point(point, recording, report):
        report("fitting")
        if point.number in errors:
            raise errors[point.number]
        write_json(point.results_json, {"photons": 200})
        return {"photons": 200}

    monkeypatch.setattr(analysing, "analyze_point", analyze_point)
    return errors


def test_each_of_several_points_says_which_it_is(run, failing):
    said = []
    found = analysing.analyze_run(run, said.append)
    assert found == run.read_results() == {
        "points": [
            {"number": 1, "label": "cold", "temperature_c": 20.0, "photons": 200},
            {"number": 2, "label": "warm", "temperature_c": 40.0, "photons": 200},
            {"number": 3, "temperature_c": 60.0, "photons": 200},
        ]
    }  # fmt: skip
    assert said == [f"point {number} of 3: fitting" for number in (1, 2, 3)]


@pytest.mark.parametrize("error", [AnalysisError("odd point"), StorageError("odd point"), ValueError("odd point")])
def test_a_point_that_fails_costs_no_other_its_results(run, failing, error):
    failing[1] = error
    with pytest.raises(SessionError, match=r"^point 1: .*odd point.*results of 2 of 3 points are stored"):
        analysing.analyze_run(run, lambda text: None)
    assert [point["number"] for point in run.read_results()["points"]] == [2, 3]


def test_a_point_that_cannot_be_read_costs_no_other_its_results(run, failing):
    run.point(2).photons_h5.write_bytes(b"damaged")
    with pytest.raises(SessionError, match=r"point 2: .*photons\.h5: is not an HDF5 file"):
        analysing.analyze_run(run, lambda text: None)
    assert [point["number"] for point in run.read_results()["points"]] == [1, 3]


def test_without_any_results_those_of_before_stay(run, failing):
    analysing.analyze_run(run, lambda text: None)
    before = run.results_json.read_bytes()
    failing.update(dict.fromkeys((1, 2, 3), AnalysisError("odd")))
    with pytest.raises(SessionError, match=r"point 1: odd; point 2: odd; point 3: odd$"):
        analysing.analyze_run(run, lambda text: None)
    assert run.results_json.read_bytes() == before


def test_an_analysis_that_is_given_up_ends_at_once(run, failing):
    said = []

    def give_up(text):
        said.append(text)
        raise SessionError("given up")

    with pytest.raises(SessionError, match=r"^given up$"):
        analysing.analyze_run(run, give_up)
    assert len(said) == 1
    assert not run.results_json.exists()


def test_a_run_of_which_one_point_was_recorded_says_which(run, failing):
    for number in (1, 3):
        run.point(number).photons_h5.unlink()
    [point] = analysing.analyze_run(run, lambda text: None)["points"]
    assert (point["number"], point["label"]) == (2, "warm")


def test_a_run_whose_description_is_lost_is_analysed_all_the_same(run, failing):
    run.run_json.unlink()
    found = analysing.analyze_run(run, lambda text: None)["points"]
    assert [(point["number"], point["temperature_c"]) for point in found] == [(1, 20.0), (2, 40.0), (3, 60.0)]


def test_a_run_of_one_point_holds_its_results_alone(tmp_path, failing):
    folder = RunFolder.create(tmp_path, "dot", datetime(2026, 11, 20, 22, 15, 3))
    recorder = Recorder(folder.new_point(), INFO)
    recorder.append(make_blocks(1)[0])
    recorder.finish()
    assert analysing.analyze_run(folder, lambda text: None) == folder.read_results() == {"photons": 200}


@pytest.fixture
def reported(run, monkeypatch):
    """Replace the report, of which there is an older one, by the numbers of the points that it would show."""

    def write_report(path):
        points = RunFolder(path).read_results()["points"]
        (path / "report.html").write_text(f"points {[point['number'] for point in points]}")

    monkeypatch.setattr(analysing, "write_report", write_report)
    run.report_html.write_text("of older results")
    return run.report_html


def test_analysing_a_run_writes_its_report_anew(run, failing, reported):
    analysing.analyze_path(run.path, lambda text: None)
    assert reported.read_text() == "points [1, 2, 3]"


def test_a_point_that_fails_costs_the_others_no_report(run, failing, reported):
    failing[2] = AnalysisError("odd point")
    with pytest.raises(SessionError, match="point 2: odd point"):
        analysing.analyze_path(run.path, lambda text: None)
    assert reported.read_text() == "points [1, 3]"


@pytest.mark.parametrize(
    ("points", "together"), [((True, True, True), True), ((False, True, False), True), ((False,) * 3, False)]
)
def test_results_of_several_points_say_at_the_top_whether_they_are_simulated(run, monkeypatch, points, together):
    simulated = iter(points)
    monkeypatch.setattr(
        analysing, "analyze_point", lambda point, recording, report: {"photons": 1, "simulated": next(simulated)}
    )
    assert analysing.analyze_run(run, lambda text: None)["simulated"] is together


def test_photons_that_cannot_be_analysed_are_told_with_their_file(run, monkeypatch):
    def refuse(recording, progress):
        raise AnalysisError("covers 4.61e+12 s")

    monkeypatch.setattr("acquisition.analysis.analyze.analyze", refuse)
    path = run.point(1).photons_h5
    with pytest.raises(RecordingError, match=rf"{re.escape(str(path))}: covers 4.61e\+12 s"):
        analysing.analyze_path(path, lambda text: None)


def test_doubtful_photons_are_named_in_the_warnings_of_the_results(run):
    doubt = {"from_pulse": 5, "to_pulse": 1_000_005, "reason": "the interlock was open"}
    run.write_run_json({"points": [{"number": 2, "folder": "points/0002", "doubtful": [doubt]}]})
    texts = [analysing._doubts(run.point(number), open_point(run.point(number))) for number in (1, 2)]
    seconds = 1_000_000 * INFO.period_ps * 1e-12
    assert texts == [
        [],
        [
            f"{seconds:.3g} s before a suspension may be wrong and are analysed like the rest "
            "(pulses 5 to 1000005): the interlock was open"
        ],
    ]
