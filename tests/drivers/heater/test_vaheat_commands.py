import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import drivers.heater
from drivers.heater.vaheat import Vaheat
from drivers.heater.vaheat_profile import ProfileStep
from drivers.heater.vaheat_settings import PowerPermit, VaheatPermits
from drivers.interfaces.errors import CommunicationError, FaultError, InterlockError, RangeError, StateError
from drivers.wire.whose import SIMULATOR_MARK
from tests.drivers.heater.scripted_vaheat import SUCCESS, ScriptedVaheat, data, driver

PERMITS = VaheatPermits(
    direct=PowerPermit(longest_s=60, highest_power_percent=20), shock=PowerPermit(longest_s=5, highest_power_percent=50)
)
STEPS = (ProfileStep(10.0, 2.0, 40.0), ProfileStep(20.0, 1.0, 30.0))


@pytest.fixture
def device() -> ScriptedVaheat:
    return ScriptedVaheat()


@pytest.fixture
def heater(device: ScriptedVaheat) -> Iterator[Vaheat]:
    with driver(device, permits=PERMITS, high_c=80.0) as heater:
        device.sent.clear()
        yield heater


def test_connecting_asks_who_it_is_then_stops_the_heating_and_writes_the_limit(device: ScriptedVaheat) -> None:
    device.status["heating_active"] = True
    with driver(device, high_c=70.0) as heater:
        assert device.sent == [
            b'{"get_info": true}',
            b'{"stop_heating": true}',
            b'{"get_status": true}',
            b'{"set_streaming": {"mode": "off"}}',
            b'{"set_settings": {"temperature_limit": 70.0, "limit_enabled": true}}',
            b'{"get_settings": true}',
        ]
        assert heater.identity.serial == "VA-SR-0094-1"
        assert heater.identity.firmware == "v1.2.3"
        assert not heater.identity.simulated
        assert not heater.status().heating


@pytest.mark.parametrize(
    ("call", "sent"),
    [
        (lambda heater: heater.heat_to_c(60.0), b'{"start_heating": {"mode": "AUTO", "temperature": 60.0}}'),
        (lambda heater: heater.heat_with_power(5.0, 9.0), b'{"start_heating": {"mode": "DIRECT", "power": 5.0}}'),
        (
            lambda heater: heater.shock(30.0, 2.0),
            b'{"start_heating": {"mode": "SHOCK", "power": 30.0, "duration": 2.0}}',
        ),
        (lambda heater: heater.run_profile(STEPS), b'{"start_heating": {"mode": "PROFILE", "profile_number": 9}}'),
    ],
)
def test_each_mode_is_started_between_two_looks_at_the_state(
    heater: Vaheat, device: ScriptedVaheat, call: Callable[[Vaheat], None], sent: bytes
) -> None:
    call(heater)
    assert device.sent[-3:] == [b'{"get_status": true}', sent, b'{"get_status": true}']
    assert heater.settings()["heating"] is True


@pytest.mark.parametrize(
    ("call", "sent"),
    [
        (lambda heater: heater.stop_heating(), [b'{"stop_heating": true}', b'{"get_status": true}']),
        (lambda heater: heater.status(), [b'{"get_status": true}']),
        (lambda heater: heater.readings(), [b'{"get_status": true}']),
        (lambda heater: heater.stream(None), [b'{"set_streaming": {"mode": "off"}}']),
        (
            lambda heater: heater.stream(5),
            [
                b'{"set_streaming": {"mode": "continuous", "rate": 5, "time": true, "onoff": true, '
                b'"temperature": true, "setpoint": true, "power": true}}'
            ],
        ),
    ],
)
def test_each_other_command_is_sent_as_the_device_takes_it(
    heater: Vaheat, device: ScriptedVaheat, call: Callable[[Vaheat], object], sent: list[bytes]
) -> None:
    call(heater)
    assert device.sent == sent


def test_a_profile_is_written_and_read_back_before_it_starts(heater: Vaheat, device: ScriptedVaheat) -> None:
    heater.run_profile(STEPS, number=3, title="up and down")
    assert device.sent[:2] == [
        b'{"set_profile": {"profile_number": 3, "name": "up and down", "steps": [{"duration": 10.0, "rate": 2.0, '
        b'"setpoint": 40.0}, {"duration": 20.0, "rate": 1.0, "setpoint": 30.0}]}}',
        b'{"get_profile": {"profile_number": 3}}',
    ]


