"""Making a rig dark takes the light off the sample and leaves heat, bias and latch alone."""

import threading

import pytest

from acquisition.rig import NotSafeError, open_rig
from drivers.interfaces.errors import StateError
from tests.rig.fakes import fake_rig

LIGHT = {"laser make_safe", "shutter make_safe", "camera make_safe"}


def test_only_light_goes_off() -> None:
    calls: list[str] = []
    fake_rig(calls).make_dark()
    assert set(calls) == LIGHT
    assert len(calls) == len(LIGHT)


def test_heat_and_bias_stay_and_the_light_may_come_back() -> None:
    with open_rig("simulated") as rig:
        assert rig.shutter is not None
        assert rig.heater is not None
        rig.arm()
        rig.heater.heat_to_c(40.0)
        rig.spad_array.set_bias(True)
        rig.laser.set_emission(True)
        rig.shutter.set_open(True)
        rig.make_dark()
        assert not rig.laser.status().emission
        assert not rig.shutter.is_open()
        assert rig.heater.status().heating
        assert rig.spad_array.readings()["bias"]
        rig.shutter.set_open(True)
        rig.laser.set_emission(True)
        assert rig.laser.status().emission


def test_a_rig_that_was_made_safe_stays_latched() -> None:
    rig = fake_rig([])
    rig.make_safe()
    rig.make_dark()
    with pytest.raises(StateError, match="stays off"):
        rig.laser.set_emission(True)


@pytest.mark.parametrize("broken", ["laser", "shutter", "camera"])
def test_one_instrument_that_fails_does_not_keep_the_others_bright(broken: str) -> None:
    calls: list[str] = []
    with pytest.raises(NotSafeError, match=rf"could not make dark: {broken} .*the wire broke") as error:
        fake_rig(calls, **{broken: "make_safe"}).make_dark()
    assert set(calls) == LIGHT
    assert list(error.value.errors) == [broken]


def test_an_instrument_that_hangs_is_left_behind_after_its_time() -> None:
    calls: list[str] = []
    with pytest.raises(NotSafeError, match=r"laser \(not finished after 0.05 s\); done: shutter, camera"):
        fake_rig(calls, laser="make_safe", hang="laser").make_dark(timeout_s=0.05)
    assert set(calls) == LIGHT


def test_light_that_is_just_being_switched_on_is_off_when_it_returns() -> None:
    calls: list[str] = []
    rig, inside, dark_once = fake_rig(calls), threading.Event(), threading.Event()
    laser = rig.laser._device
    make_safe = laser.make_safe

    def switch_on_slowly(on: bool) -> None:
        inside.set()
        assert dark_once.wait(10)
        calls.append("laser on")

    def note_make_safe() -> None:
        make_safe()
        dark_once.set()

    laser.set_emission, laser.make_safe = switch_on_slowly, note_make_safe  # type: ignore[attr-defined, method-assign]
    thread = threading.Thread(target=lambda: rig.laser.set_emission(True))
    thread.start()
    assert inside.wait(10)
    rig.make_dark()
    thread.join(10)
    mine = [call for call in calls if call.startswith("laser")]
    assert mine == ["laser make_safe", "laser on", "laser make_safe"]
