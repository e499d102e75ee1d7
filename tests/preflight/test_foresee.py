"""What a pre-flight says of a sequence, against what the sequence then does."""

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from acquisition.preflight.expected_acquisition import scaled
from acquisition.preflight.foresee import relative_errors_percent
from acquisition.preflight.night import check_a_night
from acquisition.rig import open_rig
from acquisition.sequence import AcquirePhotons, Engine, PartRecording, Point, load_sequence
from acquisition.streaming import AcquisitionResult
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo
from tests.preflight.sequences import LIGHT, acquire, forecast, heat_and_wait, measurement

DARK_RIG = """
name: sensitive
bench: {sample: never_charges}
roles:
  laser: {kind: simulated}
  shutter: {kind: simulated}
  spad_array: {kind: simulated}
limits: {count_rate: 100 kcps}
"""


def test_an_acquisition_takes_its_time_and_its_photons() -> None:
    found = forecast(*LIGHT, acquire(60.0, label="one"))
    (point,) = found.points
    assert found.ok
    assert (found.duration_s, found.acquiring_s, found.waiting_s) == (60.0, 60.0, 0.0)
    assert (point.number, point.label, point.duration_s) == (1, "one", 60.0)
    assert point.photons == pytest.approx(60.0 * point.count_rate_cps)
    assert 6e6 < found.photons < 7e6
    assert found.segment_bytes == pytest.approx(10 * found.photons, rel=0.01)
    assert [step.kind for step in found.steps] == ["set_laser", "set_shutter", "acquire_photons"]
    assert found.points[0].precision_percent["states.X.lifetime_ns"] < 2.0


def test_the_forecast_is_plain_data() -> None:
    data = forecast(*LIGHT, acquire(60.0)).as_data()
    assert json.loads(json.dumps(data)) == data


def test_light_counts_while_it_falls_on_the_sample() -> None:
    off = {"kind": "set_laser", "emission": False}
    found = forecast(
        *LIGHT, acquire(10.0), {"kind": "soak", "duration_s": 5.0}, off, {"kind": "soak", "duration_s": 1000.0},
        metadata={"power_at_sample_uw": 2.0, "power_at_intensity_percent": 10.0},
    )  # fmt: skip
    assert found.dose_percent_s == pytest.approx(20.0 * 15.0)
    assert found.lit_s == pytest.approx(15.0)
    assert found.dose_uj == pytest.approx(4.0 * 15.0)
    assert found.points[0].dose_uj == pytest.approx(4.0 * 10.0)
    assert found.waiting_s == pytest.approx(1005.0)


def test_the_energy_is_unknown_where_the_power_is_and_that_is_said() -> None:
    found = forecast(*LIGHT, acquire(10.0))
    assert found.dose_uj is None
    assert any("power_at_sample: 1.2 uW" in note for note in found.notes)


def test_a_goal_ends_an_acquisition_when_it_is_expected_to() -> None:
    until = {"relative_error": {"of": "lifetime of X", "below_percent": 1.0}}
    found = forecast(*LIGHT, acquire(600.0, until=until))
    (point,) = found.points
    assert point.goal_reached
    assert 20.0 <= point.duration_s < 60.0
    assert point.precision_percent["states.X.lifetime_ns"] <= 1.0 + 1e-9
    assert found.duration_s == point.duration_s


def test_a_goal_that_will_not_be_reached_is_told() -> None:
    until = {"relative_error": {"of": "lifetime of BX", "below_percent": 1.0}}
    (point,) = forecast(*LIGHT, acquire(30.0, until=until)).points
    assert not point.goal_reached
    assert point.duration_s == 30.0
    assert any("the time will be over before lifetime of BX is known to 1 %" in note for note in point.notes)


def test_steps_that_decide_by_results_go_the_way_that_is_expected() -> None:
    precise = {"kind": "if", "condition": {"value": "X.lifetime_ns.error", "below": 1.0}, "then": [acquire(5.0)]}
    found = forecast(*LIGHT, acquire(60.0), {"kind": "analyze"}, precise)
    assert [point.duration_s for point in found.points] == [60.0, 5.0]


def test_what_nears_a_limit_is_named() -> None:
    full = {"kind": "set_laser", "intensity_percent": 98.0, "emission": True}
    touched = forecast(full, *heat_and_wait(68.0), acquire(1.0)).limits
    assert any("laser intensity: 98 %" in text and "100 %" in text for text in touched)
    assert any("temperature: 68 degC; the objective stands at most 70 degC" in text for text in touched)
    assert forecast(*LIGHT, *heat_and_wait(50.0)).limits == ()


def test_questions_are_listed_and_take_no_time() -> None:
    found = forecast({"kind": "prompt", "text": "Is there oil?"}, *LIGHT, acquire(5.0))
    assert found.asked == ("Is there oil? (waits for ever; timeout: 10 min limits it)",)
    assert found.duration_s == 5.0


def test_a_wait_that_cannot_end_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "hasty.yaml"
    path.write_text(
        "name: hasty\nsteps:\n  - {kind: set_temperature, temperature: 60 degC}\n"
        "  - kind: wait_until_stable\n    window: 10 s\n    timeout: 12 s\n",
        encoding="utf-8",
    )
    from acquisition.preflight import foresee
    from acquisition.rig.twin import open_twin

    with open_twin("simulated") as twin:
        found = foresee(twin, load_sequence(path)[0], path=path)
    assert not found.ok
    assert f"{path}, line 4, column" in found.problems[0]
    assert "after 12 s the temperature is" in found.problems[0]


