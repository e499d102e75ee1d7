"""Runs, forecasts and entries of the queue are written so that a person reads them at a glance."""

from datetime import UTC, datetime, timedelta

import pytest

from acquisition.config import find_config
from acquisition.gui.forms.fields import QuantityField
from acquisition.gui.run.allowed import LOOKS_ON, NOTHING_RUNS, why_not
from acquisition.gui.run.forecast_html import forecast_html
from acquisition.gui.run.main_numbers import main_numbers, with_numbers
from acquisition.gui.run.numbers_form import NumbersForm
from acquisition.gui.run.progress import clock_time, progress_of, time_left
from acquisition.gui.run.queue_rows import overrides_text, position_after_drop, read_overrides
from acquisition.gui.run.request import metadata_overrides
from acquisition.gui.run.temperatures_field import TemperaturesField
from acquisition.gui.run.words import (
    as_the_form_says,
    count,
    energy,
    precision_ranges,
    remarks,
    size,
    summary,
    time_words,
)
from acquisition.gui.sequence_editor.yaml_text import plain_of, read_yaml
from acquisition.gui.theme.themes import THEMES
from acquisition.sequence import Sequence
from acquisition.session.idle import IDLE
from tests.gui.runs_said import ENDED, FORECAST, POINT, RUNNING

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC).astimezone()


def shipped(name):
    return plain_of(read_yaml(find_config("sequences", name).read_text(encoding="utf-8")))


def test_progress_says_what_is_done_how_much_of_it_and_how_long_it_still_takes():
    text, fraction, left_s = progress_of(RUNNING)
    assert text.startswith("Running · 2\u2009100\u2009123 photons · 105.1 kcps · charge −1")
    assert text.endswith("acquire photons for 600 s (cascade)")
    assert fraction == pytest.approx(0.25)
    assert left_s == 450.0
    assert (time_left(450.0), time_left(0.3), time_left(None)) == ("7:30 left", "< 1 s left", "")


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (None, "Asking the session …"),
        (IDLE, "Idle"),
        (ENDED, "Idle, the last run is complete"),
        ({**ENDED, "outcome": "aborted"}, "Idle, the last run was aborted"),
        ({**IDLE, "state": "broken", "message": "the laser does not answer"}, "Not safe: the laser does not answer"),
        ({**RUNNING, "state": "analysing", "message": "fitting"}, "Analysing: fitting"),
        ({**RUNNING, "state": "running", "mode": "alignment", "photons": None, "count_rate_cps": None,
          "charge_state": None, "message": ""}, "Aligning: acquire photons for 600 s (cascade)"),
    ],
)  # fmt: skip
def test_states_are_said_in_words(status, text):
    assert progress_of(status)[0] == text


def test_a_run_whose_steps_are_not_known_in_advance_has_no_fraction():
    assert progress_of({**RUNNING, "remaining_s": None, "planned_s": None})[1:] == (None, None)


@pytest.mark.parametrize(
    ("duration_s", "words"),
    [(0.5, "0.5 s"), (119.0, "119 s"), (600.0, "10 min"), (3600.0, "1 h"), (4210.0, "1 h 10 min")],
)
def test_a_time_of_light_cannot_be_taken_for_one_of_the_clock(duration_s, words):
    assert time_words(duration_s) == words


def test_remarks_say_what_the_form_says():
    note = "the power is not known: write `power_at_sample: 1.2 uW` and `power_at_intensity: 20 %` in the metadata"
    assert as_the_form_says(note) == (
        "the power is not known: write “power at sample” (e.g. 1.2 uW) and “power at intensity” (e.g. 20 %) "
        "by “+ Other …” above"
    )
    assert as_the_form_says("plain, in the metadata") == "plain, in the metadata"


def test_clock_times_name_the_day_if_it_is_another():
    assert clock_time(NOW, NOW) == f"{NOW:%H:%M}"
    assert clock_time(NOW + timedelta(days=1), NOW) == f"tomorrow {NOW:%H:%M}"
    assert clock_time(NOW + timedelta(days=9), NOW).startswith("2026-11-30 ")


