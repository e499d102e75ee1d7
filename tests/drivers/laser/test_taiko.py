"""A Taiko PDL M1 through a double of its library."""

import ctypes
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers.interfaces.errors import (
    CommunicationError,
    DeviceError,
    DeviceTimeoutError,
    FaultError,
    InterlockError,
    OperatorNeeded,
    StateError,
)
from drivers.laser.pdlm_lib import load_library
from drivers.laser.taiko_pdl_m1 import TaikoPdlM1
from drivers.laser.taiko_settings import TaikoSettings
from simulators.sdk.taiko import TaikoLibrary
from tests.drivers.laser.talking import bench

EXTERNAL = {"triggering": "external rising", "external_rate": "1 MHz", "trigger_level": "0.5 V"}


def taiko(library: Any = None, **more: str) -> TaikoPdlM1:
    found = TaikoSettings.model_validate({"library": "simulated", **more})
    return TaikoPdlM1("laser", found, library or TaikoLibrary(bench()))


def test_it_is_locked_before_anything_is_set() -> None:
    called: list[str] = []

    class Listening(TaikoLibrary):
        def __getattribute__(self, name: str) -> Any:
            if name.startswith("PDLM_Set"):
                called.append(name)
            return super().__getattribute__(name)

        def __getattr__(self, name: str) -> Any:
            return super().__getattr__(name)

    laser = taiko(Listening(bench()))
    laser.connect()
    assert called[0] == "PDLM_SetSoftLock"
    assert not laser.status().emission


def test_it_shines_into_the_bench() -> None:
    world = bench()
    laser = taiko(TaikoLibrary(world))
    laser.connect()
    laser.set_repetition_rate_hz(2e6)
    laser.set_intensity_percent(20.0)
    laser.set_emission(True)
    assert (world.beam.emission, world.beam.repetition_rate_hz, world.beam.intensity_percent) == (True, 2e6, 20.0)
    laser.close()
    assert not world.beam.emission


def test_its_settings_say_what_intensity_means() -> None:
    assert taiko().settings()["intensity_means"] == "share of the calibrated pulse power"
    assert taiko(**EXTERNAL).settings()["intensity_means"] == "share of the voltage of the laser diode"


def test_the_intensity_is_read_back_in_steps_of_a_per_mille() -> None:
    laser = taiko()
    laser.connect()
    laser.set_intensity_percent(20.04)
    assert laser.status().intensity_percent == 20.0


def test_the_rate_of_an_external_trigger_is_declared() -> None:
    laser = taiko(**EXTERNAL)
    laser.connect()
    assert laser.declared == {"repetition_rate_hz"}
    laser.set_repetition_rate_hz(1e6)
    with pytest.raises(OperatorNeeded, match="set what triggers the Taiko to 2e\\+06 Hz") as needed:
        laser.set_repetition_rate_hz(2e6)
    assert laser.status().repetition_rate_hz == 1e6
    needed.value.confirm()
    assert laser.status().repetition_rate_hz == 2e6


@pytest.mark.parametrize(("rate_hz", "reading"), [(1_000_000, 1_000_000.0), (8_000, None), (500, None)])
def test_the_counter_of_the_trigger_is_believed_above_8_khz_only(rate_hz: int, reading: float | None) -> None:
    library = TaikoLibrary(bench())
    library.external_hz = rate_hz
    laser = taiko(library, **EXTERNAL)
    laser.connect()
    assert laser.readings()["external_trigger_hz"] == reading


@pytest.mark.parametrize(
    ("bit", "error", "reason"),
    [
        (1 << 25, InterlockError, "turn the key"),
        (1 << 23, InterlockError, "press it"),
        (1 << 12, FaultError, "laser head missing"),
        (1 << 26, FaultError, "stays locked"),
    ],
)
def test_a_locked_laser_says_why_it_does_not_shine(bit: int, error: type[DeviceError], reason: str) -> None:
    library = TaikoLibrary(bench())
    laser = taiko(library)
    laser.connect()
    library.locks = bit
    with pytest.raises(error, match=reason):
        laser.set_emission(True)
    library.locks = 0
    assert not laser.status().emission


def test_a_pulled_cable_is_an_error_and_it_can_be_connected_again() -> None:
    library = TaikoLibrary(bench())
    laser = taiko(library)
    laser.connect()
    library.plugged_in = False
    with pytest.raises(CommunicationError, match=r"laser: .*USB IOCTL failed.*connect it again"):
        laser.status()
    with pytest.raises(CommunicationError):
        laser.close()
    assert not laser.connected
    library.plugged_in = True
    laser.connect()
    assert not laser.status().emission


