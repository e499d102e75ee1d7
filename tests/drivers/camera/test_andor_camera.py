"""The driver of an Andor camera, function by function of its library."""

import threading

import numpy as np
import pytest

from drivers.camera import andor_exposing
from drivers.camera.andor_sdk2 import AndorSdk2Camera
from drivers.interfaces.camera import CameraLight
from drivers.interfaces.errors import (
    CommunicationError,
    DeviceError,
    DeviceTimeoutError,
    FaultError,
    StateError,
)
from simulators.emccd import SensorSettings
from tests.drivers.camera.cameras import (
    QUIET,
    SMALL,
    Half,
    MadeSafeMeanwhile,
    ShiftedClock,
    bench,
    camera_on,
    double_on,
    half_lit,
    readout,
)
from tests.drivers.camera.recording import Recorded


def recorded_camera(**settings: object) -> tuple[Recorded, AndorSdk2Camera]:
    """Return a connected camera and what records its calls; none yet."""
    library = Recorded(double_on(bench(), transient_every=0))
    camera = camera_on(library, **settings)
    camera.connect()
    library.calls.clear()
    return library, camera


def test_opens_the_camera_as_the_sdk_wants_it_and_makes_it_safe_before_anything_else() -> None:
    library = Recorded(double_on(bench()))
    camera_on(library).connect()
    assert library.calls[:4] == [
        ("GetAvailableCameras",),
        ("GetCameraHandle", 0),
        ("SetCurrentCamera", 100),
        ("Initialize",),
    ]
    names = library.names()
    assert ("SetShutter", 1, 2, 0, 0) in library.calls
    assert ("SetEMCCDGain", 0) in library.calls
    assert max(names.index("SetShutter"), names.index("SetEMCCDGain")) < names.index("SetAcquisitionMode")
    assert ("SetOutputAmplifier", 0) in library.calls
    assert ("SetImage", 1, 1, 1, 64, 1, 20) in library.calls
    assert ("SetReadMode", 4) in library.calls
    assert ("SetEMAdvanced", 0) in library.calls


def test_sends_the_mode_first_and_the_exposure_after_it_and_believes_the_timings_that_it_reads_back() -> None:
    library, camera = recorded_camera()
    camera.set_exposure_s(0.05)
    assert library.names() == [
        "SetAcquisitionMode",
        "SetExposureTime",
        "SetNumberAccumulations",
        "SetNumberKinetics",
        "SetKineticCycleTime",
        "GetAcquisitionTimings",
    ]
    exposure_s = camera.status().exposure_s
    assert exposure_s == pytest.approx(0.05003, abs=1e-5)
    assert camera.settings()["requested_exposure_s"] == 0.05
    frames = list(camera.frames(2))
    assert [frame.exposure_s for frame in frames] == [exposure_s, exposure_s]
    assert frames[1].started_s == pytest.approx(exposure_s + SMALL.readout_s, abs=1e-6)


def test_takes_a_bounded_series_with_its_shutter_open_and_leaves_it_closed() -> None:
    library, camera = recorded_camera()
    camera.set_exposure_s(0.01)
    library.calls.clear()
    assert len(list(camera.frames(3))) == 3
    sent = [call for call in library.calls if call[0] in ("SetShutter", "SetNumberKinetics", "StartAcquisition")]
    assert sent == [
        ("SetShutter", 1, 1, 0, 0),
        ("SetNumberKinetics", 3),
        ("StartAcquisition",),
        ("SetShutter", 1, 2, 0, 0),
    ]


def test_long_acquisitions_are_several_series_with_their_frames_numbered_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(andor_exposing, "MOST_FRAMES", 2)
    library, camera = recorded_camera()
    camera.set_exposure_s(0.005)
    library.calls.clear()
    frames = list(camera.frames(5))
    assert [frame.number for frame in frames] == [0, 1, 2, 3, 4]
    assert np.all(np.diff([frame.started_s for frame in frames]) > 0.004)
    assert [call[1] for call in library.calls if call[0] == "SetNumberKinetics"] == [2, 2, 1]


def test_a_series_is_so_short_that_a_camera_whose_program_has_died_stops_in_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(andor_exposing, "SERIES_S", 0.011)
    library, camera = recorded_camera()
    camera.set_exposure_s(0.005)
    library.calls.clear()
    assert len(list(camera.frames(3))) == 3
    assert [call[1] for call in library.calls if call[0] == "SetNumberKinetics"] == [2, 1]


