import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from drivers.heater.vaheat import Vaheat
from drivers.heater.vaheat_replies import Request
from drivers.heater.vaheat_settings import PowerPermit, VaheatPermits
from drivers.heater.vaheat_wire import VaheatWire
from drivers.interfaces.errors import CommunicationError, DeviceError, DeviceTimeoutError, StateError
from tests.drivers.heater.scripted_vaheat import NOTHING, SUCCESS, ScriptedVaheat, data, driver

SAFE_WITHIN_S = 2.0


@pytest.fixture
def device() -> ScriptedVaheat:
    return ScriptedVaheat()


@pytest.fixture
def heater(device: ScriptedVaheat) -> Iterator[Vaheat]:
    with driver(device) as heater:
        yield heater


def test_silence_is_an_error_that_says_what_to_do(heater: Vaheat, device: ScriptedVaheat) -> None:
    good, device.answers["get_status"] = device.answers["get_status"], lambda _: NOTHING
    with pytest.raises(DeviceTimeoutError, match=r"heater: gave no answer to get_status within 0.1 s.*check its cable"):
        heater.status()
    device.answers["get_status"] = good
    assert heater.status().temperature_c == 26.6


def test_a_late_reply_is_not_taken_for_the_answer_to_the_next_question(heater: Vaheat, device: ScriptedVaheat) -> None:
    good, late = device.answers["get_status"], data({**device.status, "temperature": 99.0})
    device.answers["get_status"] = lambda _: NOTHING
    with pytest.raises(DeviceTimeoutError):
        heater.status()
    device.answers["get_status"] = good
    info = device.answers["get_info"]
    device.answers["get_info"] = lambda asked: late + info(asked)  # it comes when the next question is under way
    assert heater.status().temperature_c == 26.6


def test_after_a_reply_that_was_lost_the_next_one_goes_to_its_own_question(
    heater: Vaheat, device: ScriptedVaheat
) -> None:
    good = device.answers["get_status"]
    device.answers["get_status"] = lambda _: NOTHING
    for _ in range(3):
        with pytest.raises(DeviceTimeoutError):
            heater.status()
    device.answers["get_status"] = good
    device.status["temperature"] = 31.5
    assert [heater.status().temperature_c for _ in range(2)] == [31.5, 31.5]


def test_replies_that_name_their_command_are_sorted_by_it(heater: Vaheat, device: ScriptedVaheat) -> None:
    other = b'{"command": "GET_INFO", "success": true, "data": ' + json.dumps(device.status).encode() + b"}"
    named = json.dumps({"command": "GET_STATUS", "success": True, "data": {**device.status, "temperature": 30.0}})
    device.answers["get_status"] = lambda _: other + named.encode()
    assert heater.status().temperature_c == 30.0


def test_packets_of_streaming_come_between_replies_and_disturb_nothing(heater: Vaheat, device: ScriptedVaheat) -> None:
    whole = data(device.status)
    device.answers["get_status"] = lambda _: (
        b'{"temperature": 1.0}\n' + whole + b'{"temperature": 2.0,\n "onoff": true}'
    )
    assert heater.status().temperature_c == 26.6
    assert heater.status().temperature_c == 26.6
    assert heater.packet in ({"temperature": 1.0}, {"temperature": 2.0, "onoff": True})


def test_the_rest_of_a_packet_from_before_does_not_hinder_connecting(device: ScriptedVaheat) -> None:
    device.say(b'perature": 26.6\r\n}\r\n')
    with driver(device) as heater:
        assert heater.status().temperature_c == 26.6


def test_a_reply_that_names_a_word_of_its_own_is_taken_in_order(heater: Vaheat, device: ScriptedVaheat) -> None:
    device.answers["get_status"] = lambda _: json.dumps(
        {"command": "STATUS", "success": True, "data": device.status}
    ).encode()
    assert heater.status().temperature_c == 26.6


def test_an_object_that_does_not_end_while_packets_come_is_given_up(heater: Vaheat, device: ScriptedVaheat) -> None:
    device.say(b'{"temperature": {')
    ended = threading.Event()
    packets = threading.Thread(target=lambda: [device.say(b'{"a": 1}\r\n') for _ in range(200) if not ended.wait(0.05)])
    packets.start()
    try:
        assert _asked_until_it_answers(heater) == 26.6
    finally:
        ended.set()
        packets.join(10.0)


JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.lists(st.integers(), max_size=2)
NUMBERS = ("temperature", "setpoint")
KEYS = (*NUMBERS, "mode", "keylock_active", "heating_active", "setpoint_unit", "alarm")


