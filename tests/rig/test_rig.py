"""A rig makes all its instruments safe, whatever happens and however many of them are broken."""

import threading
import time
from pathlib import Path

import pytest

from acquisition.config import shipped_names
from acquisition.rig import NotSafeError, open_rig
from acquisition.rig import latch as latch_module
from acquisition.rig.opening import outlives_the_program
from acquisition.rig.reconnecting import Reconnecting
from acquisition.rig.safe_order import PATIENCE_S, in_safe_order
from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError, StateError
from tests.rig.fakes import fake_rig

AT_ONCE = {f"{role} make_safe" for role in ("laser", "shutter", "heater", "stage", "camera")}


def made_safe(calls: list[str], what: str = "make_safe") -> bool:
    """Whether `calls` end with light, heat and then bias going off."""
    return {call.replace(what, "make_safe") for call in calls[-6:-1]} == AT_ONCE and calls[-1] == f"spad_array {what}"


def test_light_goes_off_first_and_the_bias_last() -> None:
    calls: list[str] = []
    fake_rig(calls).make_safe()
    assert len(calls) == 6
    assert made_safe(calls)
    assert {call.split()[0] for call in calls[:3]} == {"laser", "shutter", "camera"}
    assert {call.split()[0] for call in calls[3:5]} == {"heater", "stage"}


def test_every_role_has_its_place_in_the_safe_order_and_what_is_no_source_goes_with_the_heat() -> None:
    rig = fake_rig([])
    light, heat, bias = in_safe_order({**rig.devices, "something new": rig.laser})
    assert [device.name for device in light] == ["laser", "shutter", "camera"]
    assert [device.name for device in heat] == ["heater", "stage", "laser"]
    assert [device.name for device in bias] == ["spad_array"]


@pytest.mark.parametrize("hanging", ["shutter", "heater"])
def test_an_instrument_that_hangs_delays_those_that_come_later_only_a_moment(hanging: str) -> None:
    calls: list[str] = []
    rig = fake_rig(calls, **{hanging: "make_safe"}, hang=hanging)
    begun, safe_after_s = time.monotonic(), []
    bias_off = rig.spad_array._device.make_safe  # type: ignore[attr-defined]
    rig.spad_array._device.make_safe = lambda: (  # type: ignore[attr-defined, method-assign]
        bias_off(),
        safe_after_s.append(time.monotonic() - begun),
    )
    with pytest.raises(NotSafeError, match=hanging):
        rig.make_safe(timeout_s=1.5)
    assert made_safe(calls)
    assert 0.9 * PATIENCE_S < safe_after_s[0] < 1.4


def test_a_source_may_be_on_from_the_moment_a_rig_is_armed_until_all_of_it_was_made_safe() -> None:
    rig = fake_rig([])
    assert rig.arming.armed
    rig.arming.disarm()
    assert not rig.arming.armed
    seen = []
    rig.arming.before = lambda: seen.append(rig.arming.armed)
    rig.arm()
    assert seen == [False]
    assert rig.arming.armed
    rig.make_dark()
    assert rig.arming.armed
    rig.make_safe()
    assert not rig.arming.armed


def test_a_rig_that_could_not_be_made_safe_counts_as_armed() -> None:
    rig = fake_rig([], heater="make_safe")
    rig.arming.disarm()
    with pytest.raises(NotSafeError):
        rig.make_safe()
    assert rig.arming.armed
    assert rig.arming.failed
    rig.arm()
    assert not rig.arming.failed


def test_a_rig_that_nobody_watches_is_not_armed() -> None:
    calls: list[str] = []
    rig = fake_rig(calls)
    rig.arming.disarm()

    def refuse() -> None:
        raise StateError("rig", "the guardian is gone")

    rig.arming.before = refuse
    with pytest.raises(StateError, match="guardian is gone"):
        rig.arm()
    with pytest.raises(StateError, match="stays off"):
        rig.laser.set_emission(True)
    assert calls == []


def test_one_instrument_is_connected_anew_and_the_others_stay_as_they_are() -> None:
    calls: list[str] = []
    rig = fake_rig(calls, heater="close")  # its wire is broken
    rig.connect()
    rig.heater._device._connected = False  # type: ignore[union-attr]
    calls.clear()
    rig.reconnect("heater")
    assert calls == ["heater close", "heater connect"]
    assert rig.heater is not None
    assert rig.heater.connected


