import math

import pytest

from drivers.interfaces.errors import RangeError, StateError
from drivers.interfaces.power_meter import PowerMeter


def test_reads_a_finite_power(power_meter: PowerMeter) -> None:
    assert math.isfinite(power_meter.power_w())


def test_takes_both_ends_of_its_wavelengths(power_meter: PowerMeter) -> None:
    limits = power_meter.limits["wavelength_nm"]
    for value in (limits.low, limits.high):
        power_meter.set_wavelength_nm(value)
        assert power_meter.settings()["wavelength_nm"] == pytest.approx(value)


def test_refuses_wavelengths_outside_its_limits_and_keeps_the_old_one(power_meter: PowerMeter) -> None:
    limits = power_meter.limits["wavelength_nm"]
    before = power_meter.settings()["wavelength_nm"]
    for value in (limits.low - 1, limits.high + 1, math.nan, math.inf):
        with pytest.raises(RangeError, match="wavelength_nm"):
            power_meter.set_wavelength_nm(value)
    assert power_meter.settings()["wavelength_nm"] == before


def test_does_nothing_while_not_connected(power_meter: PowerMeter) -> None:
    power_meter.close()
    for call in (lambda: power_meter.set_wavelength_nm(500.0), power_meter.power_w):
        with pytest.raises(StateError, match="not connected"):
            call()
