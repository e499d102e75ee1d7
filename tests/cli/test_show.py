"""Results are shown as tables of states, beside the truth where a simulation knows it."""

import io

import pytest
from rich.console import Console

from acquisition.cli.show import show_results
from acquisition.cli.terminal import console

RESULTS = {
    "photons": 123456,
    "duration_s": 600.0,
    "states": {
        "X": {"lifetime_ns": {"value": 59.5, "error": 0.25}, "quantum_efficiency": {"value": 1.0, "error": 0.0}},
        "BX": {"lifetime_ns": {"value": 11.5, "error": 0.3}},
    },
    "emitters": {"verdict": "one", "g2_gated": {"value": 0.02, "error": 0.03}},
    "warnings": ["minus2: too few photons"],
}
TRUTH = {
    "emitter_count": 1,
    "points": [
        {"point": 1, "states": {"X": {"lifetime_ns": 59.0, "quantum_efficiency": 1.0}, "X-": {"lifetime_ns": 28.0}}},
        {"point": 2, "states": {"X": {"lifetime_ns": 49.5}}},
    ],
}


@pytest.fixture
def shown():
    def show(results, truth=None, width=80):
        screen = Console(file=io.StringIO(), width=width, highlight=False, soft_wrap=True)
        show_results(results, screen, truth)
        return screen.file.getvalue()

    return show


def row(text, state):
    return next(line.split() for line in text.splitlines() if line.split()[:1] == [state])


def test_value_error_truth_and_pull_stand_in_the_row_of_the_state(shown):
    cells = [cell for cell in row(shown(RESULTS, TRUTH), "X") if cell != "│"]
    assert cells == ["X", "59.50", "±", "0.25", "59", "+2.0", "1", "1", "-"]


def test_a_state_that_was_not_found_shows_its_truth_only(shown):
    cells = [cell for cell in row(shown(RESULTS, TRUTH), "X-") if cell != "│"]
    assert cells == ["X-", "-", "28", "-", "-", "-", "-"]


def test_without_truth_there_is_no_column_for_it(shown):
    text = shown(RESULTS)
    assert "truth" not in text
    assert "pull" not in text
    assert "photons: 123456 in 600 s" in text


def test_each_point_of_a_run_is_compared_with_its_own_truth(shown):
    text = shown({"points": [{"number": number, **RESULTS} for number in (1, 2)]}, TRUTH)
    assert text.index("point 1") < text.index("+2.0") < text.index("point 2") < text.index("+40.0")


def test_a_point_that_could_not_be_analysed_does_not_shift_the_truth_of_the_others(shown):
    text = shown({"points": [{"number": 2, "label": "40 degC", "temperature_c": 40.1, **RESULTS}]}, TRUTH)
    assert "point 2: 40 degC" in text
    assert "+40.0" in text
    assert "+2.0" not in text


def test_several_emitters_have_no_truth_of_one(shown):
    text = shown(RESULTS, {**TRUTH, "emitter_count": 2})
    assert "2 emitters in the spot" in text
    assert "pull" not in text


def test_the_one_emitter_in_the_spot_is_compared_with_also_if_the_sample_holds_others(shown):
    points = [{**point, "emitters_in_spot": count} for point, count in zip(TRUTH["points"], (1, 2), strict=True)]
    truth = {"emitter_count": 12, "points": points}
    text = shown({"points": [{"number": number, **RESULTS} for number in (1, 2)]}, truth)
    assert text.index("+2.0") < text.index("point 2") < text.index("2 emitters in the spot")
    assert "+40.0" not in text


def test_results_without_states_have_no_table(shown, capsys):
    text = shown({"photons": 0, "states": {}, "warnings": ["the recording holds no photons"]})
    assert "state" not in text
    assert "photons: 0" in text
    assert "warning: the recording holds no photons" in capsys.readouterr().err


def test_a_warning_of_several_points_is_told_once_with_their_numbers(shown, capsys):
    only = {**RESULTS, "warnings": ["no light found", *RESULTS["warnings"]]}
    shown({"points": [{"number": 1, **RESULTS}, {"number": 2, **only}, {"number": 3, **RESULTS}]})
    said = capsys.readouterr().err
    assert "warning: points 1, 2, 3: minus2: too few photons" in said
    assert "warning: point 2: no light found" in said
    assert said.count("minus2") == 1


@pytest.mark.parametrize("truth", [None, TRUTH])
@pytest.mark.parametrize("width", [50, 60, 80, 200])
def test_tables_fold_into_the_width_of_the_terminal(shown, truth, width):
    estimate = {"value": 1.779935, "error": 0.000086}
    keys = ("lifetime_ns", "quantum_efficiency", "energy_ss_ev", "energy_pp_ev", "pp_fraction", "k_rad_per_us")
    text = shown({"states": {"BX2-": dict.fromkeys((*keys, "k_nonrad_per_us"), estimate)}}, truth, width)
    assert text.count("1.779935 ± 0.000086") == 7
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text
    if width == 200 and truth is None:
        assert sum(line.startswith("state") for line in text.splitlines()) == 1


def test_a_value_is_not_cut_where_even_one_is_too_wide(shown):
    estimate = {"value": 1.779935, "error": 0.000086}
    assert "1.779935 ± 0.000086" in shown({"states": {"X": {"energy_ss_ev": estimate}}}, TRUTH, 20)


def test_an_assumed_number_does_not_look_measured(shown):
    states = {"X": {"quantum_efficiency": {"value": 1.0, "error": 0.0}}}
    assert "1 (assumed)" in shown({"states": states, "assumed": ["X.quantum_efficiency"]})


def test_a_pipe_has_the_width_that_the_environment_says(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "60")
    assert console().width == 60
    monkeypatch.delenv("COLUMNS")
    assert console().width == 120
