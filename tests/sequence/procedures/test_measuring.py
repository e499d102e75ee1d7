"""Procedures that measure one emitter: whether it is one, its excitations per pulse, backgrounds, its decline."""

from types import SimpleNamespace

import numpy as np
import pytest
from pydantic import ValidationError

from acquisition.sequence import (
    AcquireBackground,
    AcquireIntensitySeries,
    AcquirePhotons,
    ConfirmSingleEmitter,
    If,
    MoveStage,
    PowerSeries,
    RunStatus,
    SetShutter,
    read_steps,
)
from acquisition.sequence.steps import Condition
from tests.sequence.bench import Bench
from tests.sequence.procedures.field import LIGHT, SEEN, carry_out

INTENSITIES = (10.0, 20.0, 35.0, 50.0, 70.0, 100.0)


@pytest.fixture(scope="module")
def series():
    steps = [*LIGHT, MoveStage(x_um=0.0, y_um=0.0), PowerSeries(intensities_percent=INTENSITIES, duration_s=2.0)]
    return carry_out(steps, seed=5, sample="never_charges")


def test_a_power_series_measures_the_excitations_per_pulse(series):
    found = series.values("power_series")
    error = found["excitations_per_pulse_per_percent_error"]
    assert abs(found["excitations_per_pulse_per_percent"] - 0.01) < 4 * error < 0.008
    assert found["excitations_per_pulse"] == pytest.approx(20 * found["excitations_per_pulse_per_percent"])
    assert np.hypot(found["excitations_per_pulse_x_um"], found["excitations_per_pulse_y_um"]) < 0.1


def test_its_points_are_points_of_the_run_the_first_of_them_dark(series):
    assert [point.label for point in series.outcome.points] == [
        "power series: dark", *(f"power series: {percent:g} %" for percent in INTENSITIES)
    ]  # fmt: skip
    assert [step.background for step in series.services.steps.values()] == ["dark", *[None] * 6]
    photons = [point.result.photons for point in series.outcome.points]
    assert photons == sorted(photons)


def test_light_and_intensity_are_those_of_before_after_a_power_series(series):
    light = [text for text in series.texts() if text.startswith(("set laser", "close", "open"))]
    assert light[2:4] == ["close shutter", "open shutter"]
    assert light[-1] == "set laser: 20 %"


def test_the_counts_of_a_power_series_are_stored(series):
    title, columns, rows = series.services.tables[1]
    assert title == "power series"
    assert columns[0] == "intensity_percent"
    assert [row[0] for row in rows] == [0.0, *INTENSITIES]


def test_other_procedures_are_told_what_was_found(series):
    assert series.services.learnt == [series.values("power_series")]


def test_a_power_series_of_too_few_intensities_is_refused():
    with pytest.raises(ValidationError, match="at least 3 different intensities"):
        PowerSeries(intensities_percent=(10.0, 20.0), duration_s=1.0)


def values_of(bench, kind):
    return [event["values"] for event in bench.said("procedure_ended") if event["kind"] == kind]


@pytest.mark.parametrize("verdict", ["one", "several", "undecided"])
def test_the_verdict_on_single_emitters_decides_what_follows(verdict):
    bench = Bench()
    bench.services.results = {"emitters": {"verdict": verdict, "g2_gated": {"value": 0.1, "error": 0.05}}}
    one = If(condition=Condition(value="verdict", equals="one"), then=(AcquirePhotons(duration_s=0.1, label="go on"),))
    outcome = bench.engine.run([*LIGHT, ConfirmSingleEmitter(most_s=0.1), one])
    assert outcome.status is RunStatus.COMPLETED
    assert values_of(bench, "confirm_single_emitter") == [{"verdict": verdict, "g2_gated": 0.1, "g2_gated_error": 0.05}]
    assert [point.label for point in outcome.points][1:] == (["go on"] if verdict == "one" else [])


@pytest.mark.parametrize(("g2", "verdict"), [(0.2, "one"), (0.4, "undecided")])
def test_what_the_goal_has_proved_counts_where_the_analysis_asks_for_more(g2, verdict):
    bench = Bench()
    bench.services.results = {"emitters": {"verdict": "undecided", "g2_gated": {"value": g2, "error": 0.05}}}
    bench.services.new_goal = lambda step: SimpleNamespace(reached=lambda elapsed_s, snapshot: "proved")
    outcome = bench.engine.run([*LIGHT, ConfirmSingleEmitter(most_s=0.5)])
    assert str(outcome.points[0].result.ending) == "goal"
    assert values_of(bench, "confirm_single_emitter")[0]["verdict"] == verdict


def test_several_emitters_or_none_proved_can_end_the_run():
    for verdict, keys, reason in (
        ("several", {"on_several": "fail"}, "several emitters in the spot"),
        ("undecided", {"on_undecided": "fail"}, "is undecided after 0.1 s at most; allow more time"),
    ):
        bench = Bench()
        bench.services.results = {"emitters": {"verdict": verdict, "g2_gated": {"value": 0.9, "error": 0.05}}}
        outcome = bench.engine.run([*LIGHT, ConfirmSingleEmitter(most_s=0.1, **keys)])
        assert outcome.status is RunStatus.FAILED
        assert reason in str(outcome.error)