def test_a_profile_that_is_stored_wrongly_is_not_started(heater: Vaheat, device: ScriptedVaheat) -> None:
    device.answers["get_profile"] = lambda _: data({"steps": [{"duration": 10.0, "rate": 2.0, "setpoint": 90.0}]})
    with pytest.raises(StateError, match=r"heater: .*another profile"):
        heater.run_profile(STEPS)
    assert "start_heating" not in device.requests()


def test_commas_that_the_firmware_forgets_are_tolerated_in_both_replies(heater: Vaheat, device: ScriptedVaheat) -> None:
    device.answers["get_streaming"] = lambda _: (
        b'{\n"success": true,\n"data":\n{\n"mode": "continuous"\n"rate": "5"\n}}'
    )
    device.answers["get_profile"] = lambda _: b'{"success": true, "data": {"duration": 1\n"rate": 2\n"setpoint": 3}}'
    assert heater.streaming_rate_hz() == 5.0
    assert heater.profile_step(1, 1) == ProfileStep(1.0, 2.0, 3.0)


def test_commas_that_are_missing_elsewhere_are_an_error(heater: Vaheat, device: ScriptedVaheat) -> None:
    whole, good = data(device.status), device.answers["get_status"]
    device.answers["get_status"] = lambda _: whole.replace(b",", b"")
    with pytest.raises(CommunicationError, match=r"heater: .*no reply"):
        heater.status()
    device.answers["get_status"] = good
    assert heater.status().temperature_c == 26.6


@pytest.mark.parametrize("temperature_c", [-0.1, 80.1, float("nan"), float("inf")])
def test_temperatures_outside_the_limits_are_refused_before_anything_is_sent(
    heater: Vaheat, device: ScriptedVaheat, temperature_c: float
) -> None:
    with pytest.raises(RangeError, match=r"heater: temperature_c"):
        heater.heat_to_c(temperature_c)
    assert device.sent == []


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        ((), "0 steps"),
        (STEPS * 11, "22 steps"),
        ((ProfileStep(10.0, 10.1, 40.0),), "ramp_c_per_s of step 1"),
        ((ProfileStep(10.0, 0.0, 40.0),), "ramp_c_per_s of step 1"),
        ((STEPS[0], ProfileStep(10.0, 1.0, 80.1)), "temperature_c of step 2"),
        ((ProfileStep(float("nan"), 1.0, 40.0),), "duration_s of step 1"),
    ],
)
def test_profiles_outside_the_limits_are_refused_before_anything_is_sent(
    heater: Vaheat, device: ScriptedVaheat, steps: tuple[ProfileStep, ...], what: str
) -> None:
    with pytest.raises(RangeError, match=f"heater: .*{what}"):
        heater.run_profile(steps)
    assert device.sent == []


def test_a_profile_with_a_number_or_name_that_the_device_has_not_is_refused(heater: Vaheat) -> None:
    with pytest.raises(RangeError, match=r"profile_number"):
        heater.run_profile(STEPS, number=10)
    with pytest.raises(RangeError, match=r"48 characters"):
        heater.run_profile(STEPS, title="x" * 48)


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda heater: heater.heat_with_power(20.1, 1.0), "percent"),
        (lambda heater: heater.heat_with_power(20.0, 60.1), "duration_s"),
        (lambda heater: heater.shock(50.1, 1.0), "percent"),
        (lambda heater: heater.shock(50.0, 5.1), "duration_s"),
        (lambda heater: heater.shock(50.0, float("nan")), "duration_s"),
    ],
)
def test_constant_power_beyond_its_permit_is_refused_before_anything_is_sent(
    heater: Vaheat, device: ScriptedVaheat, call: Callable[[Vaheat], None], what: str
) -> None:
    with pytest.raises(RangeError, match=f"heater: {what}"):
        call(heater)
    assert device.sent == []


@pytest.mark.parametrize("mode", ["direct", "shock"])
def test_constant_power_without_a_permit_is_refused(device: ScriptedVaheat, mode: str) -> None:
    with driver(device) as heater:
        device.sent.clear()
        with pytest.raises(InterlockError, match=f"permits: {{{mode}"):
            (heater.heat_with_power if mode == "direct" else heater.shock)(1.0, 1.0)
        assert device.sent == []


