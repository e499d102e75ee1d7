import math
import threading
from collections.abc import Callable

import numpy as np
import pytest

from drivers.interfaces.camera import CameraLight, Frame, SpectrographCamera
from drivers.interfaces.errors import RangeError, StateError


def test_is_idle_at_lowest_gain_with_its_shutter_closed_when_connected(camera: SpectrographCamera) -> None:
    status = camera.status()
    assert status.em_gain == camera.limits["em_gain"].low
    assert not status.shutter_open
    assert not status.acquiring


def test_has_a_wavelength_for_each_column(camera: SpectrographCamera) -> None:
    wavelength_nm = camera.wavelength_nm()
    assert wavelength_nm.shape == camera.shape[1:]
    steps = np.diff(wavelength_nm)
    assert np.all(steps > 0) or np.all(steps < 0)


def test_reports_what_was_set(camera: SpectrographCamera) -> None:
    camera.set_exposure_s(0.05)
    camera.set_em_gain(20.0)
    camera.set_temperature_c(-60.0)
    status = camera.status()
    assert status.exposure_s == pytest.approx(0.05, rel=0.1)
    assert status.em_gain == pytest.approx(20.0, rel=0.05)
    assert status.setpoint_c == pytest.approx(-60.0, abs=1.0)


def test_gives_the_frames_that_were_asked_for(camera: SpectrographCamera) -> None:
    camera.set_exposure_s(0.02)
    camera.set_em_gain(20.0)
    frames = list(camera.frames(3))
    assert [frame.number for frame in frames] == [0, 1, 2]
    for frame in frames:
        assert frame.counts.shape == camera.shape
        assert frame.exposure_s == camera.status().exposure_s
        assert frame.em_gain == camera.status().em_gain
        assert not frame.saturated
    starts_s = [frame.started_s for frame in frames]
    assert starts_s[0] == 0.0
    assert np.all(np.diff(starts_s) >= 0.02 * 0.9)


def test_frames_are_read_only(camera: SpectrographCamera) -> None:
    (frame,) = camera.frames(1)
    with pytest.raises(ValueError, match="read-only"):
        frame.counts[0, 0] = 0


def test_its_shutter_is_open_during_an_acquisition_only(camera: SpectrographCamera) -> None:
    running = camera.frames(3)
    assert not camera.status().shutter_open
    next(running)
    assert camera.status().acquiring
    running.close()
    assert not camera.status().shutter_open
    assert not camera.status().acquiring


def test_closing_an_acquisition_keeps_the_gain_and_lets_the_next_begin(camera: SpectrographCamera) -> None:
    camera.set_em_gain(20.0)
    running = camera.frames(10)
    next(running)
    running.close()
    assert camera.status().em_gain == pytest.approx(20.0, rel=0.05)
    assert len(list(camera.frames(2))) == 2


def test_does_not_acquire_twice_at_a_time_nor_change_its_settings_meanwhile(camera: SpectrographCamera) -> None:
    running = camera.frames(3)
    next(running)
    for call in (
        lambda: next(camera.frames(1)),
        lambda: camera.set_exposure_s(0.1),
        lambda: camera.set_em_gain(2.0),
    ):
        with pytest.raises(StateError, match="acquiring"):
            call()
    assert next(running).number == 1
    running.close()


@pytest.mark.parametrize("end", [SpectrographCamera.make_safe, SpectrographCamera.close])
def test_being_made_safe_or_closed_ends_an_acquisition_dark_and_at_lowest_gain(
    camera: SpectrographCamera, end: Callable[[SpectrographCamera], None]
) -> None:
    camera.set_em_gain(20.0)
    running = camera.frames(10)
    next(running)
    getattr(camera, end.__name__)()
    assert list(running) == []
    camera.connect()
    status = camera.status()
    assert (status.em_gain, status.shutter_open, status.acquiring) == (camera.limits["em_gain"].low, False, False)


def test_a_long_exposure_is_cut_short_by_another_thread(camera_case) -> None:
    camera = camera_case.device
    camera.set_exposure_s(60.0)
    got: list[Frame] = []
    thread = threading.Thread(target=lambda: got.extend(camera.frames(1)))
    with camera_case.real_time():
        thread.start()
        while thread.is_alive() and not camera.status().acquiring:
            thread.join(0.001)
        camera.make_safe()
        thread.join(10)
    assert not thread.is_alive()
    assert got == []
    assert not camera.status().shutter_open


@pytest.mark.parametrize("setting", ["exposure_s", "em_gain", "temperature_c"])
def test_refuses_values_outside_its_limits_and_keeps_the_old_ones(camera: SpectrographCamera, setting: str) -> None:
    limits, before = camera.limits[setting], camera.status()
    for value in (limits.low - 1.0, limits.high * 1.01 + 1.0, math.nan, math.inf):
        with pytest.raises(RangeError, match=setting):
            getattr(camera, f"set_{setting}")(value)
    assert camera.status() == before


@pytest.mark.parametrize("light", [CameraLight.LAMP, CameraLight.ALIGNMENT, CameraLight.ROOM])
def test_keeps_its_gain_off_while_other_light_than_the_samples_is_declared(
    camera: SpectrographCamera, light: CameraLight
) -> None:
    camera.set_em_gain(20.0)
    camera.declare_light(light)
    assert camera.status().em_gain == camera.limits["em_gain"].low
    with pytest.raises(StateError, match=f"gain.*{light.value}"):
        camera.set_em_gain(20.0)
    camera.declare_light(CameraLight.SAMPLE)
    camera.set_em_gain(20.0)
    assert camera.status().em_gain == pytest.approx(20.0, rel=0.05)


def test_refuses_to_take_no_frames(camera: SpectrographCamera) -> None:
    with pytest.raises(RangeError, match="frames"):
        next(camera.frames(0))


def test_cools_down_and_says_when_it_is_stable(camera_case) -> None:
    camera = camera_case.device
    warm_c = camera.status().temperature_c
    assert not camera.status().temperature_stable
    camera.set_temperature_c(-60.0)
    camera.set_cooler(True)
    camera_case.pass_time_s(1200.0)
    status = camera.status()
    assert status.cooler
    assert status.temperature_stable
    assert status.temperature_c == pytest.approx(-60.0, abs=1.0)
    camera.make_safe()
    assert camera.status().cooler
    camera.set_cooler(False)
    camera_case.pass_time_s(1200.0)
    assert camera.status().temperature_c == pytest.approx(warm_c, abs=1.0)


def test_does_nothing_while_not_connected(camera: SpectrographCamera) -> None:
    camera.close()
    for call in (
        lambda: camera.set_em_gain(1.0),
        lambda: camera.set_exposure_s(0.1),
        lambda: camera.set_temperature_c(0.0),
        lambda: camera.set_cooler(True),
        lambda: next(camera.frames(1)),
        camera.wavelength_nm,
        camera.status,
    ):
        with pytest.raises(StateError, match="not connected"):
            call()