def test_an_instrument_that_cannot_be_closed_is_not_connected_twice() -> None:
    calls: list[str] = []
    rig = fake_rig(calls, heater="close")
    rig.connect()
    with pytest.raises(StateError, match="heater: is still connected after it was closed"):
        rig.reconnect("heater")
    assert calls[-1] == "heater close"


def test_an_instrument_that_hangs_while_it_is_connected_anew_is_left_behind_after_its_time() -> None:
    rig = fake_rig([], heater="connect", hang="heater")
    with pytest.raises(DeviceTimeoutError, match=r"heater: is not connected again after 0.1 s; look at its cable"):
        Reconnecting().reconnect(rig.devices["heater"], timeout_s=0.1)


def test_those_whose_connection_was_lost_are_connected_anew() -> None:
    calls: list[str] = []
    rig = fake_rig(calls)
    rig.connect()
    assert rig.reconnect_lost() == []
    rig.laser._device._connected = False  # type: ignore[attr-defined]
    calls.clear()
    assert rig.reconnect_lost() == ["laser"]
    assert calls == ["laser close", "laser connect"]


def test_an_instrument_whose_connection_was_lost_is_made_safe_by_connecting_it_anew() -> None:
    calls: list[str] = []
    rig = fake_rig(calls, heater="make_safe")
    rig.connect()
    calls.clear()
    rig.heater._device._connected = False  # type: ignore[union-attr]
    rig.make_safe()
    assert [call for call in calls if call.startswith("heater")] == ["heater make_safe", "heater connect"]
    assert not rig.arming.armed


@pytest.mark.parametrize("broken", ["laser", "shutter", "heater", "stage", "camera", "spad_array"])
def test_one_instrument_that_fails_does_not_keep_the_others_unsafe(broken: str) -> None:
    calls: list[str] = []
    with pytest.raises(NotSafeError) as error:
        fake_rig(calls, **{broken: "make_safe"}).make_safe()
    assert made_safe(calls)
    assert f"could not make safe: {broken} ({broken}: the wire broke)" in str(error.value)
    assert list(error.value.errors) == [broken]


def test_an_instrument_that_hangs_is_left_behind_after_its_time() -> None:
    calls: list[str] = []
    with pytest.raises(
        NotSafeError, match=r"laser \(not finished after 0.05 s\); done: shutter, camera, heater, stage, spad_array"
    ):
        fake_rig(calls, laser="make_safe", hang="laser").make_safe(timeout_s=0.05)
    assert made_safe(calls)


def test_a_laser_that_hangs_does_not_delay_shutter_and_heater() -> None:
    rig, together = fake_rig([]), threading.Barrier(3)
    for device in (rig.laser, rig.shutter, rig.heater):
        device._device.make_safe = lambda: together.wait(10)  # type: ignore[union-attr, method-assign]
    rig.make_safe()
    assert not together.broken


def test_every_interrupt_waits_until_all_instruments_are_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    rig = fake_rig(calls)
    real_start, real_wait, pressed = threading.Thread.start, threading.Event.wait, []

    def press(what: str, times: int) -> None:
        if threading.current_thread() is threading.main_thread() and pressed.count(what) < times:
            pressed.append(what)
            raise KeyboardInterrupt

    def start(thread: threading.Thread) -> None:
        press("before the thread starts", 1)
        real_start(thread)
        press("after the thread has started", 1)

    def wait(event: threading.Event, timeout: float | None = None) -> bool:
        press("while waiting", 3)
        return real_wait(event, timeout)

    monkeypatch.setattr(threading.Thread, "start", start)
    monkeypatch.setattr(threading.Event, "wait", wait)
    with pytest.raises(KeyboardInterrupt):
        rig.make_safe()
    monkeypatch.undo()
    assert len(pressed) == 5
    assert len(calls) == 6
    assert made_safe(calls)


def test_without_threads_the_instruments_are_made_safe_by_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    calls: list[str] = []
    with pytest.raises(NotSafeError, match="laser"):
        fake_rig(calls, laser="make_safe").make_safe()
    assert len(calls) == 6
    assert made_safe(calls)


SOURCES = {
    "laser": ("set_emission", (True,)),
    "shutter": ("set_open", (True,)),
    "heater": ("heat_to_c", (40.0,)),
    "camera": ("set_em_gain", (200.0,)),
    "spad_array": ("set_bias", (True,)),
}


