import math

import pytest

from drivers.interfaces.errors import RangeError, StateError
from drivers.interfaces.heater import HeatedSubstrate


def test_is_not_heating_when_connected(heater: HeatedSubstrate) -> None:
    status = heater.status()
    assert not status.heating
    assert status.alarm is None


def test_reaches_its_setpoint(heater_case) -> None:
    heater = heater_case.device
    heater.heat_to_c(60.0)
    assert heater.status().heating
    assert heater.status().setpoint_c == pytest.approx(60.0)
    heater_case.pass_time_s(300.0)
    assert heater.status().temperature_c == pytest.approx(60.0, abs=0.1)


def test_cools_down_after_being_made_safe(heater_case) -> None:
    heater = heater_case.device
    before_c = heater.status().temperature_c
    heater.heat_to_c(60.0)
    heater_case.pass_time_s(300.0)
    heater.make_safe()
    assert not heater.status().heating
    heater_case.pass_time_s(600.0)
    assert heater.status().temperature_c == pytest.approx(before_c, abs=0.1)


def test_can_stop_heating_at_any_time(heater: HeatedSubstrate) -> None:
    heater.stop_heating()
    heater.heat_to_c(40.0)
    heater.stop_heating()
    assert not heater.status().heating


def test_is_not_heating_after_closing_and_connecting_again(heater: HeatedSubstrate) -> None:
    heater.heat_to_c(40.0)
    heater.close()
    heater.connect()
    assert not heater.status().heating


def test_refuses_temperatures_outside_its_limits_and_keeps_the_setpoint(heater: HeatedSubstrate) -> None:
    heater.heat_to_c(40.0)
    limits = heater.limits["temperature_c"]
    for value in (limits.low - 0.1, limits.high + 0.1, math.nan, math.inf):
        with pytest.raises(RangeError, match="temperature_c"):
            heater.heat_to_c(value)
    assert heater.status().setpoint_c == pytest.approx(40.0)


def test_does_not_heat_while_not_connected(heater: HeatedSubstrate) -> None:
    heater.close()
    with pytest.raises(StateError, match="not connected"):
        heater.heat_to_c(40.0)
    with pytest.raises(StateError, match="not connected"):
        heater.status()
