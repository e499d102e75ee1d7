"""EM gain rises only after a frame that shows room for it, under the light that was declared."""

import pytest

from drivers.camera.gain_protection import GainProtection
from drivers.interfaces.camera import CameraLight
from drivers.interfaces.errors import FaultError, RangeError, StateError
from simulators.sdk.andor_camera import AndorCameraDouble
from tests.drivers.camera.cameras import (
    PROTECTION,
    QUIET,
    Half,
    MadeSafeMeanwhile,
    bench,
    camera_on,
    double_on,
    half_lit,
)
from tests.drivers.camera.recording import Recorded

TIGHT = PROTECTION.model_copy(update={"electrons_per_count": QUIET.electrons_per_count})


def test_takes_a_frame_without_gain_by_itself_before_the_gain_rises() -> None:
    library = Recorded(double_on(bench()))
    camera = camera_on(library)
    camera.connect()
    library.calls.clear()
    camera.set_em_gain(20.0)
    sent = [call for call in library.calls if call[0] in ("SetEMCCDGain", "StartAcquisition", "SetShutter")]
    assert sent == [
        ("SetEMCCDGain", 0),
        ("SetShutter", 1, 1, 0, 0),
        ("StartAcquisition",),
        ("SetShutter", 1, 2, 0, 0),
        ("SetEMCCDGain", 20),
    ]


def test_a_frame_without_gain_serves_until_exposure_light_or_shutter_change() -> None:
    library = Recorded(double_on(bench()))
    camera = camera_on(library)
    camera.connect()
    list(camera.frames(1))
    library.calls.clear()
    camera.set_em_gain(20.0)
    camera.set_em_gain(30.0)
    assert "StartAcquisition" not in library.names()
    for change in (
        lambda: camera.set_exposure_s(0.01),
        lambda: camera.declare_light(CameraLight.SAMPLE),
        camera.make_safe,
    ):
        change()
        library.calls.clear()
        camera.set_em_gain(20.0)
        assert library.names().count("StartAcquisition") == 1


def test_a_frame_with_gain_does_not_serve() -> None:
    protection = GainProtection("camera", PROTECTION)
    camera = camera_on(double_on(bench()))
    camera.connect()
    camera.set_em_gain(20.0)
    (frame,) = camera.frames(1)
    protection.note(frame, 65_535)
    assert protection.needs_frame
    with pytest.raises(StateError, match="only after a frame at gain 1"):
        protection.check(5.0)


def test_refuses_a_gain_with_the_numbers_and_takes_one_that_leaves_room() -> None:
    # half of what the converter holds is 65 kilo-electrons; 4000 in a pixel, 4200 in the brightest of 640
    camera = camera_on(half_lit(), gain=TIGHT)
    camera.connect()
    with pytest.raises(StateError, match=r"em_gain = 100 .* 4\.\d+e\+03 electrons .* above 6\.5e\+04 .*at most 1[4-6]"):
        camera.set_em_gain(100.0)
    assert camera.status().em_gain == 1
    camera.set_em_gain(14.0)
    assert camera.status().em_gain == 14


def test_the_full_well_of_the_register_counts_where_it_is_smaller_than_the_converter() -> None:
    camera = camera_on(half_lit(), gain=TIGHT.model_copy(update={"full_well_electrons": 20_000.0}))
    camera.connect()
    with pytest.raises(StateError, match="above 1e\\+04"):
        camera.set_em_gain(4.0)
    camera.set_em_gain(2.0)


def test_light_that_saturates_without_gain_allows_none() -> None:
    camera = camera_on(half_lit(electrons=1e6), gain=TIGHT)
    camera.connect()
    with pytest.raises(StateError, match="saturated without EM gain"):
        camera.set_em_gain(2.0)


