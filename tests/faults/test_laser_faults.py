"""What a run becomes when laser pulses are missing: the detector, which counts them, says so."""

from pathlib import Path

from tests.faults.trials import LIGHT, Trial, simulated_trial


def test_a_laser_that_stops_is_named_by_its_missing_pulses_and_what_came_before_is_kept(trial: Trial) -> None:
    trial.measure()
    trial.begin("laser_stops")
    status = trial.ended()
    trial.assert_told("laser pulses are missing", "check the laser", "are kept")
    trial.assert_safe()
    assert sum(len(block) for block in trial.recording().blocks()) == status["photons"] > 0


def test_a_laser_that_stops_shortly_before_the_end_does_not_pass_for_a_dark_sample(trial: Trial) -> None:
    trial.measure("1.5 s")
    trial.until(lambda status: status["elapsed_s"] > 1.2)
    trial.begin("laser_stops")
    trial.ended()
    trial.assert_told("laser pulses are missing", "check the laser", "are kept")


def test_a_laser_that_leaves_pulses_out_is_noticed_at_the_end_of_a_point_at_the_latest(trial: Trial) -> None:
    trial.measure("2 s")
    trial.begin("laser_drops_pulses", share=0.2)
    trial.ended()
    trial.assert_told("laser pulses are missing", "check the laser", "are kept")
    trial.assert_safe()


def test_a_laser_that_was_off_from_the_beginning_is_told_with_the_point(trial: Trial) -> None:
    trial.begin("laser_stops")
    trial.session.start([*LIGHT, {"kind": "acquire_photons", "duration": "0.5 s"}])
    status = trial.ended()
    assert any("sees no laser pulses although the emission is on" in warning for warning in status["warnings"])
    assert not trial.recording().info.pulsed


def test_without_a_wire_the_blocks_before_the_laser_stopped_are_kept(tmp_path: Path) -> None:
    with simulated_trial(tmp_path, "{name: laser_stops, after: 3500 ms}") as trial:
        trial.session.start([*LIGHT, {"kind": "acquire_photons", "duration": "60 s"}])
        status = trial.ended()
        trial.assert_told("spad_array", "laser pulses are missing: 0.0%", "are kept")
        assert status["elapsed_s"] == 3.0
        assert not trial.session._rig.laser.status().emission


def test_without_a_wire_missing_pulses_are_told_with_their_share(tmp_path: Path) -> None:
    with simulated_trial(tmp_path, "{name: laser_drops_pulses, after: 2 s, share: 0.25}") as trial:
        trial.session.start([*LIGHT, {"kind": "acquire_photons", "duration": "60 s"}])
        trial.ended()
        trial.assert_told("spad_array", "laser pulses are missing: 75.0%", "are kept")