def test_nothing_is_started_while_there_is_an_alarm(heater: Vaheat, device: ScriptedVaheat) -> None:
    device.status["alarm"] = "SENSOR_BROKEN"
    with pytest.raises(FaultError, match=r"heater: has an alarm: SENSOR_BROKEN"):
        heater.heat_to_c(40.0)
    assert device.requests() == ["get_status"]
    assert heater.status().alarm == "SENSOR_BROKEN"


def test_nothing_is_started_while_the_keylock_is_on(heater: Vaheat, device: ScriptedVaheat) -> None:
    device.status["keylock_active"] = True
    with pytest.raises(InterlockError, match=r"keylock"):
        heater.heat_to_c(40.0)
    assert device.requests() == ["get_status"]


@pytest.mark.parametrize(
    "wrong", [{"setpoint": 61.0}, {"mode": "DIRECT"}, {"heating_active": False}, {"setpoint_unit": "K"}]
)
def test_what_is_read_back_otherwise_than_asked_is_stopped(
    heater: Vaheat, device: ScriptedVaheat, wrong: dict[str, object]
) -> None:
    begin = device.answers["start_heating"]

    def start(arguments: object) -> bytes:
        begin(arguments)
        device.status |= wrong
        return SUCCESS

    device.answers["start_heating"] = start
    with pytest.raises(StateError, match=r"heater: was told"):
        heater.heat_to_c(60.0)
    assert device.requests()[-2:] == ["stop_heating", "get_status"]
    assert device.status["heating_active"] is False


def test_an_alarm_that_comes_with_the_start_is_told_and_the_heating_stopped(
    heater: Vaheat, device: ScriptedVaheat
) -> None:
    device.answers["start_heating"] = lambda _: device.status.update(alarm="HOT", heating_active=True) or SUCCESS
    with pytest.raises(FaultError, match=r"HOT"):
        heater.heat_to_c(60.0)
    assert device.status["heating_active"] is False


def test_a_refusal_is_told_in_the_words_of_the_device(heater: Vaheat, device: ScriptedVaheat) -> None:
    device.answers["start_heating"] = lambda _: b'{"success": false, "error": "too hot", "code": 7}'
    with pytest.raises(StateError, match=r"heater: refuses start_heating .*too hot.*7"):
        heater.heat_to_c(60.0)


def test_a_limit_that_the_device_does_not_take_is_not_accepted(device: ScriptedVaheat) -> None:
    device.answers["set_settings"] = lambda _: SUCCESS
    heater = driver(device, high_c=80.0)
    with pytest.raises(StateError, match=r"limit itself to 80"):
        heater.connect()
    assert not heater.connected
    assert device.closed


def test_a_simulator_is_not_taken_for_hardware_nor_the_other_way_round(device: ScriptedVaheat) -> None:
    with pytest.raises(StateError, match=r"no simulator"):
        driver(device, simulated=True).connect()
    device.answers["get_info"] = lambda _: data({"serial_number": SIMULATOR_MARK, "version": "1"})
    with pytest.raises(StateError, match=r"a simulator answers"):
        driver(device).connect()
    with driver(device, simulated=True) as heater:
        assert heater.identity.simulated


def test_the_flag_that_overrides_the_limit_is_never_sent(heater: Vaheat, device: ScriptedVaheat) -> None:
    """All that the driver can send was looked at: these keys, and no others."""
    device.answers["get_streaming"] = lambda _: data({"mode": "off", "rate": "1"})
    heater.heat_to_c(40.0)
    heater.heat_with_power(1.0, 1.0)
    heater.shock(1.0, 1.0)
    heater.run_profile(STEPS)
    heater.profile(9)
    heater.stream(1)
    heater.streaming_rate_hz()
    heater.stop_heating()
    keys = {key for text in device.sent for key in _keys(json.loads(text))}
    assert "start_heating" in keys
    assert not any("ignore" in key or "limit_error" in key for key in keys)
    sources = [path.read_text() for path in Path(drivers.heater.__file__).parent.glob("vaheat*.py")]
    assert len(sources) > 5
    assert not any("ignore_limit" in source for source in sources)


def test_temperatures_that_cannot_be_are_a_fault_of_the_device(heater: Vaheat, device: ScriptedVaheat) -> None:
    device.status["temperature"] = 3276.7
    with pytest.raises(FaultError, match=r"heater: shows 3276.7 degC"):
        heater.status()
    heater.stop_heating()
    assert device.requests()[-2:] == ["stop_heating", "get_status"]


def _keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in _keys(inner)}
    if isinstance(value, list):
        return {key for inner in value for key in _keys(inner)}
    return set()
