"""What a run becomes when the heater fails: who notices, and that nothing heats afterwards."""

from pathlib import Path

import pytest

from tests.faults.trials import Trial, simulated_trial

HEAT = [{"kind": "set_temperature", "temperature": "60 degC"}]
SOAK = [*HEAT, {"kind": "soak", "duration": "5 min"}]
WAIT = [*HEAT, {"kind": "wait_until_stable", "tolerance": "0.01 degC"}]


def heated(trial: Trial, steps: list[dict[str, str]] = SOAK) -> None:
    """Start a run that heats and wait until it does."""
    trial.session.start(steps)
    trial.until(lambda status: status["step_number"] == 2 and trial.servers["heater"].state()["heating"])


def test_an_alarm_of_the_heater_trips_an_interlock_that_waits_for_a_person(trial: Trial) -> None:
    heated(trial)
    trial.begin("heater_alarm")
    status = trial.ended()
    trial.assert_told("heater_alarm", "alarm of the heater")
    assert [state["name"] for state in status["interlocks"]] == ["heater_alarm"]
    trial.assert_safe()


def test_a_vanished_port_of_the_heater_is_told_as_heat_that_nobody_can_switch_off(trial: Trial) -> None:
    heated(trial, WAIT)
    trial.begin("heater_port_vanishes")
    trial.ended()
    trial.assert_told("heater: cannot be reached", "it may still be: switch it off at the device", "reconnect it")
    assert trial.servers["heater"].state()["heating"] is True
    trial.end("heater_port_vanishes")
    trial.reconnect("heater")
    trial.assert_safe()
    trial.session.start([{"kind": "soak", "duration": "1 s"}])
    assert trial.ended()["ok"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("{name: heater_sensor_stuck, after: 1500 ms}", ("heater_sensor", "sensor may be stuck", "60 degC")),
        ("{name: heater_overshoot, after: 5 s, overshoot: 20 degC}", ("heater_temperature", "objective", "70 degC")),
        ("{name: heater_alarm, after: 5 s}", ("heater_alarm", "alarm of the heater")),
    ],
)
def test_a_heater_that_nobody_can_trust_is_switched_off_by_an_interlock(
    fault: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    with simulated_trial(tmp_path, fault) as trial:
        trial.session.start(SOAK)
        trial.ended()
        trial.assert_told(*words)
        assert trial.session._rig.heater.status().heating is False
        assert trial.bench.plant.setpoint_c is None
