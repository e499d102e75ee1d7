"""Frames of a camera are a point: each is kept, a pause cuts an exposure short, and the missing ones follow."""

import threading
import time

import pytest

from acquisition.rig import open_rig
from acquisition.sequence import (
    AcquireSpectra,
    Engine,
    RunStatus,
    SequenceError,
    SetLaser,
    SetShutter,
    check_steps,
)
from acquisition.streaming.frames import acquire_frames
from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError
from tests.sequence.bench import Bench, FakeFrames, FakeServices

LIGHT = [SetLaser(repetition_rate_hz=1e6, intensity_percent=20, emission=True), SetShutter(open=True)]


@pytest.fixture
def rig():
    with open_rig("simulated_field", seed=4) as opened:
        yield opened


class PausesAt(FakeFrames):
    """Calls something once so many frames are stored."""

    def __init__(self, number, act):
        super().__init__()
        self._number, self._act = number, act

    def append(self, frame):
        super().append(frame)
        if self.frames == self._number:
            self._act()


def run(rig, steps, frames=None, watch=lambda event: None):
    events = []
    services = FakeServices()
    if frames is not None:
        services.frames[1] = frames

    def journal(event):
        events.append(event)
        watch(event)

    engine = Engine(rig, services, journal=journal)
    if frames is not None:
        frames.engine = engine
    return engine.run(steps), services, events


def test_each_frame_is_kept_and_the_gain_is_at_its_minimum_afterwards(rig):
    outcome, services, events = run(rig, [*LIGHT, AcquireSpectra(exposure_s=0.1, frames=4, em_gain=100)])
    assert outcome.status is RunStatus.COMPLETED
    kept = services.frames[1].kept
    assert [frame.number for frame in kept] == [0, 1, 2, 3]
    assert all(frame.em_gain == 100 and frame.exposure_s == pytest.approx(0.1) for frame in kept)
    assert rig.camera.status().em_gain == rig.camera.limits["em_gain"].low
    assert services.ended_frames == [(1, True)]
    [values] = [event["values"] for event in events if "frames" in event.get("values", {})]
    assert (values["frames"], values["saturated_frames"]) == (4, 0)
    assert values["frame_signal_error_counts"] > 0


def test_after_a_pause_the_frames_that_are_missing_follow(rig):
    frames = PausesAt(2, lambda: frames.engine.pause())
    resume = lambda event: frames.engine.resume() if event["event"] == "paused" else None  # noqa: E731
    outcome, services, events = run(rig, [*LIGHT, AcquireSpectra(exposure_s=0.5, frames=5, em_gain=50)], frames, resume)
    assert outcome.status is RunStatus.COMPLETED
    assert frames.frames == 5
    assert all(frame.em_gain == 50 for frame in frames.kept)
    assert services.interruptions == ["", "paused"]
    assert services.ended_frames == [(1, False), (1, True)]
    assert any(event["event"] == "paused" for event in events)


def test_a_stop_keeps_the_frames_so_far(rig):
    frames = PausesAt(2, lambda: frames.engine.stop())
    outcome, services, _ = run(rig, [*LIGHT, AcquireSpectra(exposure_s=0.5, frames=500)], frames)
    assert outcome.status is RunStatus.STOPPED
    assert 2 <= frames.frames < 20
    assert services.ended_frames == [(1, False)]


def test_frames_that_another_process_has_stored_are_not_taken_again(rig):
    outcome, services, _ = run(rig, [*LIGHT, AcquireSpectra(exposure_s=0.1, frames=3)], _Stored(3))
    assert outcome.status is RunStatus.COMPLETED
    assert services.ended_frames == [(1, True)]
    outcome, services, _ = run(rig, [*LIGHT, AcquireSpectra(exposure_s=0.1, frames=5)], _Stored(3))
    assert services.frames[1].frames == 5


class _Stored(FakeFrames):
    """Has some frames already."""

    def __init__(self, before):
        super().__init__()
        self._before = before

    @property
    def frames(self):
        return self._before + len(self.kept)


def test_a_rig_without_camera_and_a_camera_beyond_its_limits_are_refused(rig):
    with pytest.raises(SequenceError, match="has no camera, which acquire_spectra needs"):
        check_steps([AcquireSpectra(exposure_s=1.0)], Bench().rig)
    with pytest.raises(SequenceError, match="em_gain"):
        check_steps([AcquireSpectra(exposure_s=1.0, em_gain=5000)], rig)


class _RealTimeCamera:
    """Takes as long as it says, in wall time; `make_safe` cuts it short."""

    name = "camera"

    def __init__(self, exposure_s, error=None):
        self._exposure_s, self._error = exposure_s, error
        self.cut = threading.Event()
        self.closed = False

    def make_safe(self):
        self.cut.set()

    def frames(self, count):
        try:
            for _ in range(count):
                if self.cut.wait(self._exposure_s):
                    return
                if self._error:
                    raise self._error
                yield "frame"
        finally:
            self.closed = True


class _List(list):
    """A recorder of anything."""


def test_a_stop_cuts_a_long_exposure_short_within_half_a_second():
    camera, stop, kept = _RealTimeCamera(60.0), threading.Event(), _List()
    threading.Timer(0.1, stop.set).start()
    begin_s = time.monotonic()
    result = acquire_frames(camera, 3, kept, stop=stop, frame_timeout_s=100, on_stop=lambda: True)
    assert time.monotonic() - begin_s < 0.6
    assert (result.frames, str(result.ending), camera.closed) == (0, "stopped", True)


def test_a_camera_that_fails_or_hangs_is_told_and_made_safe():
    safe = []
    broken = _RealTimeCamera(0.0, CommunicationError("camera", "the wire is broken"))
    with pytest.raises(CommunicationError, match="wire is broken"):
        acquire_frames(
            broken, 3, _List(), stop=threading.Event(), frame_timeout_s=10, on_error=lambda: safe.append("broken")
        )
    hanging = _RealTimeCamera(60.0)

    def make_safe():
        safe.append("hanging")
        hanging.make_safe()

    with pytest.raises(DeviceTimeoutError, match="no frame for"):
        acquire_frames(hanging, 3, _List(), stop=threading.Event(), frame_timeout_s=0.05, on_error=make_safe)
    assert safe == ["broken", "hanging"]
    assert hanging.closed


def test_a_frame_that_ends_while_the_light_goes_off_is_not_kept():
    stop = threading.Event()

    class Camera(_RealTimeCamera):
        def frames(self, count):
            yield "whole"
            stop.set()
            yield "half in the dark"

        def make_safe(self):
            pass

    kept = _List()
    result = acquire_frames(Camera(0.0), 2, kept, stop=stop, frame_timeout_s=10, on_stop=lambda: True)
    assert (kept[:1], result.frames, result.dropped) == (["whole"], 1, 1)
