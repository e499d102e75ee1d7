"""Numbers of several runs are named by what tells them apart, and compared with the errors of both."""

import pytest

from acquisition.gui.runs.differences_table import DifferencesTable
from acquisition.gui.runs.measured import Measured, differences, differences_csv, legend_names
from acquisition.gui.runs.overlay_plots import DecaysOverlay, NumbersOverlay, SpectraOverlay
from tests.gui.state_content import analysis


def measured(name="a", *, sample="CdSe 12", point=1, points=(1,), shift=1.0, error=0.01, label=None, **conditions):
    arrays, values = analysis(shift=shift, error=error)
    run = {"path": f"/runs/{name}", "name": name, "sample": sample, "started_at": "2026-11-20T22:15:03.000+00:00"}
    said = {
        "point": point, "points": list(points), "label": label, "conditions": conditions, "simulated": True,
        "arrays": arrays, "values": values,
    }  # fmt: skip
    return Measured.of(run, said)


def test_runs_of_one_sample_are_told_apart_by_name():
    assert legend_names([measured("a"), measured("b")]) == ["1: 2026-11-20 22:15 a", "2: 2026-11-20 22:15 b"]


def test_different_samples_and_conditions_are_named():
    names = legend_names([
        measured("a", temperature_c=20.0, laser_intensity_percent=20.0),
        measured("b", sample="CdSe 13", temperature_c=60.0, laser_intensity_percent=20.02),
    ])  # fmt: skip
    assert names[0] == "1: 2026-11-20 22:15 a, CdSe 12, 20.0 °C"
    assert names[1] == "2: 2026-11-20 22:15 b, CdSe 13, 60.0 °C"


def test_points_of_one_run_are_named_by_number_label_and_condition():
    names = legend_names([
        measured(points=(1, 2), temperature_c=20.0),
        measured(point=2, points=(1, 2), label="hot", temperature_c=60.0),
    ])  # fmt: skip
    assert names == ["1: point 1, 20.0 °C", "2: point 2 hot, 60.0 °C"]


def test_the_temperature_of_the_analysis_stands_where_none_was_measured():
    assert measured().conditions["temperature_c"] == pytest.approx(20.0)


def test_only_what_is_overlaid_is_kept():
    assert not any(name.startswith(("emission/", "g2/")) for name in measured().figures.arrays)


def test_a_difference_has_the_errors_of_both():
    [found, *_] = differences([measured("a"), measured("b", shift=1.1, error=0.02)], "lifetime_ns")
    assert found.state == "X"
    assert found.difference == pytest.approx((6.0, 60.0 * 0.05**0.5 / 10))
    assert found.sigma == pytest.approx(6.0 / (60.0 * 0.05**0.5 / 10))


def test_what_is_assumed_has_no_sigma():
    found = differences([measured("a"), measured("b")], "quantum_efficiency")
    assert found[0].sigma is None
    assert found[1].sigma == 0.0


def test_differences_are_written_with_all_digits():
    both = [measured("a"), measured("b", shift=1.1)]
    lines = differences_csv(differences(both, "lifetime_ns"), ["1: a", "2: b"], "lifetime_ns", "1: a").splitlines()
    assert lines[0].startswith("state,run,lifetime (ns),standard error,of 1: a")
    assert lines[1].split(",")[:7] == ["X", "2: b", "66", "0.6", "60", "0.6", "6"]


@pytest.fixture
def table(desk, qtbot):
    table = DifferencesTable(desk)
    qtbot.addWidget(table)
    table.show()
    return table


def test_a_clear_difference_has_a_sign(table):
    table.show_measured([measured("a"), measured("b", shift=1.1)])
    assert table.table.item(0, 5).text() == "+7.1 \N{WARNING SIGN}"
    table.quantity.button("energy_ss_ev").click()
    assert table.table.item(0, 5).text() == "+0.0"


def test_another_run_can_be_the_reference(table):
    table.show_measured([measured("a"), measured("b", shift=1.1)])
    table.reference.set_value(1)
    table.reference.committed.emit(1)
    assert table.table.item(0, 4).text().startswith("-6.00")


def test_one_run_alone_is_compared_with_nothing(table):
    table.show_measured([measured("a")])
    assert "at least two" in table.says.text()
    assert not table.copy.isEnabled()


@pytest.mark.parametrize("kind", [SpectraOverlay, DecaysOverlay, NumbersOverlay])
def test_an_overlay_of_nothing_says_what_to_do(desk, qtbot, kind):
    overlay = kind(desk)
    qtbot.addWidget(overlay)
    overlay.show_measured([])
    assert "Select analysed runs" in overlay.plot._words.text()


@pytest.mark.parametrize("kind", [SpectraOverlay, DecaysOverlay])
@pytest.mark.parametrize("state", ["X", "BX2-"])
def test_each_state_is_overlaid(desk, qtbot, kind, state):
    overlay = kind(desk)
    qtbot.addWidget(overlay)
    overlay.show_measured([measured("a"), measured("b", shift=1.1)])
    overlay.state.button(state).click()
    assert {name.partition(":")[0] for name in overlay.plot.table()[0]} == {"1", "2"}
    assert overlay.plot._words.isHidden()


def test_normed_decays_begin_at_one(desk, qtbot):
    overlay = DecaysOverlay(desk)
    qtbot.addWidget(overlay)
    overlay.show_measured([measured("a")])
    assert max(float(row[1]) for row in overlay.plot.table()[1:] if row[1]) == pytest.approx(1.0)
    assert overlay.plot.left.labelText == "light (norm.)"
    overlay.scale.button("photons").click()
    assert overlay.plot.left.labelText == "light (photons/ns)"


def test_numbers_are_drawn_with_errors_against_run_or_temperature(desk, qtbot):
    overlay = NumbersOverlay(desk)
    qtbot.addWidget(overlay)
    overlay.show_measured([measured("a", temperature_c=20.0), measured("b", temperature_c=60.0, shift=1.1)])
    columns = dict(zip(*overlay.plot.table()[:2], strict=True))
    assert columns["X: lifetime (ns)"] == "60"
    assert columns["X: lifetime, standard error (ns)"] == "0.6"
    overlay.against.button("temperature").click()
    assert overlay.plot.bottom.labelText == "temperature (°C)"
    overlay.quantity.button("energy_ss_ev").click()
    assert overlay.plot.left.labelText == "E(SS) (eV)"


def test_exported_overlays_say_that_data_are_simulated_and_where_they_come_from(desk, qtbot):
    overlay = NumbersOverlay(desk)
    qtbot.addWidget(overlay)
    overlay.show_measured([measured("a")])
    assert overlay.plot.simulated
    assert overlay.plot.about == "/runs/a point 1"
