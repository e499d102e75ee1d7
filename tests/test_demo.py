"""The main job end to end: the demo on simulated instruments, and the analysis of what it recorded."""

import io
import json
from contextlib import redirect_stdout

import h5py
import numpy as np
import pytest

from acquisition.cli.main import main
from acquisition.remote.wire import MAX_ANSWER_BYTES, decode, encode
from acquisition.session.stored_figures import stored_figures
from acquisition.storage import read_json

SECONDS = 20
SIGMAS = 5.0


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Run the demo once; return the run folder and what was printed."""
    folder = tmp_path_factory.mktemp("runs")
    with redirect_stdout(io.StringIO()) as said:
        assert main(["demo", "--seconds", str(SECONDS), "--seed", "2", "--out", str(folder)]) == 0
    [path] = folder.iterdir()
    return path, said.getvalue()


@pytest.fixture
def run(demo):
    return demo[0]


def test_the_run_folder_is_complete(run):
    names = {path.name for path in run.iterdir()}
    assert names == {
        "run.json", "sequence.yaml", "journal.jsonl", "readings.csv", "points", "results.json", "truth.json",
        "report.html",
    }  # fmt: skip
    assert {path.name for path in (run / "points" / "0001").iterdir()} == {
        "photons.h5", "results.json", "analysis.h5"
    }  # fmt: skip
    assert read_json(run / "run.json")["status"] == "completed"


def test_the_arrays_behind_the_figures_can_be_asked_for_and_belong_to_the_results(run):
    figures = stored_figures(run, None)
    assert (figures["point"], figures["points"], figures["simulated"]) == (1, [1], True)
    assert figures["values"]["results"] == read_json(run / "results.json")
    assert {f"spectrum/{state}/counts" for state in ("X", "X-", "BX")} <= set(figures["arrays"])
    assert not any(name.startswith("trace/") for name in figures["arrays"])
    sent = decode(encode({"result": figures}, MAX_ANSWER_BYTES))["result"]
    assert sent["values"] == figures["values"]
    for name, array in figures["arrays"].items():
        np.testing.assert_array_equal(sent["arrays"][name], array)


def test_the_results_agree_with_the_truth_of_the_simulation(run):
    results, truth = read_json(run / "results.json"), read_json(run / "truth.json")
    assert results["simulated"] is True
    assert results["duration_s"] == pytest.approx(SECONDS)
    compared = 0
    for state, values in results["states"].items():
        for name in ("lifetime_ns", "quantum_efficiency"):
            if name in values and values[name]["error"] > 0:
                assert abs(values[name]["value"] - truth["states"][state][name]) < SIGMAS * values[name]["error"]
                compared += 1
    assert compared >= 4


def test_the_demo_shows_the_states_beside_the_truth(demo):
    path, said = demo
    for word in ("lifetime (ns)", "truth", "pull", "SIMULATED DATA", f"report: {path / 'report.html'}"):
        assert word in said


def test_the_photon_file_analysed_by_itself_gives_the_same_numbers(run, tmp_path):
    out = tmp_path / "results.json"
    assert main(["analyze", str(run / "points" / "0001" / "photons.h5"), "--out", str(out)]) == 0
    assert read_json(out)["states"] == read_json(run / "results.json")["states"]


def test_a_foreign_file_without_calibrations_gives_what_it_can(run, tmp_path, capsys):
    path = tmp_path / "foreign.h5"
    with h5py.File(run / "points" / "0001" / "photons.h5") as ours, h5py.File(path, "w") as foreign:
        ours.copy("photon_data", foreign)
    out = tmp_path / "results.json"
    assert main(["analyze", str(path), "--out", str(out)]) == 0
    results = read_json(out)
    assert "lifetime_ns" in results["states"]["X"]
    assert "energy_ss_ev" not in results["states"]["X"]
    assert any("wavelength" in warning for warning in results["warnings"])
    assert "wavelength" in capsys.readouterr().err


def test_the_report_is_one_file_and_can_be_made_again(run, capsys):
    before = (run / "report.html").stat().st_size
    assert main(["report", str(run)]) == 0
    assert str(run / "report.html") in capsys.readouterr().out
    text = (run / "report.html").read_text(encoding="utf-8")
    assert len(text) > 100_000
    assert abs((run / "report.html").stat().st_size - before) < 0.05 * before
    assert 'src="http' not in text


@pytest.mark.parametrize("sample", ["dark", "never_charges"])
def test_a_sample_that_shows_less_gives_less_and_says_so(sample, tmp_path):
    assert main(["demo", "--seconds", "5", "--sample", sample, "--out", str(tmp_path)]) == 0
    [path] = tmp_path.iterdir()
    text = (path / "results.json").read_text(encoding="utf-8")
    results = json.loads(text)
    assert "NaN" not in text
    assert results["warnings"]
    assert "X2-" not in results["states"]
