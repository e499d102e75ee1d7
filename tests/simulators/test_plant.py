import numpy as np
import pytest

from simulators.learnt_plant import LearntPlant
from simulators.plant import PlantSettings, ThermalPlant


def test_rests_at_the_temperature_of_the_room() -> None:
    plant = ThermalPlant(PlantSettings(ambient_c=21.0))
    assert plant.plate_c(0.0) == plant.sensor_c(1e6) == 21.0


@pytest.mark.parametrize(("begin_c", "end_c"), [(20.0, 25.0), (20.0, 60.0), (20.0, 100.0), (60.0, 80.0), (80.0, 40.0)])
def test_settles_at_its_setpoint_within_five_minutes_with_little_overshoot(begin_c: float, end_c: float) -> None:
    plant = ThermalPlant(PlantSettings())
    plant.set_setpoint_c(0.0, begin_c)
    plant.set_setpoint_c(600.0, end_c)
    temperatures = np.array([plant.plate_c(600.0 + 0.1 * k) for k in range(3000)])
    assert abs(temperatures[-1] - end_c) < 1e-3
    assert temperatures.max() < max(begin_c, end_c) + 1.0
    assert temperatures.min() > min(begin_c, end_c) - 1.0


def test_needs_seconds_to_heat_by_forty_degrees() -> None:
    plant = ThermalPlant(PlantSettings())
    plant.set_setpoint_c(0.0, 60.0)
    assert plant.plate_c(2.0) < 50.0
    assert plant.plate_c(60.0) > 59.5


def test_the_sensor_lags_behind_the_plate() -> None:
    plant = ThermalPlant(PlantSettings(sensor_time_constant_s=0.5))
    plant.set_setpoint_c(0.0, 100.0)
    assert plant.plate_c(3.0) - plant.sensor_c(3.0) > 1.0


def test_heating_at_constant_power_follows_the_exact_solution() -> None:
    settings = PlantSettings(control_period_s=0.01)
    plant = ThermalPlant(settings)
    plant.set_setpoint_c(0.0, 100.0)
    assert plant.power(2.0) == 1.0
    expected = 20.0 + 160.0 * (1 - np.exp(-2.0 / settings.plate_time_constant_s))
    assert plant.plate_c(2.0) == pytest.approx(expected, rel=1e-9)


def test_cools_exponentially_when_switched_off() -> None:
    plant = ThermalPlant(PlantSettings())
    plant.set_setpoint_c(0.0, 60.0)
    plant.set_setpoint_c(300.0, None)
    start_c = plant.plate_c(300.0)
    assert plant.plate_c(315.0) - 20.0 == pytest.approx((start_c - 20.0) / np.e, rel=1e-9)
    assert plant.setpoint_c is None
    assert plant.power(301.0) == 0.0


def test_how_often_it_is_read_changes_nothing() -> None:
    rarely, often = ThermalPlant(PlantSettings()), ThermalPlant(PlantSettings())
    rng = np.random.default_rng(1)
    commands = [(1.234, 60.0), (7.7, 45.0), (30.0, None), (33.3, 80.0)]
    reads = iter(np.sort(rng.uniform(0, 1000, 5000)))
    read_s = next(reads)
    for command_s, setpoint_c in commands:
        while read_s < command_s:
            often.sensor_c(read_s)
            read_s = next(reads)
        rarely.set_setpoint_c(command_s, setpoint_c)
        often.set_setpoint_c(command_s, setpoint_c)
    for read_s in reads:
        often.plate_c(read_s)
    assert often.plate_c(1000.0) == rarely.plate_c(1000.0)
    assert often.sensor_c(1000.0) == rarely.sensor_c(1000.0)


def test_stays_at_the_temperature_of_the_room_if_the_setpoint_is_below() -> None:
    plant = ThermalPlant(PlantSettings())
    plant.set_setpoint_c(0.0, 5.0)
    assert plant.plate_c(600.0) == pytest.approx(20.0)


def test_equal_time_constants_of_plate_and_sensor_are_the_limit_of_close_ones() -> None:
    readings = []
    for sensor_s in (5.0, 5.0 + 1e-6):
        plant = ThermalPlant(PlantSettings(plate_time_constant_s=5.0, sensor_time_constant_s=sensor_s))
        plant.set_setpoint_c(0.0, 90.0)
        readings.append(plant.sensor_c(2.0))
    assert readings[0] == pytest.approx(readings[1], abs=1e-4)


def test_constant_power_follows_the_exact_solution_and_ends_when_it_is_told() -> None:
    settings = PlantSettings()
    plant = ThermalPlant(settings)
    plant.set_power(1.0, 0.25)
    assert plant.setpoint_c is None
    assert plant.power(5.0) == 0.25
    expected_c = 20.0 + 40.0 * (1 - np.exp(-9.0 / settings.plate_time_constant_s))
    assert plant.plate_c(10.0) == pytest.approx(expected_c, rel=1e-9)
    plant.set_setpoint_c(10.0, None)
    assert plant.power(10.0) == 0.0


def test_a_moved_setpoint_is_followed_as_closely_as_one_that_stays() -> None:
    ramped = ThermalPlant(PlantSettings())
    ramped.set_setpoint_c(0.0, 40.0)
    for k in range(1, 601):
        ramped.move_setpoint_c(300.0 + 0.1 * k, 40.0 + 20.0 * k / 600)
    assert ramped.setpoint_c == pytest.approx(60.0)
    assert ramped.plate_c(360.0) == pytest.approx(60.0, abs=1.0)
    assert ramped.plate_c(700.0) == pytest.approx(60.0, abs=1e-3)


def test_a_sensor_that_is_held_shows_the_same_while_the_plate_gets_hotter() -> None:
    plant = ThermalPlant(PlantSettings())
    plant.set_setpoint_c(0.0, 60.0)
    plant.hold_sensor(2.0, held=True)
    stuck_c = plant.sensor_c(2.0)
    assert plant.sensor_c(100.0) == stuck_c < 60.0
    assert plant.plate_c(100.0) > 150.0
    plant.hold_sensor(100.0, held=False)
    assert plant.sensor_c(110.0) > stuck_c + 10
    assert plant.plate_c(500.0) == pytest.approx(60.0, abs=0.1)


def test_a_plant_that_has_learnt_goes_on_from_where_it_is_with_constant_power() -> None:
    plant = LearntPlant(PlantSettings(), lambda from_c, to_c: 100.0)
    plant.set_setpoint_c(0.0, 60.0)
    here_c = plant.plate_c(50.0)
    plant.set_power(50.0, 0.0)
    assert plant.plate_c(50.0) == pytest.approx(here_c)
    assert plant.plate_c(65.0) - 20.0 == pytest.approx((here_c - 20.0) / np.e, rel=1e-9)
