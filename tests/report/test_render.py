"""The report is one page that needs nothing else, shows what was found, and cannot be mistaken for a measurement."""

import re
from datetime import datetime

import pytest

from acquisition.report.figure_data import FigureData
from acquisition.report.figures import FIGURES
from acquisition.report.render import ReportPoint, render_html, render_report
from acquisition.storage import RecordingError, RunFolder, write_json
from acquisition.storage.analysis_file import save_analysis
from tests.report.recordings import data_of

RUN = {
    "name": "cascade",
    "status": "completed",
    "simulated": True,
    "operator": "<script>alert(1)</script>",
    "sample": "dot & <b>shell</b>",
    "metadata": {"purpose": 'a "test" of 5 < 6'},
    "started_at": "2026-11-20T22:15:03.000+00:00",
    "versions": {"cascadescope": "0.1.0", "python": "3.11.7"},
    "calibrations": {"wavelength": "sha256:12ab"},
    "rig": {
        "devices": {
            "laser": {"manufacturer": "PicoQuant", "model": "PDL 800-D", "serial": "17", "simulated": False},
            "spad_array": {"manufacturer": "", "model": "SPAD", "serial": None, "simulated": True},
        }
    },
    "points": [
        {"number": 1, "label": "cold", "conditions": {"temperature_c": 20.0}, "warnings": []},
        {"number": 2, "label": "<i>hot</i>", "conditions": {"temperature_c": 60.0}, "warnings": ["5 pulses lost"]},
    ],
}


@pytest.fixture(scope="module")
def page() -> str:
    return render_html("a run", [ReportPoint("Point 1", data_of("charging dot"))], RUN)


@pytest.fixture
def folder(tmp_path) -> RunFolder:
    """A run of two analysed points."""
    folder = RunFolder.create(tmp_path, "temperatures", datetime(2026, 11, 20, 22, 15, 3))
    data = data_of("no pulses")
    for _ in range(2):
        save_analysis(folder.new_point().analysis_h5, data.arrays, data.values)
    folder.write_run_json(RUN)
    return folder


def text_of(html: str) -> str:
    return re.sub(r"data:[^\"]*", "", html)


def test_the_page_needs_nothing_from_outside(page):
    text = text_of(page)
    assert not re.search(r"https?:|<link|<script|@import|url\(|<iframe", text)
    sources = re.findall(r"src=\"([^\"]{0,30})", page)
    assert len(sources) == len(FIGURES)
    assert all(source.startswith("data:image/") for source in sources)
    assert len(page) < 6_000_000


def test_the_page_shows_every_figure_and_every_state(page):
    for key, (title, _) in FIGURES.items():
        assert f'id="{key}-1"' in page
        assert title in page
    results = data_of("charging dot").results
    assert page.count("<tr><td>") >= len(results["states"]) + 3
    for state in results["states"]:
        assert f"<td>{state.replace('2-', '²⁻').replace('-', '⁻')}</td>" in page
    assert "What is not shown" not in page


def test_values_come_with_two_digits_of_error(page):
    assert re.search(r"<td>\d+\.\d+ ± \d+\.\d+</td>", page)
    assert "1 (assumed)" in page


def test_text_of_people_is_shown_as_text(page):
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "dot &amp; &lt;b&gt;shell&lt;/b&gt;" in page


def test_instruments_tell_whether_they_are_hardware(page):
    assert re.search(r"PicoQuant PDL 800-D</td><td>17</td><td>hardware", page)
    assert re.search(r"SPAD</td><td>–</td><td>simulated", page)


def test_warnings_of_the_analysis_are_on_the_page():
    page = render_html("a run", [ReportPoint("Point 1", data_of("dark"))], None)
    for warning in data_of("dark").results["warnings"]:
        assert warning in page
    assert "Therefore without: Charge states" in page


@pytest.mark.parametrize(
    ("data_simulated", "run_simulated", "banner"),
    [(True, None, True), (False, True, True), (False, False, False), (None, None, False)],
)
def test_the_banner_is_there_exactly_when_something_was_simulated(data_simulated, run_simulated, banner):
    empty = data_of("empty")
    results = {key: value for key, value in empty.results.items() if key != "simulated"}
    if data_simulated is not None:
        results["simulated"] = data_simulated
    data = FigureData(empty.arrays, {**empty.values, "results": results})
    run = None if run_simulated is None else {"simulated": run_simulated}
    page = render_html("a run", [ReportPoint("Point 1", data)], run)
    assert ("SIMULATED DATA" in page) == banner
    assert ("<title>[simulated]" in page) == banner


