import math
from collections.abc import Callable

import pytest

from drivers.interfaces.errors import InterlockError, OperatorNeeded, RangeError, StateError
from drivers.interfaces.laser import LaserStatus, PulsedLaser


def done(act: Callable[[], None]) -> None:
    """Do it; if only a person can, be that person, and do it again: then nobody is needed."""
    try:
        act()
    except OperatorNeeded as needed:
        needed.confirm()
        act()


def test_is_dark_when_connected(laser: PulsedLaser) -> None:
    assert not laser.status().emission


def test_reports_what_was_set(laser: PulsedLaser) -> None:
    done(lambda: laser.set_repetition_rate_hz(1e6))
    done(lambda: laser.set_intensity_percent(20.0))
    laser.set_emission(True)
    status = laser.status()
    assert status.repetition_rate_hz == pytest.approx(1e6)
    assert status.intensity_percent == pytest.approx(20.0)
    assert status.emission
    laser.set_emission(False)
    assert not laser.status().emission


def test_is_dark_after_being_made_safe(laser: PulsedLaser) -> None:
    laser.set_emission(True)
    laser.make_safe()
    assert not laser.status().emission


def test_is_dark_after_closing_and_connecting_again(laser: PulsedLaser) -> None:
    laser.set_emission(True)
    laser.close()
    laser.connect()
    assert not laser.status().emission


@pytest.mark.parametrize("setting", ["repetition_rate_hz", "intensity_percent"])
def test_refuses_values_outside_its_limits_and_keeps_the_old_ones(laser: PulsedLaser, setting: str) -> None:
    limits = laser.limits[setting]
    set_value = getattr(laser, f"set_{setting}")
    before = laser.status()
    for value in (limits.low - 1.0, limits.high * 1.01, math.nan, math.inf):
        with pytest.raises(RangeError, match=setting):
            set_value(value)
    assert laser.status() == before


@pytest.mark.parametrize("setting", ["repetition_rate_hz", "intensity_percent"])
def test_takes_both_ends_of_its_limits(laser: PulsedLaser, setting: str) -> None:
    for value in (laser.limits[setting].low, laser.limits[setting].high):
        done(lambda value=value: getattr(laser, f"set_{setting}")(value))
        assert getattr(laser.status(), setting) == pytest.approx(value)


def test_declares_only_what_is_part_of_its_status(laser: PulsedLaser) -> None:
    assert laser.declared <= set(LaserStatus.__dataclass_fields__)


def test_asks_a_person_for_nothing_else_than_what_is_declared(laser: PulsedLaser) -> None:
    for setting in ("repetition_rate_hz", "intensity_percent"):
        before = laser.status()
        value = laser.limits[setting].high
        if setting in laser.declared:
            with pytest.raises(OperatorNeeded, match="laser"):
                getattr(laser, f"set_{setting}")(value)
            assert laser.status() == before
        else:
            getattr(laser, f"set_{setting}")(value)


def test_does_nothing_while_not_connected(laser: PulsedLaser) -> None:
    laser.close()
    for call in (
        lambda: laser.set_emission(True),
        lambda: laser.set_intensity_percent(1.0),
        lambda: laser.set_repetition_rate_hz(1e6),
        laser.status,
    ):
        with pytest.raises(StateError, match="not connected"):
            call()


def test_does_not_emit_with_an_open_interlock(laser_case) -> None:
    if laser_case.open_interlock is None:
        pytest.skip("the interlock of this laser cannot be opened by a test")
    laser = laser_case.device
    laser.connect()
    laser_case.open_interlock()
    with pytest.raises(InterlockError, match="interlock"):
        laser.set_emission(True)
    laser.set_emission(False)
    assert not laser.status().emission
    assert not laser.status().interlock_closed


def test_stops_emitting_when_the_interlock_opens(laser_case) -> None:
    if laser_case.open_interlock is None:
        pytest.skip("the interlock of this laser cannot be opened by a test")
    laser = laser_case.device
    laser.connect()
    laser.set_emission(True)
    laser_case.open_interlock()
    assert not laser.status().emission
