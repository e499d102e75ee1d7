"""What an analysis has stored of a point comes back as it is, for a display that lays several runs over each other."""

import json

import numpy as np
import pytest

from acquisition.session import SessionError
from acquisition.session.stored import StoredRuns
from acquisition.session.stored_figures import stored_figures
from acquisition.storage import RecordingError, RunFolder
from acquisition.storage.analysis_file import save_analysis

ARRAYS = {"spectrum/X/counts": np.arange(200.0), "trace/counts": np.arange(10), "decay/neutral/counts": np.ones(3)}


@pytest.fixture
def run(tmp_path):
    """Two dark points and two with an emitter, of which the last was not analysed."""
    folder = tmp_path / "a"
    points = [
        {"number": 1, "label": "dark", "background": "dark"},
        {"number": 2, "label": "40 degC", "conditions": {"temperature_c": 40.1}},
        {"number": 3, "label": "60 degC"},
    ]
    for point in points:
        path = RunFolder(folder).point(point["number"]).path
        path.mkdir(parents=True)
        if point["number"] < 3:
            save_analysis(path / "analysis.h5", ARRAYS, {"results": {"simulated": True}, "n": point["number"]})
    (folder / "run.json").write_text(json.dumps({"points": points}))
    return folder


def test_the_first_point_with_an_emitter_is_given_without_its_trace(run):
    found = stored_figures(run, None)
    assert (found["point"], found["label"], found["points"]) == (2, "40 degC", [1, 2])
    assert found["conditions"] == {"temperature_c": 40.1}
    assert found["simulated"] is True
    assert found["values"] == {"results": {"simulated": True}, "n": 2}
    assert sorted(found["arrays"]) == ["decay/neutral/counts", "spectrum/X/counts"]
    np.testing.assert_array_equal(found["arrays"]["spectrum/X/counts"], ARRAYS["spectrum/X/counts"])


def test_a_point_that_is_asked_for_is_given_and_one_that_was_not_analysed_is_named(run):
    assert stored_figures(run, 1)["values"]["n"] == 1
    with pytest.raises(SessionError, match=r"point 3 was not analysed, points 1, 2 were; .*analyze"):
        stored_figures(run, 3)


def test_a_run_without_run_json_still_gives_its_figures(run):
    (run / "run.json").unlink()
    assert stored_figures(run, None)["point"] == 1


def test_a_run_that_was_not_analysed_says_what_does_it(run):
    for point in RunFolder(run).points():
        point.analysis_h5.unlink(missing_ok=True)
    with pytest.raises(SessionError, match=r"no point of it was analysed; .*cascadescope analyze"):
        stored_figures(run, None)


def test_what_is_damaged_or_no_run_is_refused(run, tmp_path):
    (run / "points" / "0002" / "analysis.h5").write_bytes(b"nothing")
    with pytest.raises(RecordingError, match="cannot be read"):
        stored_figures(run, 2)
    with pytest.raises(RecordingError, match="is no run folder"):
        StoredRuns.figures(None, str(tmp_path))