@pytest.mark.parametrize("code", [20024, 20067])
def test_an_image_that_is_not_given_at_once_is_asked_for_again_at_most_five_times(code: int) -> None:
    library, camera = recorded_camera()
    camera.set_exposure_s(0.005)
    library.answers["GetImages16"] = [code] * 5
    assert len(list(camera.frames(1))) == 1
    library.answers["GetImages16"] = [code] * 6
    with pytest.raises(DeviceError, match=f"camera: .*GetImages16 for image 1 returned {code}"):
        list(camera.frames(1))
    assert not camera.status().shutter_open


def test_frames_that_the_camera_wrote_over_are_named_and_those_before_stay_valid() -> None:
    clock = ShiftedClock()
    camera = camera_on(double_on(bench(), clock=clock, ring_images=2, transient_every=0))
    camera.connect()
    camera.set_exposure_s(0.05)
    frames = camera.frames(12)
    assert next(frames).number == 0
    clock.pass_time_s(10.0)
    with pytest.raises(CommunicationError, match=r"frames 1 \.\.\. 9 are lost"):
        next(frames)
    assert len(list(camera.frames(1))) == 1


def test_a_camera_that_vanishes_during_an_acquisition_says_so_and_can_be_connected_again() -> None:
    world = bench()
    camera = camera_on(double_on(world))
    camera.connect()
    camera.set_exposure_s(0.05)
    frames = camera.frames(20)
    next(frames)
    world.faults.begin("camera_vanished")
    with pytest.raises(CommunicationError, match=r"camera: has vanished.*reconnect"):
        next(frames)
    assert not camera.connected
    with pytest.raises(CommunicationError, match=r"camera: has vanished.*reconnect"):
        camera.set_em_gain(1.0)  # says why it is not connected, to whoever cleans up
    with pytest.raises(CommunicationError, match="there are 0"):
        camera.connect()
    with pytest.raises(CommunicationError, match=r"camera: has vanished.*reconnect"):
        camera.set_em_gain(1.0)
    world.faults.end("camera_vanished")
    camera.close()
    camera.connect()
    assert len(list(camera.frames(1))) == 1


def test_whoever_waits_for_a_frame_is_told_that_another_thread_has_found_the_camera_gone() -> None:
    world = bench()
    double = double_on(world, temperature_while_acquiring=True)
    camera = camera_on(double)
    camera.connect()
    camera.set_exposure_s(30.0)
    errors: list[DeviceError] = []

    def take() -> None:
        try:
            list(camera.frames(1))
        except DeviceError as error:
            errors.append(error)

    thread = threading.Thread(target=take)
    thread.start()
    while thread.is_alive() and not double.state()["acquiring"]:
        thread.join(0.001)
    world.faults.begin("camera_vanished")
    with pytest.raises(CommunicationError, match="vanished"):
        camera.status()
    thread.join(10)
    assert not thread.is_alive()
    assert [str(error).startswith("camera: has vanished") for error in errors] == [True]


def test_an_acquisition_that_begins_while_the_camera_is_made_safe_ends_at_once() -> None:
    library, camera = recorded_camera()
    library.before["PrepareAcquisition"] = made_safe = MadeSafeMeanwhile(camera)
    assert list(camera.frames(100)) == []
    made_safe.join()
    state = library.double.state()
    assert (state["shutter_open"], state["acquiring"]) == (False, False)


def test_light_that_was_declared_holds_over_a_new_connection() -> None:
    camera = camera_on(double_on(bench()))
    camera.connect()
    camera.declare_light(CameraLight.ROOM)
    camera.close()
    camera.connect()
    with pytest.raises(StateError, match="declared as room"):
        camera.set_em_gain(20.0)


def test_a_camera_that_cannot_say_its_timings_is_closed_again() -> None:
    library = Recorded(double_on(bench()))
    library.answers["GetAcquisitionTimings"] = 20002  # says done, writes nothing
    camera = camera_on(library)
    with pytest.raises(CommunicationError, match="exposure of 0 s"):
        camera.connect()
    assert not camera.connected
    assert library.double.state()["initialised"] is False


def test_minus_999_degrees_mean_that_the_camera_has_vanished() -> None:
    world = bench()
    camera = camera_on(double_on(world))
    camera.connect()
    world.faults.begin("camera_vanished")
    with pytest.raises(CommunicationError, match=r"vanished.*-999"):
        camera.status()
    assert not camera.connected
    with pytest.raises(DeviceError, match="camera"):
        camera.make_safe()
    camera.close()
    with pytest.raises(CommunicationError, match="there are 0 Andor cameras"):
        camera.connect()
    world.faults.end("camera_vanished")
    camera.connect()
    assert camera.status().em_gain == 1


