import pytest

from drivers.interfaces.errors import FaultError
from simulators.bench import Bench
from simulators.heater import SimulatedHeater
from simulators.sample import Sample


@pytest.fixture
def bench() -> Bench:
    return Bench(Sample(name="nothing", emitters=()), 1)


@pytest.fixture
def heater(bench: Bench) -> SimulatedHeater:
    heater = SimulatedHeater("heater", bench)
    heater.connect()
    return heater


def test_an_alarm_switches_the_heating_off_and_keeps_it_off(bench: Bench, heater: SimulatedHeater) -> None:
    heater.heat_to_c(60.0)
    bench.faults.begin("heater_alarm", duration_s=100.0)
    status = heater.status()
    assert status.alarm == "SIMULATED_ALARM"
    assert not status.heating
    with pytest.raises(FaultError, match="heater: has an alarm"):
        heater.heat_to_c(60.0)
    bench.clock.sleep(100.0)
    assert heater.status().alarm is None
    assert not heater.status().heating
    heater.heat_to_c(60.0)
    assert heater.status().heating


def test_a_stuck_sensor_shows_its_last_temperature_while_the_plate_gets_too_hot(
    bench: Bench, heater: SimulatedHeater
) -> None:
    heater.heat_to_c(60.0)
    bench.clock.sleep(1.0)
    bench.faults.begin("heater_sensor_stuck")
    stuck_c = heater.status().temperature_c
    bench.clock.sleep(60.0)
    assert heater.status().temperature_c == stuck_c
    assert bench.temperature_c > 100.0
    bench.faults.end("heater_sensor_stuck")
    heater.status()
    bench.clock.sleep(300.0)
    assert heater.status().temperature_c == pytest.approx(60.0, abs=0.1)


def test_with_overshoot_the_plate_is_hotter_than_the_setpoint_that_is_told(
    bench: Bench, heater: SimulatedHeater
) -> None:
    heater.heat_to_c(50.1)
    bench.clock.sleep(300.0)
    bench.faults.begin("heater_overshoot", overshoot_c=20.0)
    assert heater.status().setpoint_c == 50.1
    bench.clock.sleep(300.0)
    assert heater.status().temperature_c == pytest.approx(70.1, abs=0.1)
    assert heater.settings()["setpoint_c"] == 50.1
    heater.heat_to_c(40.0)
    bench.clock.sleep(300.0)
    assert heater.status().temperature_c == pytest.approx(60.0, abs=0.1)
    bench.faults.end("heater_overshoot")
    heater.status()
    bench.clock.sleep(300.0)
    assert heater.status().temperature_c == pytest.approx(40.0, abs=0.1)


def test_faults_of_the_sensor_do_nothing_to_a_heater_that_is_off(bench: Bench, heater: SimulatedHeater) -> None:
    bench.faults.begin("heater_overshoot")
    bench.faults.begin("heater_sensor_stuck")
    bench.clock.sleep(100.0)
    status = heater.status()
    assert (status.temperature_c, status.heating) == (20.0, False)
    assert bench.temperature_c == 20.0