@st.composite
def malformed_states(draw: st.DrawFn) -> bytes:
    """Replies to ``get_status`` that are no valid state: cut off, of the wrong type, not finite, doubled, foreign."""
    good = {**ScriptedVaheat().status, "temperature": 26.6}
    whole, kind = data(good), draw(st.integers(0, 4))
    key = draw(st.sampled_from(KEYS))
    if kind == 0:
        return whole[: draw(st.integers(0, len(whole) - 6))]
    if kind == 1:
        wrong = draw(JSON.filter(lambda value: not _is_right(key, value)))
        return json.dumps({"success": True, "data": {**good, key: wrong}}).encode()
    if kind == 2:
        return whole.replace(
            b"26.6", draw(st.sampled_from([b"NaN", b"Infinity", b"1e999", b'"hot"', b"9" * 400, b"2 6"]))
        )
    if kind == 3:
        return json.dumps({"success": True, "data": {name: good[name] for name in good if name != key}}).encode()
    return draw(st.binary(min_size=1, max_size=60).filter(lambda text: b"temperature" not in text))


def _is_right(key: str, value: Any) -> bool:
    if key in NUMBERS:
        return isinstance(value, int) and not isinstance(value, bool) and -60 <= value <= 600
    if key in ("keylock_active", "heating_active"):
        return isinstance(value, bool)
    return isinstance(value, str) and value != ""


def test_malformed_replies_are_errors_that_name_the_device_never_a_hang_or_a_number() -> None:
    device = ScriptedVaheat()
    good = device.answers["get_status"]
    with driver(device, reply_timeout_s=0.05) as heater:

        @examples(max_examples=60)
        @given(text=malformed_states())
        def each(text: bytes) -> None:
            device.answers["get_status"] = lambda _: text
            begin_s = time.monotonic()
            with pytest.raises(DeviceError, match=r"^heater: "):
                heater.status()
            assert time.monotonic() - begin_s < 1.0
            device.answers["get_status"] = good
            assert _asked_until_it_answers(heater) == 26.6

        each()


def _asked_until_it_answers(heater: Vaheat) -> float:
    """Ask again as often as a person would: what comes is an error or right."""
    for _ in range(5):
        try:
            return heater.status().temperature_c
        except CommunicationError:
            continue
    raise AssertionError("no answer any more")


@pytest.mark.parametrize("text", [b'{"success": "yes"}', b'{"data": {}}', b'{"success": false}', b"{}", b"null", b"OK"])
def test_a_start_that_is_not_confirmed_is_an_error_and_is_stopped(device: ScriptedVaheat, text: bytes) -> None:
    with driver(device) as heater:
        device.answers["start_heating"] = lambda _: device.status.update(heating_active=True) or text
        with pytest.raises(DeviceError, match=r"^heater: "):
            heater.heat_to_c(40.0)
        assert device.status["heating_active"] is False


def test_stopping_does_not_wait_for_a_request_that_is_under_way(device: ScriptedVaheat) -> None:
    asked = threading.Event()
    with driver(device, reply_timeout_s=5.0) as heater:
        device.answers["get_streaming"] = lambda _: asked.set() or NOTHING
        failures: list[DeviceError] = []
        waiting = threading.Thread(target=lambda: failures.append(_failure_of(heater.streaming_rate_hz)))
        waiting.start()
        assert asked.wait(5.0)
        begin_s = time.monotonic()
        heater.make_safe()
        assert time.monotonic() - begin_s < SAFE_WITHIN_S
        assert device.requests()[-2:] == ["stop_heating", "get_status"]
        waiting.join(5.0)  # it is told that its answer was passed over
        assert "gave no answer to get_streaming" in str(failures[0])


def test_what_was_about_to_heat_when_it_was_stopped_does_not_heat(device: ScriptedVaheat) -> None:
    good = device.answers["get_status"]
    looked, stopped = threading.Event(), threading.Event()

    def slow_look(asked: object) -> bytes:
        device.answers["get_status"] = good
        looked.set()
        threading.Thread(target=lambda: stopped.wait(5.0) and device.say(good(asked))).start()
        return NOTHING

    with driver(device, reply_timeout_s=5.0) as heater:
        device.answers["get_status"] = slow_look
        failures: list[DeviceError] = []
        starting = threading.Thread(target=lambda: failures.append(_failure_of(lambda: heater.heat_to_c(40.0))))
        starting.start()
        assert looked.wait(5.0)
        device.answers["stop_heating"] = lambda _: stopped.set() or SUCCESS
        heater.make_safe()
        starting.join(5.0)
        assert isinstance(failures[0], StateError | CommunicationError)
        assert "start_heating" not in device.requests()


