"""An Andor camera is made safe whatever goes on, and a wrong one is refused."""

import threading
import time

import pytest

from drivers.camera.andor_sdk2 import AndorSdk2Camera
from drivers.interfaces.errors import (
    CommunicationError,
    DeviceError,
    DeviceTimeoutError,
    RangeError,
    StateError,
)
from tests.drivers.camera.cameras import (
    SETTINGS,
    bench,
    camera_on,
    double_on,
    lit,
)
from tests.drivers.camera.recording import Recorded


def recorded_camera(**settings: object) -> tuple[Recorded, AndorSdk2Camera]:
    """Return a connected camera and what records its calls; none yet."""
    library = Recorded(double_on(bench(), transient_every=0))
    camera = camera_on(library, **settings)
    camera.connect()
    library.calls.clear()
    return library, camera


def test_being_made_safe_aborts_first_then_switches_the_gain_off_and_closes_the_shutter_whatever_fails() -> None:
    library, camera = recorded_camera()
    library.answers["AbortAcquisition"] = 20013
    library.answers["SetEMCCDGain"] = 20089
    with pytest.raises(CommunicationError, match="AbortAcquisition returned 20013"):
        camera.make_safe()
    assert library.calls == [("AbortAcquisition",), ("SetEMCCDGain", 0), ("SetShutter", 1, 2, 0, 0)]


def test_is_made_safe_from_another_thread_within_two_seconds_while_it_exposes() -> None:
    double = double_on(lit(bench()))
    camera = camera_on(double)
    camera.connect()
    camera.set_exposure_s(0.02)
    camera.set_em_gain(50.0)
    running = threading.Event()

    def take() -> None:
        for _ in camera.frames(500):
            running.set()

    thread = threading.Thread(target=take)
    thread.start()
    assert running.wait(10)
    begun = time.monotonic()
    camera.make_safe()
    assert time.monotonic() - begun < 2.0
    state = double.state()
    assert (state["em_gain"], state["shutter_open"], state["acquiring"]) == (1, False, False)
    thread.join(10)
    assert not thread.is_alive()
    assert double.state()["shutter_open"] is False


def test_a_call_that_does_not_come_back_does_not_hang_being_made_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.camera.andor_link.LOCK_TIMEOUT_S", 0.05)
    library, camera = recorded_camera()
    inside, leave = threading.Event(), threading.Event()

    def hang() -> None:
        inside.set()
        leave.wait(10)

    library.before["CoolerON"] = hang
    thread = threading.Thread(target=lambda: camera.set_cooler(True))
    thread.start()
    assert inside.wait(10)
    with pytest.raises(DeviceTimeoutError, match="EM gain and shutter unknown"):
        camera.make_safe()
    leave.set()
    thread.join(10)
    camera.make_safe()


@pytest.mark.parametrize(("policy", "on", "mode"), [("off", False, 0), ("keep", True, 1)])
def test_the_cooler_goes_on_with_the_connection_and_stays_or_goes_with_its_end(
    policy: str, on: bool, mode: int
) -> None:
    library = Recorded(double_on(bench()))
    camera = camera_on(library, cooler_on_connect=True, cooler_on_close=policy, temperature_c=-70.0)
    camera.connect()
    assert camera.status().cooler
    assert camera.status().setpoint_c == -70.0
    library.calls.clear()
    camera.close()
    assert ("SetCoolerMode", mode) in library.calls
    assert library.names()[-1] == "ShutDown"
    assert library.double.state()["cooler"] is on


def test_a_wrong_camera_is_refused_and_the_sdk_left_closed() -> None:
    double = double_on(bench(), serial=77)
    for settings, words in (({"serial_number": 78}, "is camera 77.*expects 78"), ({"camera_index": 3}, "there are 1")):
        camera = camera_on(double, **settings)
        with pytest.raises(DeviceError, match=words):
            camera.connect()
        assert not camera.connected
        assert double.state()["initialised"] is False


def test_a_double_is_no_hardware_and_hardware_no_double() -> None:
    with pytest.raises(StateError, match="a simulator answers"):
        camera_on(double_on(bench()), simulated=False).connect()
    with pytest.raises(ValueError, match="simulated: true"):
        SETTINGS.model_validate({**SETTINGS.model_dump(), "simulated": False})


def test_a_library_that_is_not_there_is_told_with_its_path_and_what_to_do() -> None:
    camera = AndorSdk2Camera("camera", SETTINGS.model_copy(update={"library": "/nowhere/libandor.so"}))
    with pytest.raises(CommunicationError, match=r"camera: .*/nowhere/libandor.so.*give its path"):
        camera.connect()


def test_a_temperature_that_the_camera_cannot_reach_is_refused_when_it_is_connected() -> None:
    with pytest.raises(RangeError, match="temperature = -110"):
        camera_on(double_on(bench()), temperature_c=-110.0).connect()


def test_a_function_that_does_not_come_back_is_told_in_time_and_the_next_ones_at_once_until_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("drivers.camera.andor_wire.CALL_S", 0.1)
    library, camera = recorded_camera()
    leave = threading.Event()
    library.before["GetTemperatureF"] = lambda: leave.wait(30)
    with pytest.raises(DeviceTimeoutError, match=r"camera: GetTemperatureF has not come back for 0.1 s"):
        camera.status()
    begun, called = time.monotonic(), len(library.calls)
    for call in (camera.readings, camera.make_safe, camera.status, camera.close, camera.connect):
        with pytest.raises(DeviceTimeoutError, match="still busy with GetTemperatureF"):
            call()
    assert time.monotonic() - begun < 1.0
    assert len(library.calls) == called
    leave.set()
    while "GetTemperatureF" in (thread.name for thread in threading.enumerate()):
        leave.wait(0.001)
    camera.connect()
    assert camera.status().em_gain == 1
    camera.close()


def test_a_camera_that_vanished_with_its_gain_up_is_opened_anew_to_make_it_safe_when_it_is_closed() -> None:
    world = bench()
    double = double_on(world)
    camera = camera_on(double)
    camera.connect()
    camera.set_em_gain(20.0)
    world.faults.begin("camera_vanished")
    with pytest.raises(CommunicationError, match="vanished"):
        camera.status()
    for act in (camera.close, camera.make_safe, camera.close):
        with pytest.raises(CommunicationError, match=r"camera: its EM gain may be up or its shutter open.*light off"):
            act()
    world.faults.end("camera_vanished")
    double.em_gain = 20
    camera.close()
    assert (double.state()["em_gain"], double.state()["initialised"]) == (1, False)
    camera.close()
    camera.make_safe()


def test_a_camera_that_vanished_with_its_gain_off_and_its_shutter_closed_is_closed_quietly() -> None:
    world = bench()
    camera = camera_on(double_on(world))
    camera.connect()
    camera.set_em_gain(20.0)
    list(camera.frames(1))
    camera.set_em_gain(1.0)
    world.faults.begin("camera_vanished")
    with pytest.raises(CommunicationError, match="vanished"):
        camera.status()
    camera.close()
    assert not camera.connected
