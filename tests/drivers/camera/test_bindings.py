"""The declared functions of the libraries, and what their codes mean."""

import ctypes
import inspect
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.camera import andor_codes, atmcd
from drivers.camera.andor_sdk2 import AndorSdk2Camera
from drivers.interfaces.errors import CommunicationError, DeviceError, FaultError, RangeError, StateError
from drivers.wire.library import declared, load_first
from simulators.sdk.andor_camera import AndorCameraDouble
from tests.drivers.camera.cameras import SMALL, bench, camera_on, double_on
from tests.drivers.camera.recording import Recorded

C_LIBRARY = "msvcrt" if sys.platform == "win32" else None


@pytest.mark.parametrize("name", atmcd.FUNCTIONS)
def test_the_double_has_every_function_with_as_many_parameters(name: str) -> None:
    parameters = list(inspect.signature(getattr(AndorCameraDouble, name)).parameters.values())[1:]
    variable = [parameter for parameter in parameters if parameter.kind is inspect.Parameter.VAR_POSITIONAL]
    assert variable or len(parameters) == len(atmcd.FUNCTIONS[name])


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (20013, CommunicationError, "vanished"),
        (20075, CommunicationError, "vanished"),
        (20089, CommunicationError, "vanished"),
        (20990, CommunicationError, "vanished"),
        (20072, StateError, "acquiring"),
        (20074, StateError, "temperatures"),
        (20066, RangeError, "parameter 1"),
        (20069, RangeError, "parameter 4"),
        (20022, RangeError, "timing"),
        (20023, RangeError, "timing"),
        (20095, RangeError, "trigger"),
        (20991, StateError, "no such function"),
        (20992, StateError, "no such function"),
        (20018, FaultError, "frames are lost"),
        (20019, FaultError, "frames are lost"),
        (12345, CommunicationError, "12345"),
    ],
)
def test_codes_are_sorted_by_what_is_to_be_done(code: int, kind: type[DeviceError], words: str) -> None:
    error = andor_codes.error_of("camera", "SetImage", code)
    assert isinstance(error, kind)
    assert words in str(error)
    assert "SetImage" in str(error)
    assert error.device == "camera"


def test_ctypes_is_told_the_parameters_so_that_a_wrong_one_cannot_reach_the_library() -> None:
    library = declared(ctypes.CDLL(C_LIBRARY), {"abs": (ctypes.c_int,), "no_such_function": ()})
    assert library.abs(-5) == 5
    with pytest.raises(ctypes.ArgumentError):
        library.abs("five")


def test_all_places_that_were_tried_are_named() -> None:
    with pytest.raises(OSError, match=r"/nowhere/a.*; /nowhere/b"):
        load_first(["/nowhere/a", "/nowhere/b"])
    with pytest.raises(ValueError, match="double"):
        atmcd.load("simulated")


def test_a_library_without_a_function_is_told_by_its_name() -> None:
    camera = camera_on(Recorded(object()))
    with pytest.raises(CommunicationError, match="camera: the library has no function GetAvailableCameras"):
        camera.connect()


FUNCTIONS = sorted(set(atmcd.FUNCTIONS) - {"ShutDown"})


@given(st.dictionaries(st.sampled_from(FUNCTIONS), st.sampled_from([*andor_codes.Code, 0, 1, 99999]), max_size=3))
def test_whatever_codes_come_it_gives_right_frames_or_an_error_that_names_the_camera(answers: dict[str, int]) -> None:
    library = Recorded(double_on(bench(), transient_every=0))
    library.answers.update(answers)
    camera = camera_on(library, patience_s=0.01)
    errors: list[DeviceError] = []
    for use in (camera.connect, lambda: _take_frames(camera), camera.close):
        try:
            use()
        except DeviceError as error:
            errors.append(error)
    assert all(error.device == "camera" and str(error).startswith("camera: ") for error in errors)
    assert not camera.connected


def _take_frames(camera: AndorSdk2Camera) -> None:
    camera.set_exposure_s(0.001)
    for frame in camera.frames(2):
        assert frame.counts.shape == (SMALL.rows, SMALL.columns)
        assert frame.counts.min() > 0  # the bias, so that what was not written would be noticed
        assert 0.001 <= frame.exposure_s < 0.002
    status = camera.status()
    assert status.em_gain == 1
    assert not status.shutter_open