def test_one_in_use_elsewhere_or_of_another_number_is_not_opened() -> None:
    library = TaikoLibrary(bench())
    with pytest.raises(CommunicationError, match="serial number '7654321'"):
        taiko(library, serial="7654321").connect()
    library.PDLM_OpenDevice(0, ctypes.create_string_buffer(b"", 16))
    with pytest.raises(CommunicationError, match="in use by another program"):
        taiko(library).connect()


def test_a_trigger_level_beyond_the_limits_is_refused() -> None:
    with pytest.raises(DeviceError, match=r"trigger_level_v = 1\.5 is outside"):
        taiko(**{**EXTERNAL, "trigger_level": "1.5 V"}).connect()


def test_a_double_and_the_settings_belong_together() -> None:
    with pytest.raises(StateError, match="belong together"):
        TaikoPdlM1("laser", TaikoSettings(library="simulated"))
    with pytest.raises(StateError, match="belong together"):
        TaikoPdlM1("laser", TaikoSettings(), TaikoLibrary(bench()))


def test_a_library_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="Windows only" if sys.platform != "win32" else "there is no"):
        load_library("laser", str(tmp_path / "PDLM_Lib.dll"))


@pytest.mark.parametrize("settings", [{"triggering": "external rising"}, {"external_rate": "1 MHz"}])
def test_an_external_trigger_and_its_keys_belong_together(settings: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="external"):
        TaikoSettings.model_validate(settings)


@settings(max_examples=60, deadline=None)
@given(where=st.integers(0, 40), code=st.integers(-60, -1))
def test_any_code_at_any_call_is_an_error_that_names_it_or_does_not_matter(where: int, code: int) -> None:
    world, count = bench(), 0

    class Failing(TaikoLibrary):
        def _call(self, function: Any, index: int, arguments: tuple[Any, ...]) -> int:
            nonlocal count
            count += 1
            return code if count == where else super()._call(function, index, arguments)

    laser = taiko(Failing(world))
    failed = ""
    try:
        laser.connect()
        laser.set_intensity_percent(20.0)
        laser.set_emission(True)
        laser.readings()
    except DeviceError as error:
        failed = error.device
    assert failed in {"", "laser"}
    count = 1000
    laser.make_safe()
    assert not world.beam.emission


class Stuck(TaikoLibrary):
    """A library one of whose functions does not come back before `leave` is set."""

    def __init__(self, function: str) -> None:
        super().__init__(bench())
        self.stuck, self.leave, self.inside = "", threading.Event(), threading.Event()
        self.function = function

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("PDLM_") and name == super().__getattribute__("stuck"):
            return super().__getattribute__("wait")
        return super().__getattribute__(name)

    def wait(self, *arguments: Any) -> int:
        self.inside.set()
        self.leave.wait(30)
        return 0


def test_a_function_that_does_not_come_back_is_told_in_time_and_the_laser_is_locked_nevertheless(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("drivers.laser.pdlm_lib.CALL_S", 0.1)
    library = Stuck("PDLM_GetSystemStatus")
    laser = taiko(library)
    laser.connect()
    laser.set_emission(True)
    library.stuck = library.function
    with pytest.raises(DeviceTimeoutError, match=r"laser: PDLM_GetSystemStatus has not come back for 0.1 s"):
        laser.status()
    begun = time.monotonic()
    for call in (laser.status, laser.readings):
        with pytest.raises(DeviceTimeoutError, match="still busy with PDLM_GetSystemStatus"):
            call()
    laser.make_safe()
    assert time.monotonic() - begun < 1.0
    assert not library.bench.beam.emission
    library.stuck = ""
    library.leave.set()
    while library.function in (thread.name for thread in threading.enumerate()):
        library.leave.wait(0.001)
    assert not laser.status().emission
    laser.close()


def test_a_lock_that_does_not_come_back_is_told_within_two_seconds() -> None:
    library = Stuck("PDLM_SetSoftLock")
    laser = taiko(library)
    laser.connect()
    library.stuck = library.function
    begun = time.monotonic()
    with pytest.raises(DeviceTimeoutError, match="PDLM_SetSoftLock has not come back"):
        laser.make_safe()
    assert time.monotonic() - begun < 2.0
    library.stuck = ""
    library.leave.set()