@pytest.mark.parametrize("role", SOURCES)
def test_after_making_safe_no_source_goes_on_before_the_rig_is_armed(role: str) -> None:
    calls: list[str] = []
    rig, (name, arguments) = fake_rig(calls), SOURCES[role]
    switch_on = getattr(rig.devices[role], name)
    switch_on(*arguments)
    rig.make_safe()
    calls.clear()
    with pytest.raises(StateError, match="stays off: the rig was made safe"):
        switch_on(*arguments)
    assert calls == []
    rig.arm()
    switch_on(*arguments)
    assert len(calls) == 1


@pytest.mark.parametrize("role", SOURCES)
def test_a_source_that_is_just_being_switched_on_is_off_when_making_safe_returns(role: str) -> None:
    calls: list[str] = []
    rig, (name, _) = fake_rig(calls), SOURCES[role]
    guard = rig.devices[role]
    device = guard._device  # type: ignore[attr-defined]
    inside, safe_once, refused = threading.Event(), threading.Event(), []
    make_safe = device.make_safe

    def switch_on_slowly(value: object) -> None:
        inside.set()
        assert safe_once.wait(10)
        calls.append(f"{role} on")

    def note_make_safe() -> None:
        make_safe()
        safe_once.set()

    def switch_on() -> None:
        with pytest.raises(StateError):
            getattr(guard, name)(SOURCES[role][1][0])
        refused.append(True)

    setattr(device, name, switch_on_slowly)
    device.make_safe = note_make_safe
    thread = threading.Thread(target=switch_on)
    thread.start()
    assert inside.wait(10)
    rig.make_safe()
    mine = [call for call in calls if call.startswith(role)]
    assert mine[:2] == [f"{role} make_safe", f"{role} on"]
    assert mine[-1] == f"{role} make_safe"
    thread.join(10)
    assert refused == [True]


def test_a_call_that_switches_on_and_hangs_is_told_and_undone_when_it_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(latch_module, "SWITCHING_TIMEOUT_S", 0.05)
    calls: list[str] = []
    rig, inside, release = fake_rig(calls), threading.Event(), threading.Event()

    def hang(on: bool) -> None:
        inside.set()
        release.wait(30)
        calls.append("laser on after all")

    def switch_on() -> None:
        with pytest.raises(StateError, match="stays off"):
            rig.laser.set_emission(True)

    rig.laser._device.set_emission = hang  # type: ignore[attr-defined, method-assign]
    thread = threading.Thread(target=switch_on)
    thread.start()
    try:
        assert inside.wait(10)
        with pytest.raises(NotSafeError, match=r"laser: was being switched on and has not answered"):
            rig.make_safe()
    finally:
        release.set()
        thread.join(10)
    assert calls[-2:] == ["laser on after all", "laser make_safe"]


def test_a_rig_is_not_armed_while_it_is_made_safe() -> None:
    calls: list[str] = []
    rig, refused = fake_rig(calls), []

    def arm() -> None:
        with pytest.raises(StateError, match="just being made safe"):
            rig.arm()
        refused.append(True)

    rig.heater._device.make_safe = arm  # type: ignore[union-attr, method-assign]
    rig.make_safe()
    assert refused == [True]
    rig.arm()
    rig.laser.set_emission(True)
    assert calls[-1] == "laser emission True"


def test_all_failures_are_told_at_once() -> None:
    with pytest.raises(NotSafeError, match=r"laser .*; heater "):
        fake_rig([], laser="make_safe", heater="make_safe").make_safe()


def test_leaving_a_rig_closes_every_instrument_also_after_an_error() -> None:
    calls: list[str] = []
    with pytest.raises(ValueError, match="mine"), fake_rig(calls):
        raise ValueError("mine")
    assert made_safe(calls, "close")


def test_a_rig_of_which_one_instrument_cannot_be_reached_is_closed_again() -> None:
    calls: list[str] = []
    with pytest.raises(CommunicationError, match="heater"):
        fake_rig(calls, heater="connect").connect()
    assert made_safe(calls, "close")
    assert "spad_array connect" not in calls


def test_a_real_rig_knows_no_truth_and_does_not_say_that_it_is_simulated() -> None:
    rig = fake_rig([])
    assert rig.truth() is None
    assert not rig.simulated


@pytest.mark.parametrize("name", [name for name in shipped_names("rigs") if not outlives_the_program(name)])
def test_a_shipped_rig_opens_dark_and_cold_and_says_that_it_is_simulated(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_rig(name) as rig:
        assert rig.simulated
        assert not rig.laser.status().emission
        assert rig.shutter is None or not rig.shutter.is_open()
        assert rig.heater is None or not rig.heater.status().heating
        assert set(rig.fingerprint()["devices"]) == set(rig.devices)
    assert not any(device.connected for device in rig.devices.values())