def test_too_many_counts_are_refused_with_the_number(tmp_path: Path) -> None:
    from acquisition.preflight import foresee
    from acquisition.rig.twin import open_twin

    (tmp_path / "sensitive.yaml").write_text(DARK_RIG, encoding="utf-8")
    with open_twin(tmp_path / "sensitive.yaml") as twin:
        found = foresee(twin, measurement(*LIGHT, acquire(5.0)))
    assert not found.ok
    assert "step 3 (acquire_photons)" in found.problems[0]
    assert "1e+05 counts/s that this rig allows" in found.problems[0]
    assert found.missing_calibrations.keys() == {"wavelength", "relative_efficiency"}


def test_a_full_disk_is_foreseen() -> None:
    assert forecast(*LIGHT, acquire(60.0), free_bytes=2e8).ok
    found = forecast(*LIGHT, acquire(60.0), free_bytes=5e7)
    assert not found.ok
    assert "0.05 GB are free" in found.problems[0]


def test_without_light_there_is_no_precision_and_that_is_said() -> None:
    (point,) = forecast(acquire(10.0)).points
    assert point.precision_percent == {}
    assert point.notes == ("no light of an emitter",)
    assert (point.cascades, point.accidental_pairs) == (0.0, 0.0)


OFF = {"kind": "set_laser", "emission": False}


def test_points_without_light_are_told_loudly_with_the_reason() -> None:
    found = forecast(LIGHT[1], acquire(5.0), acquire(5.0))
    assert found.ok
    (warning,) = found.warnings
    assert warning.startswith("no light falls on the sample in 2 of 2 points: the laser is not switched on")
    assert found.signal_photons == 0.0
    assert found.photons > 0.0


def test_a_warning_of_darkness_names_the_points_and_what_stands_in_the_light() -> None:
    shut = {"kind": "set_shutter", "open": False}
    found = forecast(*LIGHT, acquire(5.0), shut, acquire(5.0), OFF, acquire(5.0))
    assert [warning.split(";")[0] for warning in found.warnings] == [
        "no light falls on the sample in 1 of 3 points (2): the shutter is closed (set_shutter with open)",
        "no light falls on the sample in 1 of 3 points (3): the laser is not switched on (set_laser with emission)",
    ]
    none = {"kind": "set_laser", "intensity_percent": 0.0, "emission": True}
    assert "the intensity of the laser is 0 %" in forecast(none, LIGHT[1], acquire(5.0)).warnings[0]


def test_a_background_may_be_dark() -> None:
    found = forecast(acquire(5.0, background="dark"), *LIGHT, acquire(5.0))
    assert found.warnings == ()
    assert [point.notes for point in found.points] == [(), ()]


def test_frames_without_light_are_told_too() -> None:
    frames = {"kind": "acquire_spectra", "exposure_s": 1.0, "frames": 2}
    assert "1 of 1 point:" in forecast(frames).warnings[0]
    assert forecast(*LIGHT, frames).warnings == ()


def test_dim_light_comes_with_a_warning() -> None:
    dim = {"kind": "set_laser", "intensity_percent": 1.0, "emission": True}
    (point,) = forecast(dim, LIGHT[1], acquire(60.0), sample="cdse_cds_table").points
    assert any("charge states may not be told apart" in note for note in point.notes)


def test_the_twin_takes_as_long_as_the_run() -> None:
    steps = [*LIGHT, *heat_and_wait(40.0), acquire(2.0), {"kind": "soak", "duration_s": 7.0}, *heat_and_wait(30.0)]
    foreseen = forecast(*steps)
    with open_rig("simulated", sample="never_charges") as rig:
        outcome = Engine(rig, NoServices(), journal=lambda event: None).run(measurement(*steps).steps)
        took_s = rig.clock.now()
    assert outcome.error is None
    assert foreseen.duration_s == pytest.approx(took_s, abs=1.0)
    (point,) = outcome.points
    assert point.result.photons == pytest.approx(foreseen.points[0].photons, rel=0.01)


class NoServices:
    """Services of a run that stores nothing."""

    def begin_part(self, point: int, step: AcquirePhotons, info: PhotonStreamInfo) -> PartRecording:
        return PartRecording(self, self)  # type: ignore[arg-type]

    def recorded(self, point: int) -> AcquisitionResult | None:
        return None

    def end_point(self, point: Point) -> None: ...

    def analyze(self, point: int) -> dict[str, object]:
        return {}

    def ask(
        self,
        question: str,
        choices: Sequence[str],
        timeout_s: float | None,
        interrupt: threading.Event,
        tick: Callable[[], None],
    ) -> str | None:
        return choices[0]

    def append(self, block: PhotonBlock) -> None: ...

    def finish(self) -> None: ...

    def abandon(self) -> None: ...

    def update(self, block: PhotonBlock) -> None: ...

    def snapshot(self) -> None: ...


def test_a_night_is_many_hours_of_few_points() -> None:
    found = check_a_night(temperatures=2)
    assert found.points == 2
    assert 4600 < found.night_s < 5400


def test_errors_are_found_in_results_and_scaled() -> None:
    results = {"states": {"X": {"lifetime_ns": {"value": 50.0, "error": 1.0}, "k": {"value": 0.0, "error": 1.0}}}}
    assert relative_errors_percent(scaled(results, 2.0)) == {"states.X.lifetime_ns": 4.0}


def test_a_question_says_what_follows_if_nobody_answers() -> None:
    short = {"kind": "prompt", "text": "In focus?", "choices": ["yes", "no"], "timeout_s": 3}
    found = forecast(short, {**short, "text": "Dry?", "on_timeout": "continue"})
    assert found.asked == (
        "In focus? (within 3 s, else the run fails; on_timeout: continue lets it go on)",
        "Dry? (within 3 s, else the run goes on with 'yes')",
    )