def test_a_saturated_frame_is_given_out_then_the_gain_is_off_and_the_acquisition_ends() -> None:
    scene = Half(electrons=100.0)
    double = half_lit()
    double.sensor._scene = scene
    camera = camera_on(double, gain=TIGHT)
    camera.connect()
    camera.set_em_gain(300.0)
    scene.electrons_per_frame = 10_000.0  # somebody opens a door
    frames = camera.frames(5)
    assert next(frames).saturated
    assert double.state()["em_gain"] == 1
    with pytest.raises(FaultError, match="frame 0 is saturated at an EM gain of 300"):
        next(frames)
    assert camera.status().em_gain == 1
    assert not camera.status().shutter_open
    assert not camera.status().acquiring


def test_closing_the_frames_after_a_saturated_one_tells_it_too() -> None:
    scene = Half(electrons=100.0)
    double = half_lit()
    double.sensor._scene = scene
    camera = camera_on(double, gain=TIGHT)
    camera.connect()
    camera.set_em_gain(300.0)
    scene.electrons_per_frame = 10_000.0
    frames = camera.frames(5)
    next(frames)
    with pytest.raises(FaultError, match="saturated"):
        frames.close()


def test_gains_above_300_need_a_permit_and_the_advanced_mode() -> None:
    double = double_on(bench())
    camera = camera_on(double)
    camera.connect()
    with pytest.raises(RangeError, match=r"em_gain = 400 is outside 1 \.\.\. 300"):
        camera.set_em_gain(400.0)
    permitted = camera_on(double, gain=PROTECTION.model_copy(update={"permit_gain_above_300": True}))
    camera.close()
    permitted.connect()
    assert permitted.limits["em_gain"].high == 1000
    assert double.advanced
    permitted.set_em_gain(400.0)
    assert permitted.status().em_gain == 400


def test_light_that_is_not_the_samples_keeps_the_gain_off_before_any_shutter_opens() -> None:
    library = Recorded(double_on(bench()))
    camera = camera_on(library)
    camera.connect()
    camera.declare_light(CameraLight.LAMP)
    library.calls.clear()
    with pytest.raises(StateError, match="declared as lamp"):
        camera.set_em_gain(2.0)
    assert library.names() == []
    assert camera.settings()["light"] == "lamp"


def test_a_camera_made_safe_during_its_test_frame_keeps_its_gain_off() -> None:
    library = Recorded(double_on(bench()))
    camera = camera_on(library)
    camera.connect()
    library.before["StartAcquisition"] = made_safe = MadeSafeMeanwhile(camera)
    with pytest.raises(StateError, match="was made safe"):
        camera.set_em_gain(20.0)
    made_safe.join()
    assert library.double.state()["em_gain"] == 1


def test_the_double_notices_a_flooded_register_and_the_driver_never_floods_it() -> None:
    double: AndorCameraDouble = half_lit(electrons=5000.0)
    camera = camera_on(double, gain=TIGHT)
    camera.connect()
    for gain in (300.0, 100.0, 30.0, 10.0):
        try:
            camera.set_em_gain(gain)
        except StateError:
            continue
        list(camera.frames(1))
    assert camera.status().em_gain == 10
    assert double.state()["worn"] is False
    double.SetEMCCDGain(300)
    double.SetShutter(1, 1, 0, 0)
    double.StartAcquisition()
    double.sensor.image(1, -60.0)
    assert double.state()["worn"] is True


def test_a_longer_exposure_switches_the_gain_off_and_says_so_until_it_is_set_anew() -> None:
    double = double_on(bench())
    camera = camera_on(double)
    camera.connect()
    camera.set_exposure_s(0.02)
    camera.set_em_gain(50.0)
    camera.set_exposure_s(0.01)
    assert double.state()["em_gain"] == 50
    camera.set_exposure_s(0.03)
    assert double.state()["em_gain"] == 1
    assert camera.settings()["gain_lowered_by"] == "exposure of 0.03 s after 0.01 s"
    camera.set_em_gain(50.0)
    assert (double.state()["em_gain"], camera.settings()["gain_lowered_by"]) == (50, None)
