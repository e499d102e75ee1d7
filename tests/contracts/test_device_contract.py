import math

import pytest

from drivers.interfaces.device import Device
from drivers.interfaces.errors import StateError


def test_is_not_connected_at_first(device: Device) -> None:
    assert not device.connected


def test_tells_nothing_before_it_is_connected(device: Device) -> None:
    with pytest.raises(StateError, match=f"{device.name}.*not connected"):
        device.readings()
    with pytest.raises(StateError, match="not connected"):
        _ = device.identity


def test_says_who_it_is(device: Device) -> None:
    device.connect()
    identity = device.identity
    assert identity.manufacturer
    assert identity.model
    assert isinstance(identity.simulated, bool)


def test_connecting_and_closing_twice_does_no_harm(device: Device) -> None:
    device.connect()
    device.connect()
    assert device.connected
    device.close()
    device.close()
    assert not device.connected


def test_can_be_connected_again_after_closing(device: Device) -> None:
    with device:
        assert device.connected
    with device:
        assert device.readings()
    assert not device.connected


def test_closes_when_its_block_fails(device: Device) -> None:
    with pytest.raises(ZeroDivisionError), device:
        _ = 1 / 0
    assert not device.connected


def test_can_be_made_safe_in_any_state(device: Device) -> None:
    device.make_safe()
    device.connect()
    device.make_safe()
    device.make_safe()
    device.close()
    device.make_safe()
    assert not device.connected


def test_tells_settings_and_readings_as_plain_values(device: Device) -> None:
    device.connect()
    for values in (device.settings(), device.readings()):
        assert values
        for name, value in values.items():
            assert isinstance(name, str)
            assert value is None or isinstance(value, str | float | int | bool)
            assert not (isinstance(value, float) and math.isnan(value))


def test_has_limits_with_a_low_and_a_high_end(device: Device) -> None:
    device.connect()
    assert all(limits.low < limits.high for limits in device.limits.values())