def test_a_frame_that_does_not_come_is_an_error_with_its_number_and_the_camera_goes_on_afterwards() -> None:
    world = bench()
    camera = camera_on(double_on(world), patience_s=0.05)
    camera.connect()
    camera.set_exposure_s(0.005)
    world.faults.begin("camera_no_new_data")
    with pytest.raises(CommunicationError, match=r"frame 0"):
        list(camera.frames(1000))
    world.faults.end("camera_no_new_data")
    assert len(list(camera.frames(1))) == 1


def test_a_silent_camera_is_given_up_after_its_patience() -> None:
    library, camera = recorded_camera(patience_s=0.05)
    camera.set_exposure_s(0.005)
    library.answers["GetNumberNewImages"] = 20024
    library.answers["GetStatus"] = 20002  # leaves the place of the state at 0: neither idle nor acquiring
    with pytest.raises(DeviceTimeoutError, match=r"frame 0 has not come within .*20024"):
        list(camera.frames(1))


def test_a_camera_that_acquires_for_somebody_else_refuses_settings_and_says_so() -> None:
    world = bench()
    camera = camera_on(double_on(world))
    camera.connect()
    world.faults.begin("camera_acquiring")
    for call in (
        lambda: camera.set_exposure_s(0.1),
        lambda: camera.set_temperature_c(-50.0),
        lambda: list(camera.frames(1)),
    ):
        with pytest.raises(StateError, match=r"camera: is acquiring .*20072"):
            call()
    world.faults.end("camera_acquiring")
    camera.set_exposure_s(0.1)


def test_during_an_acquisition_the_temperature_is_not_reported_as_read() -> None:
    camera = camera_on(double_on(bench(), clock=ShiftedClock()))
    camera.connect()
    frames = camera.frames(3)
    next(frames)
    assert camera.readings()["temperature_c"] is None
    assert camera.status().temperature_c == SMALL.ambient_c
    assert camera.status().cooler is False
    frames.close()
    assert camera.readings()["temperature_c"] == SMALL.ambient_c
    assert camera.readings()["temperature_state"] == "off"
    camera.set_cooler(True)
    frames = camera.frames(3)
    next(frames)
    assert camera.status().cooler is True
    assert camera.readings()["cooler"] is None
    frames.close()


def test_rows_are_summed() -> None:
    camera = camera_on(half_lit(), readout=readout(row_bin=3))
    camera.connect()
    assert camera.shape == (6, 64)
    (frame,) = camera.frames(1)
    summed = (frame.counts[:, 32:].mean() - QUIET.bias_counts) * QUIET.electrons_per_count
    assert summed == pytest.approx(3 * Half.ELECTRONS, abs=4 * np.sqrt(3 * Half.ELECTRONS / (6 * 32)))
    with pytest.raises(StateError, match="row_bin = 50"):
        camera_on(half_lit(), readout=readout(row_bin=50)).connect()


@pytest.mark.parametrize("flip", [False, True])
def test_a_reversed_image_is_turned_round(flip: bool) -> None:
    camera = camera_on(half_lit(), readout=readout(flip_columns=flip))
    camera.connect()
    (frame,) = camera.frames(1)
    left, right = frame.counts[:, :32], frame.counts[:, 32:]
    lit_half, dark_half = (left, right) if flip else (right, left)
    assert dark_half.max() == QUIET.bias_counts
    assert lit_half.min() > QUIET.bias_counts


def test_without_spectrograph_or_calibration_it_tells_what_to_configure() -> None:
    camera = camera_on(double_on(bench()), wavelength=None)
    camera.connect()
    with pytest.raises(StateError, match="give the rig a spectrograph"):
        camera.wavelength_nm()


def test_a_gain_that_the_camera_does_not_take_is_switched_off() -> None:
    library, camera = recorded_camera()
    camera.set_exposure_s(0.005)
    list(camera.frames(1))
    library.answers["SetEMCCDGain"] = [20002]  # said to be done, but not done
    with pytest.raises(FaultError, match="EM gain of 20"):
        camera.set_em_gain(20.0)
    assert library.double.state()["em_gain"] == 1


def test_a_sensor_with_other_limits_tells_them() -> None:
    camera = camera_on(double_on(bench(), SensorSettings(rows=4, columns=16, highest_em_gain=250.0, lowest_c=-95.0)))
    camera.connect()
    assert (camera.limits["em_gain"].low, camera.limits["em_gain"].high) == (1.0, 250.0)
    assert camera.limits["temperature_c"].low == -95.0


def test_its_rescue_is_plain_data() -> None:
    rescue = camera_on(double_on(bench()), library="C:/Andor/atmcd64d.dll", simulated=False).rescue()
    assert (rescue.device, rescue.kind, rescue.last) == ("camera", "andor", False)
    assert rescue.arguments["library"] == "C:/Andor/atmcd64d.dll"
