"""Whether a rig may be switched on, what of it may be on, and which call into it does not come back."""

import threading

import pytest

from acquisition.rig import NotSafeError
from acquisition.rig.arming import Arming
from acquisition.rig.latch import SafetyLatch
from drivers.interfaces.errors import CommunicationError, StateError
from tests.rig.fakes import fake_rig

WAIT_S = 10.0


def test_a_stop_that_comes_while_a_rig_is_armed_has_the_last_word() -> None:
    latch = SafetyLatch()
    arming = Arming(latch)
    arming.disarm()

    def stop() -> None:
        with arming.making_safe():
            pass

    arming.before = stop
    with pytest.raises(StateError, match="made safe"):
        arming.arm()
    assert latch.latched
    assert not arming.armed
    arming.before = lambda: None
    arming.arm()
    assert (latch.latched, arming.armed) == (False, True)


def test_from_the_moment_the_latch_is_open_the_rig_counts_as_armed() -> None:
    latch, seen = SafetyLatch(), []
    arming = Arming(latch)
    arming.disarm()
    release = latch.release

    def watched(times, released) -> None:
        release(times, lambda: (released(), seen.append((latch.latched, arming.armed))))

    latch.release = watched
    arming.arm()
    assert seen == [(False, True)]


@pytest.mark.parametrize(
    ("role", "on", "off"),
    [
        ("laser", lambda device: device.set_emission(True), lambda device: device.set_emission(False)),
        ("shutter", lambda device: device.set_open(True), lambda device: device.set_open(False)),
        ("heater", lambda device: device.heat_to_c(40.0), lambda device: device.stop_heating()),
        ("camera", lambda device: device.set_em_gain(10.0), lambda device: device.set_em_gain(1.0)),
        ("spad_array", lambda device: device.set_bias(True), lambda device: device.set_bias(False)),
    ],
)
def test_an_instrument_may_be_on_until_it_was_switched_off_or_made_safe_for_sure(role, on, off) -> None:
    rig = fake_rig([])
    rig.connect()
    device = rig.devices[role]
    if role == "shutter":
        rig.laser.set_emission(True)
    assert not rig.arming.may_be_on(device)
    for way in (off, lambda device: device.make_safe()):
        on(device)
        assert rig.arming.may_be_on(device)
        way(device)
        assert not rig.arming.may_be_on(device)
    on(device)
    device._device.trouble = "make_safe"
    with pytest.raises(CommunicationError):
        device.make_safe()
    assert rig.arming.may_be_on(device)


def test_a_call_that_does_not_come_back_is_known_with_its_instrument_and_its_time() -> None:
    rig, inside, let_go = fake_rig([]), threading.Event(), threading.Event()
    assert rig.arming.oldest_call is None
    rig.laser._device.status = lambda: (inside.set(), let_go.wait(WAIT_S))
    thread = threading.Thread(target=rig.laser.status)
    thread.start()
    assert inside.wait(WAIT_S)
    what, since_s = rig.arming.oldest_call
    let_go.set()
    thread.join(WAIT_S)
    assert what == "status of laser"
    assert 0.0 <= since_s < WAIT_S
    assert rig.arming.oldest_call is None


def test_what_may_be_on_and_has_lost_its_connection_is_made_safe_over_a_new_one_when_the_rig_is_closed() -> None:
    calls: list[str] = []
    rig = fake_rig(calls)
    rig.connect()
    rig.heater.heat_to_c(40.0)
    rig.heater._device._connected = rig.stage._device._connected = False
    calls.clear()
    rig.close()
    assert [call for call in calls if call.startswith("heater")] == ["heater connect", "heater close"]
    assert [call for call in calls if call.startswith("stage")] == ["stage close"]


def test_what_may_be_on_and_cannot_be_reached_is_told_when_the_rig_is_closed() -> None:
    rig = fake_rig([])
    rig.connect()
    rig.heater.heat_to_c(40.0)
    rig.heater._device._connected, rig.heater._device.trouble = False, "connect"
    with pytest.raises(NotSafeError, match=r"could not close: heater .*by hand"):
        rig.close()
    assert rig.arming.failed
    rig.heater._device.trouble = ""
    rig.close()
    assert not rig.arming.armed