def test_a_run_of_several_points_has_a_section_for_each(folder):
    path = render_report(folder.path)
    page = path.read_text(encoding="utf-8")
    assert path == folder.path / "report.html"
    assert "Point 1: cold, 20.0 °C" in page
    assert "Point 2: &lt;i&gt;hot&lt;/i&gt;, 60.0 °C" in page
    assert page.count('id="trace-') == 2
    assert "point 2: 5 pulses lost" in page
    assert not list(folder.path.glob("*.part"))


def test_a_label_that_is_the_temperature_does_not_stand_beside_it(folder):
    labelled = [{**point, "label": "20 degC"} for point in RUN["points"]]
    folder.write_run_json({**RUN, "points": labelled})
    assert "Point 1: 20.0 °C<" in render_report(folder.path).read_text(encoding="utf-8")
    labelled[0].pop("conditions")
    folder.write_run_json({**RUN, "points": labelled})
    assert "Point 1: 20 degC<" in render_report(folder.path).read_text(encoding="utf-8")


def test_the_conditions_of_a_run_are_on_the_page(folder):
    conditions = {"temperature_c": 19.98, "laser_repetition_rate_hz": 1e6, "laser_intensity_percent": 20.0, "odd_ns": 3}
    rig = {
        "name": "my rig",
        "limits": {"objective_c": 70.0},
        "devices": {"spad_array": {"settings": {"dead_time_ns": 10.0, "bias": False}}},
    }
    simulation = {"seed": 17, "sample": {"name": "dot", "file": "/lab/mine.yaml", "sha256": "12ab"}}
    point = {"number": 1, "conditions": conditions, "elapsed_s": 600.0}
    folder.write_run_json({**RUN, "points": [point], "rig": rig, "simulation": simulation})
    page = render_report(folder.path).read_text(encoding="utf-8")
    assert re.search(r"<td>1</td><td>19.98 °C</td><td>1 MHz</td><td>20 %</td><td>3 ns</td><td>600 s</td>", page)
    for name, text in {
        "rig": "my rig",
        "seed of the simulation": "17",
        "sample file": "/lab/mine.yaml (SHA-256 12ab)",
        "limits": "objective 70 °C",
        "settings of the SPAD array": "dead time 10 ns, bias off",
    }.items():
        assert f"<dt>{name}</dt><dd>{text}</dd>" in page


def at(data, celsius):
    return ReportPoint("Point", FigureData(data.arrays, {**data.values, "temperature_k": celsius + 273.15}))


def test_points_at_different_temperatures_are_shown_together():
    data = data_of("no wavelengths")
    assert 'id="overview"' in render_html("a run", [at(data, 20.0), at(data, 60.0)], RUN)
    assert 'id="overview"' not in render_html("a run", [at(data, 20.0), at(data, 20.2)], RUN)
    assert 'id="overview"' not in render_html("a run", [at(data, 20.0)], RUN)


def test_a_point_without_analysis_is_told_and_hides_no_other(folder):
    folder.new_point()
    folder.point(2).analysis_h5.write_text("damaged")
    page = render_report(folder.path).read_text(encoding="utf-8")
    assert "0003: no photons were recorded" in page
    assert "cannot be read" in page
    assert page.count('id="trace-') == 1


def test_the_truth_of_a_simulation_is_not_on_the_page(folder):
    write_json(folder.truth_json, {"points": [{"states": {"X": {"lifetime_ns": 12.3456789}}}]})
    assert "12.345" not in text_of(render_report(folder.path).read_text(encoding="utf-8"))


def test_a_run_that_was_not_analysed_is_refused(tmp_path):
    folder = RunFolder.create(tmp_path, "nothing", datetime(2026, 11, 20, 22, 15, 3))
    with pytest.raises(RecordingError, match="nothing to report: it has no points"):
        render_report(folder.path)
    folder.new_point()
    with pytest.raises(RecordingError, match="no photons were recorded"):
        render_report(folder.path)
    with pytest.raises(RecordingError, match="does not exist"):
        render_report(tmp_path / "elsewhere")


def test_a_run_that_was_stopped_early_says_so(folder):
    folder.write_run_json({**RUN, "status": "stopped", "problems": ["the laser was lost"]})
    page = render_report(folder.path).read_text(encoding="utf-8")
    assert "the run did not complete: stopped" in page
    assert "the laser was lost" in page


def test_a_warning_that_comes_again_is_told_once(folder):
    points = [{"number": number, "warnings": ["the counter hung", "the counter hung"]} for number in (1, 2)]
    folder.write_run_json({**RUN, "warnings": ["the heater is silent"] * 4, "points": points})
    page = render_report(folder.path).read_text(encoding="utf-8")
    assert page.count("the heater is silent") == 1
    assert page.count("the counter hung") == 1
    assert "points 1, 2: the counter hung" in page