def test_sizes_doses_and_counts_have_three_digits_and_a_unit():
    assert [size(value) for value in (999.0, 12e3, 1.234e9)] == ["999 B", "12 kB", "1.23 GB"]
    assert [energy(value) for value in (0.5, 1.5, 12_300.0)] == ["500 nJ", "1.5 µJ", "12.3 mJ"]
    assert [count(value) for value in (705.4, 12_345.0, 63.4e6)] == ["705", "12.3 thousand", "63.4 million"]


def test_a_forecast_in_short_says_time_and_end_counts_disk_and_dose():
    found = {name: value for name, value, _ in summary(FORECAST, NOW)}
    assert found["Time"] == f"at least 10:00, ends {NOW + timedelta(minutes=10):%H:%M}"
    assert found["Photons"] == "63.4 million, 4.2 million of emitters"
    assert found["On disk"] == "444 MB, 1.08 GB at most"
    assert found["Light on sample"] == "10 min, 12.3 mJ"


def test_expected_errors_are_ranges_over_states_and_beyond_100_percent_nothing_is_measured():
    assert dict(precision_ranges([POINT])) == {
        "Lifetimes": "0.24 … 2.6 %", "Energies (S–S)": "0.0046 %", "Gated g⁽²⁾": "over 100 %",
    }  # fmt: skip


def test_everything_that_one_should_know_before_stands_in_the_report():
    found = FORECAST | {"ok": False, "problems": ["the heater allows 70 degC <at most>"]}
    assert [kind for kind, _ in remarks(found)] == ["problem", "limit", "person", "calibration", "note", "note"]
    page = forecast_html(found, THEMES["dark"], NOW)
    assert "Cannot be started" in page
    assert "&lt;at most&gt;" in page
    assert "at&nbsp;least&nbsp;10:00, ends" in page
    for words in ("turn the key of the laser", "energies are in pixels", "point 1: few cascades", "laser intensity"):
        assert words in page


def test_a_measurement_without_light_is_told_above_all_numbers():
    found = FORECAST | {"warnings": ["no light falls on the sample in 1 of 1 point"], "signal_photons": 0.0}
    page = forecast_html(found, THEMES["dark"], NOW)
    assert "✓" not in page
    assert page.index("no light falls on the sample") < page.index("On disk")
    assert "63.4&nbsp;million, 0&nbsp;of&nbsp;emitters" in page


def test_main_numbers_of_a_sequence_are_found_wherever_they_stand():
    found = {number.name: number.values for number in main_numbers(shipped("cascade_temperatures"))}
    assert found == {
        "duration": ("60 s",), "temperatures": ("20 degC", "40 degC", "60 degC"), "intensity": ("20 %",),
    }  # fmt: skip


def test_main_numbers_are_replaced_and_the_sequence_can_still_be_used():
    content = shipped("cascade_temperatures")
    changed = with_numbers(content, {"duration": "5 s", "temperatures": ["30 degC"], "intensity": "10 %"})
    sequence = Sequence.model_validate(changed)
    assert [step.duration_s for step in sequence.plain_steps if step.kind == "acquire_photons"] == [5.0]
    assert [step.temperature_c for step in sequence.plain_steps if step.kind == "set_temperature"] == [30.0]
    assert content == shipped("cascade_temperatures")


def test_numbers_that_the_sequence_computes_are_left_alone():
    content = {"steps": [{"kind": "acquire_photons", "duration": "$time"}, {"kind": "soak"}, "nonsense"]}
    assert main_numbers(content) == ()
    assert with_numbers(content, {"duration": "5 s"}) == content


