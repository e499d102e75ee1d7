import pytest

from drivers.interfaces.errors import StateError
from drivers.spad_array.device_calibration import DeviceCalibration, load_device_calibration
from drivers.spad_array.time_scale import time_scale


def calibration(**changes: object) -> DeviceCalibration:
    shipped = load_device_calibration("spad_lambda_device.yaml").values
    return DeviceCalibration.model_validate({**shipped.model_dump(), **changes})


def test_with_the_coarse_counter_on_the_laser_a_tick_is_a_pulse() -> None:
    scale = time_scale("spad_array", calibration(), 999_950.0)
    assert scale.info.pulsed
    assert scale.info.period_ps == pytest.approx(1e12 / 999_950.0)
    assert scale.tick_ps == scale.period_ps == round(1e12 / 999_950.0)


def test_without_pulses_time_is_told_by_the_internal_clock() -> None:
    scale = time_scale("spad_array", calibration(internal_tick_ns=50.0), 0.0)
    assert not scale.info.pulsed
    assert (scale.info.period_ps, scale.tick_ps, scale.period_ps) == (1e6, 50_000, 1_000_000)


def test_an_internal_clock_that_is_not_locked_to_the_laser_gives_an_unpulsed_stream() -> None:
    assert not time_scale("spad_array", calibration(coarse_clock="internal"), 1e6).info.pulsed


def test_an_internal_clock_that_is_locked_to_the_laser_gives_a_pulsed_stream() -> None:
    scale = time_scale("spad_array", calibration(coarse_clock="internal", ticks_per_pulse=10), 1_000_001.0)
    assert scale.info.pulsed
    assert (scale.info.period_ps, scale.tick_ps) == (1e6, 100_000)


def test_a_laser_rate_that_does_not_fit_the_locked_clock_is_refused() -> None:
    with pytest.raises(StateError, match=r"500000 Hz.*10 ticks of 100 ns per pulse.*1e\+06 Hz"):
        time_scale("spad_array", calibration(coarse_clock="internal", ticks_per_pulse=10), 5e5)


@pytest.mark.parametrize("away_hz", [-500.0, -3.0, 2.0, 10_000.0])
def test_a_laser_that_is_a_few_ppm_off_the_locked_clock_is_refused_as_its_delays_would_drift(away_hz: float) -> None:
    with pytest.raises(StateError, match=r"ppm away, by which all delays drift .* ps between two wraps .*6\.55 ms"):
        time_scale("spad_array", calibration(coarse_clock="internal", ticks_per_pulse=10), 1e6 + away_hz)


def test_a_laser_period_beyond_the_fine_time_is_refused() -> None:
    with pytest.raises(StateError, match=r"50000 Hz.*set a higher repetition rate"):
        time_scale("spad_array", calibration(), 50_000.0)


def test_the_step_of_the_delay_is_told_where_all_delays_are_steps() -> None:
    assert time_scale("spad_array", calibration(delay_resolution_ps=20), 1e6).info.delay_resolution_ps == 20
    uneven = calibration(delay_resolution_ps=30, coarse_clock="internal", internal_tick_ns=100)
    assert time_scale("spad_array", uneven, 0.0).info.delay_resolution_ps == 1


def test_epochs_are_told_in_real_time() -> None:
    assert time_scale("spad_array", calibration(), 1e5).epoch_s == pytest.approx(0.65536)
    assert time_scale("spad_array", calibration(), 0.0).epoch_s == pytest.approx(0.0065536)
