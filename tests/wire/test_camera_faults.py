"""What goes wrong with camera and spectrograph: what is said, what is safe afterwards, and which frames remain."""

import threading
from dataclasses import dataclass, field

import pytest

from acquisition.streaming.frames import acquire_frames
from drivers.camera.andor_sdk2 import AndorSdk2Camera
from drivers.interfaces.camera import Frame
from drivers.interfaces.errors import CommunicationError, DeviceError, StateError
from simulators.bench import Bench
from simulators.sdk.andor_camera import AndorCameraDouble
from tests.drivers.camera.cameras import bench, camera_on, double_on, lit
from tests.drivers.spectrograph.spectrographs import double as spectrograph_double
from tests.drivers.spectrograph.spectrographs import spectrograph_on


@dataclass
class Breaking:
    """Keeps frames, and lets something break after the second."""

    world: Bench
    fault: str
    frames: list[Frame] = field(default_factory=list)

    def append(self, frame: Frame) -> None:
        self.frames.append(frame)
        if len(self.frames) == 2:
            self.world.faults.begin(self.fault)


def exposing(world: Bench) -> tuple[AndorCameraDouble, AndorSdk2Camera]:
    """Return a camera with gain, ready for short exposures."""
    double = double_on(world)
    camera = camera_on(double, patience_s=0.3)
    camera.connect()
    camera.set_exposure_s(0.05)
    camera.set_em_gain(20.0)
    return double, camera


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("camera_no_new_data", r"camera: frame \d+ has not come within .*20024.*reconnect it"),
        ("camera_vanished", r"camera: has vanished .*check its power and USB cable, then reconnect it"),
    ],
)
def test_frames_before_a_fault_remain_and_the_camera_goes_on_when_it_was_connected_again(fault: str, said: str) -> None:
    world = lit(bench())
    double, camera = exposing(world)
    recorder, errors = Breaking(world, fault), []

    def make_safe() -> None:
        try:
            camera.make_safe()
        except DeviceError as error:
            errors.append(error)

    with pytest.raises(CommunicationError, match=said):
        acquire_frames(camera, 200, recorder, stop=threading.Event(), frame_timeout_s=10.0, on_error=make_safe)
    if fault == "camera_vanished":
        assert len(errors) == 1  # who is gone cannot be made safe, and says so
    else:
        assert errors == []
        assert (double.state()["em_gain"], double.state()["shutter_open"]) == (1, False)
    assert 2 <= len(recorder.frames) < 10
    assert [frame.number for frame in recorder.frames] == list(range(len(recorder.frames)))
    world.faults.end(fault)
    camera.close()
    camera.connect()
    state = double.state()
    assert (state["em_gain"], state["shutter_open"], state["acquiring"]) == (1, False, False)
    assert len(list(camera.frames(1))) == 1


def test_a_camera_that_says_that_it_acquires_keeps_frames_coming_and_refuses_what_is_set() -> None:
    world = lit(bench())
    double, camera = exposing(world)
    recorder = Breaking(world, "camera_acquiring")
    with pytest.raises(StateError, match=r"camera: is acquiring .*20072.*that of another program"):
        acquire_frames(camera, 5, recorder, stop=threading.Event(), frame_timeout_s=10.0)
    assert len(recorder.frames) == 5  # all came; what was refused is to close the shutter after them
    world.faults.end("camera_acquiring")
    camera.make_safe()
    assert double.state()["shutter_open"] is False


def test_a_spectrograph_that_reports_errors_although_it_moved_is_where_it_was_sent() -> None:
    world = bench()
    library = spectrograph_double(faults=world.faults)
    with spectrograph_on(library) as spectrograph:
        world.faults.begin("spectrograph_communication")
        spectrograph.set_grating(2)
        spectrograph.set_centre_nm(650.0)
        assert (library.grating, library.centre_nm) == (2, 650.0)