def test_nothing_starts_after_a_stop_that_came_since_it_was_decided(device: ScriptedVaheat) -> None:
    wire = VaheatWire("heater", device, lambda wire: None)
    try:
        before = wire.stops
        wire.answer(wire.stop(), 1.0)
        with pytest.raises(StateError, match=r"was stopped meanwhile; start_heating was not sent"):
            wire.ask(Request("start_heating", {"mode": "AUTO"}), 1.0, unless_stopped_since=before)
        assert device.requests() == ["stop_heating"]
    finally:
        wire.close()


def test_making_safe_tells_when_the_device_does_not_confirm(device: ScriptedVaheat) -> None:
    heater = driver(device)
    heater.connect()
    device.answers["stop_heating"] = lambda _: SUCCESS
    device.status["heating_active"] = True
    begin_s = time.monotonic()
    with pytest.raises(CommunicationError, match=r"heater: does not confirm .*Switch it off at the device"):
        heater.make_safe()
    assert time.monotonic() - begin_s < SAFE_WITHIN_S
    with pytest.raises(CommunicationError, match=r"does not confirm"):
        heater.close()
    assert device.closed
    assert not heater.connected


def test_closing_while_nothing_answers_is_bounded_and_frees_the_port(device: ScriptedVaheat) -> None:
    heater = driver(device)
    heater.connect()
    device.answers = {name: lambda _: NOTHING for name in device.answers}
    begin_s = time.monotonic()
    with pytest.raises(CommunicationError, match=r"heater"):
        heater.close()
    assert time.monotonic() - begin_s < 2 * SAFE_WITHIN_S
    assert device.closed
    heater.close()


def test_a_port_that_cannot_be_opened_is_told_with_what_to_do() -> None:
    def refuse(port: str, baud_rate: int) -> ScriptedVaheat:
        raise OSError("Access is denied")

    heater = driver(ScriptedVaheat())
    heater._open_port = refuse
    with pytest.raises(CommunicationError, match=r"heater: its port COM3 cannot be opened: Access is denied\. Check"):
        heater.connect()


def test_direct_heating_is_stopped_when_its_time_is_over(device: ScriptedVaheat) -> None:
    permits = VaheatPermits(direct=PowerPermit(longest_s=1, highest_power_percent=20))
    stop, stopped = device.answers["stop_heating"], threading.Event()
    with driver(device, permits=permits) as heater:
        begin_s = time.monotonic()
        heater.heat_with_power(10.0, 0.3)
        assert heater.status().heating
        device.answers["stop_heating"] = lambda asked: stopped.set() or stop(asked)
        assert stopped.wait(5.0)
        assert time.monotonic() - begin_s >= 0.3
        assert not heater.status().heating


def test_direct_heating_is_stopped_again_until_the_device_says_that_it_is_off(device: ScriptedVaheat) -> None:
    permits = VaheatPermits(direct=PowerPermit(longest_s=1, highest_power_percent=20))
    stop, stops, off = device.answers["stop_heating"], [], threading.Event()

    def deaf(asked: object) -> bytes:
        stops.append(asked)
        if len(stops) < 3:
            return SUCCESS
        off.set()
        return stop(asked)

    with driver(device, permits=permits) as heater:
        heater.heat_with_power(10.0, 0.1)
        device.answers["stop_heating"] = deaf
        assert off.wait(10.0)
        assert not heater.status().heating


def test_no_thread_is_left_after_closing(device: ScriptedVaheat) -> None:
    heater = driver(device)
    heater.connect()
    assert any(thread.name == "heater reader" for thread in threading.enumerate())
    heater.close()
    assert not any(thread.name == "heater reader" for thread in threading.enumerate())


def test_a_failure_while_connecting_leaves_no_thread_and_no_port(device: ScriptedVaheat) -> None:
    device.answers["get_settings"] = lambda _: b'{"success": true, "data": {"temperature_limit": 50}}'
    with pytest.raises(CommunicationError, match=r"no answer to get_settings .*temperature_limit.* instead"):
        driver(device).connect()
    assert device.closed
    assert not any(thread.name == "heater reader" for thread in threading.enumerate())


def _failure_of(call: Any) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        call()
    return caught.value
