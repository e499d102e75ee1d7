"""Making an Andor camera safe from another process."""

import subprocess
import sys
from typing import Any

import pytest

from drivers.camera import atmcd
from drivers.interfaces.errors import CommunicationError, FaultError
from drivers.rescue import andor
from tests.drivers.camera.cameras import bench, camera_on, double_on
from tests.drivers.camera.recording import Recorded


def arguments(wait_s: float = 5.0) -> dict[str, Any]:
    camera = camera_on(double_on(bench()), library="/opt/andor/libandor.so", simulated=False)
    return {**camera.rescue().arguments, "wait_s": wait_s}


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """A camera that a dead program has left with gain, shutter open and cooler on."""
    double = double_on(bench())
    double.Initialize(b"")
    double.CoolerON()
    double.SetEMCCDGain(200)
    double.SetShutter(1, 1, 0, 0)
    recorded = Recorded(double)
    monkeypatch.setattr(atmcd, "load", lambda path: recorded)
    return recorded


def test_switches_the_gain_off_and_closes_the_shutter_with_what_the_driver_has_told(library: Recorded) -> None:
    andor.rescue(**arguments())
    assert library.calls == [
        ("GetAvailableCameras",),
        ("GetCameraHandle", 0),
        ("SetCurrentCamera", 100),
        ("Initialize",),
        ("AbortAcquisition",),
        ("SetEMCCDGain", 0),
        ("SetShutter", 1, 2, 0, 0),
        ("GetEMCCDGain",),
        ("SetCoolerMode", 0),
        ("ShutDown",),
    ]
    assert library.double.state()["em_gain"] == 1


def test_waits_until_the_sdk_lets_go_of_the_dead_programs_camera(
    library: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(andor.time, "sleep", waits.append)
    library.answers["Initialize"] = [20990, 20075]
    andor.rescue(**arguments())
    assert len(waits) == 2
    assert library.double.state()["em_gain"] == 1


def test_says_so_if_the_sdk_does_not_let_go(library: Recorded) -> None:
    library.answers["GetCameraHandle"] = 20066
    with pytest.raises(CommunicationError, match="has not opened it again within 0 s"):
        andor.rescue(**arguments(wait_s=0.0))


def test_tries_the_shutter_although_the_gain_fails_and_shuts_the_sdk_down(library: Recorded) -> None:
    library.answers["SetEMCCDGain"] = 20072
    with pytest.raises(Exception, match="SetEMCCDGain returned 20072"):
        andor.rescue(**arguments())
    assert ("SetShutter", 1, 2, 0, 0) in library.calls
    assert library.names()[-1] == "ShutDown"


def test_does_not_believe_a_gain_that_stays(library: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    library.answers["SetEMCCDGain"] = 20002
    library.double.Initialize(b"")
    monkeypatch.setattr(type(library.double), "Initialize", lambda self, folder: 20002)
    library.double.em_gain = 200
    with pytest.raises(FaultError, match="EM gain of 200"):
        andor.rescue(**arguments())


def test_the_double_of_a_dead_program_is_dead_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(atmcd, "load", loaded.append)
    andor.rescue(**{**arguments(), "library": "simulated"})
    assert loaded == []


def test_brings_no_heavy_packages_into_the_guardian() -> None:
    code = "import sys, drivers.rescue.andor; print(sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout
    assert "'drivers'" in loaded
    for package in ("numpy", "pydantic", "acquisition", "simulators", "scipy", "numba"):
        assert f"'{package}'" not in loaded