def test_confirming_ends_when_it_is_proved():
    [step] = ConfirmSingleEmitter(most_s=60, sigma=4).needs()
    assert (step.until.single_emitter.sigma, step.until.single_emitter.or_several) == (4, True)


def test_a_dark_background_is_recorded_without_light_and_says_so():
    bench = Bench()
    lit = []
    bench.when_block(0, lambda: lit.append((bench.rig.laser.emission, bench.rig.shutter.is_open_now)))
    steps = [*LIGHT, AcquireBackground(mode="dark", duration_s=0.1), AcquirePhotons(duration_s=0.1)]
    outcome = bench.engine.run(steps)
    assert lit == [(True, False), (True, True)]
    assert [point.label for point in outcome.points] == ["dark background", ""]
    [values] = values_of(bench, "acquire_background")
    assert values["background"] == "dark"


def test_light_that_was_off_stays_off_after_a_dark_background():
    bench = Bench()
    bench.engine.run([SetShutter(open=False), AcquireBackground(mode="dark", duration_s=0.1)])
    assert not any(entry in ("open", "emission on") for entry in bench.rig.log)


def test_an_off_dot_background_is_measured_beside_and_the_stage_comes_back():
    background = AcquireBackground(mode="off_dot", duration_s=0.2, dx_um=2.0, dy_um=-1.0)
    done = carry_out([*LIGHT, MoveStage(x_um=-4.1, y_um=-3.6), background, AcquirePhotons(duration_s=0.2)])
    beside, on_the_dot = (point.result.photons for point in done.outcome.points)
    assert on_the_dot > beside + 5 * np.sqrt(beside)
    ends = [event["values"] for event in done.events if event["event"] == "step_ended" and "x_um" in event["values"]]
    places = [(end["x_um"], end["y_um"]) for end in ends]
    assert places[1] == pytest.approx((places[0][0] + 2, places[0][1] - 1), abs=0.12)
    assert places[2] == pytest.approx(places[0], abs=0.12)


def test_without_a_stage_a_person_moves_the_emitter():
    bench = Bench()
    bench.services.answers = ["continue", "continue"]
    outcome = bench.engine.run([*LIGHT, AcquireBackground(mode="off_dot", duration_s=0.1, moved_by="person")])
    assert outcome.status is RunStatus.COMPLETED
    assert [question.split(" the emitter ")[1].split(" the spot")[0] for question in bench.services.asked] == [
        "out of", "back into"
    ]  # fmt: skip


def test_a_rig_without_stage_refuses_an_off_dot_background_by_stage():
    bench = Bench()
    with pytest.raises(Exception, match="this rig has no stage"):
        bench.engine.begin([AcquireBackground(mode="off_dot", duration_s=0.1)])


def test_an_intensity_series_has_light_only_during_its_readings():
    steps = [*LIGHT, AcquireIntensitySeries(interval_s=60.0, count=4, exposure_s=0.5, **SEEN)]
    done = carry_out(steps, seed=2, sample="never_charges")
    assert done.outcome.points == ()
    _, columns, rows = done.services.tables[1]
    assert columns == ("time_s", "counts", "duration_s", "temperature_c")
    assert [row[0] for row in rows] == pytest.approx([0, 60, 120, 180], abs=0.2)
    assert [row[2] for row in rows] == pytest.approx([0.5] * 4)
    assert all(row[3] == pytest.approx(20) for row in rows)
    around = [text.split(" for ")[0] for text in done.texts() if not text.startswith("set laser")]
    assert around[1:6] == ["open shutter", "count photons", "close shutter", "soak", "open shutter"]
    found = done.values("acquire_intensity_series")
    error = 2 / np.sqrt(min(row[1] for row in rows))
    assert found["remaining_share"] == pytest.approx(1, abs=4 * error)
    assert (found["readings"], found["interrupted"]) == (4, False)


def test_readings_that_do_not_fit_into_their_interval_are_refused():
    with pytest.raises(ValidationError, match="must not be longer than interval"):
        AcquireIntensitySeries(interval_s=1.0, count=2, exposure_s=2.0)


def test_procedures_can_be_read_from_plain_data():
    steps = read_steps(
        [
            {"kind": "acquire_background", "mode": "dark", "duration": "2 s"},
            {"kind": "power_series", "intensities": ["5 %", "20 %", "50 %"], "duration": "30 s"},
            {"kind": "raster_scan", "width": "3 um", "height": "3 um", "window": ["20 ns", "200 ns"]},
        ]
    )
    assert [step.kind for step in steps] == ["acquire_background", "power_series", "raster_scan"]
    assert steps[2].window_ns == (20.0, 200.0)