def test_steps_that_say_different_things_are_changed_only_if_a_person_says_so(qapp):
    content = {
        "steps": [{"kind": "acquire_photons", "duration": "1 s"}, {"kind": "acquire_photons", "duration": "2 s"}]
    }
    form = NumbersForm()
    form.show_numbers_of(content)
    field = form.fields["duration"]
    assert isinstance(field, QuantityField)
    assert (form.changes(), form.problems()) == ({}, [])
    field.line.setText("3 s")
    assert form.changes() == {"duration": "3 s"}


@pytest.mark.parametrize("text", ["20, 40, 60 degC", "20 degC; 40 degC; 60 °C", "20, 40, 60"])
def test_temperatures_are_typed_in_one_line(qapp, text):
    field = TemperaturesField()
    field.line.setText(text)
    assert field.value() == ["20 degC", "40 degC", "60 degC"]


def test_a_list_of_temperatures_in_another_unit_says_what_is_wrong(qapp):
    field = TemperaturesField()
    field.line.setText("20, 40 nm")
    assert "temperature" in field.problem()


def test_metadata_that_the_sequence_says_already_replace_nothing():
    content = {"metadata": {"purpose": "lifetimes", "excitations_per_pulse": 0.2}}
    said = {"purpose": "lifetimes", "sample": " batch 7 ", "dot": "7", "excitations_per_pulse": "0.3", "x": ""}
    assert metadata_overrides(content, said) == {
        "metadata.sample": "batch 7", "metadata.dot": 7, "metadata.excitations_per_pulse": 0.3,
    }  # fmt: skip


def test_overrides_are_read_as_they_are_written():
    overrides = {"acquire_photons.duration": "2 min", "metadata.dot": 7, "set_shutter.open": True}
    assert read_overrides(overrides_text(overrides)) == overrides
    with pytest.raises(ValueError, match=r"'duration' is not of the form"):
        read_overrides("duration")
    with pytest.raises(ValueError, match="said twice"):
        read_overrides("a = 1\na = 2")


def test_a_dropped_entry_gets_its_place_among_those_that_wait():
    entries = [{"id": number, "state": state} for number, state in enumerate(
        ["completed", "running", "waiting", "waiting", "waiting"]
    )]  # fmt: skip
    assert [position_after_drop(entries, 2, row) for row in (0, 2, 3, 4, 5)] == [1, 1, 1, 2, 3]
    assert position_after_drop(entries, 4, 3) == 2


@pytest.mark.parametrize(
    ("verb", "allowed"),
    [
        ("pause", {"running"}), ("resume", {"paused"}), ("stop", {"running", "pausing", "paused"}),
        ("abort", {"running", "pausing", "paused", "stopping", "analysing"}),
        ("extend", {"running", "pausing", "paused"}),
        ("note", {"running", "pausing", "paused", "stopping", "aborting"}),
    ],
)  # fmt: skip
def test_a_verb_is_allowed_where_the_engine_takes_it(verb, allowed):
    states = ("running", "pausing", "paused", "stopping", "aborting", "analysing")
    found = {state for state in states if not why_not(verb, {**RUNNING, "state": state}, in_control=True)}
    assert found == allowed
    assert why_not(verb, ENDED, in_control=True) == NOTHING_RUNS


def test_who_only_looks_on_may_abort_and_nothing_else():
    assert why_not("abort", RUNNING, in_control=False) == ""
    assert why_not("pause", RUNNING, in_control=False) == LOOKS_ON


def test_nothing_is_extended_where_no_photons_are_acquired():
    assert why_not("extend", {**RUNNING, "elapsed_s": None}, in_control=True)
    assert why_not("extend", {**RUNNING, "mode": "alignment"}, in_control=True)


def test_temperatures_are_shown_with_the_sign_of_the_unit_and_change_nothing_by_that(qapp):
    form = NumbersForm()
    form.show_numbers_of(shipped("cascade_temperatures"))
    field = form.fields["temperatures"]
    assert field.line.text() == "20, 40, 60 °C"
    assert form.changes() == {}
    field.line.setText("20, 50 °C")
    assert form.changes() == {"temperatures": ["20 degC", "50 degC"]}
