"""Scenes for the tests of panels: streams that were looked at, readings, frames of a camera, analyses."""

from functools import cache
from types import SimpleNamespace

import numpy as np

from acquisition.analysis.live import LiveAnalysis
from acquisition.analysis.live_frame import LiveFrames
from acquisition.analysis.recording import Calibration
from acquisition.live_view import Scene
from acquisition.live_view.run_scene import CameraShot, ReadingsKept
from acquisition.live_view.state_results import StateResults
from drivers.interfaces.camera import Frame
from drivers.interfaces.photons import PhotonStreamInfo
from tests.analysis.recordings import dark_stream
from tests.analysis.simulated import minute
from tests.report.recordings import data_of

DARK = PhotonStreamInfo(period_ps=1e6, pulsed=True, delay_resolution_ps=20.0, pixel_count=40)
UNPULSED = PhotonStreamInfo(period_ps=1e6, pulsed=False, delay_resolution_ps=20.0, pixel_count=40)


def frame_of(blocks, info, calibration=None):
    analysis = LiveAnalysis(info, calibration or Calibration())
    frames = LiveFrames(analysis)
    for block in blocks:
        analysis.update(block)
        frames.update(block)
    return frames.frame()


@cache
def lit():
    """Half a minute of the simulated dot."""
    recording = minute().recording
    return Scene(stream=frame_of(recording.stored[:30], recording.info, recording.calibration))


@cache
def dark(info=DARK):
    """Dark counts."""
    stream = dark_stream(1, info=info, pulses=5_000_000, photons=50_000)
    return Scene(stream=frame_of(stream.cut([1_000_000, 4_000_000]), info))


@cache
def analysed():
    """An analysis of half a minute."""
    data = data_of("charging dot")
    return Scene(states=StateResults(30.0, data.arrays, data.values, took_s=0.5))


def read():
    """Readings of a minute."""
    kept = ReadingsKept()
    for number in range(12):
        temperature_c = None if number == 3 else 20.0 + number
        row = {"temperature_c": temperature_c, "setpoint_c": None, "heating": True, "heater_alarm": "hot"}
        readings = kept.add(5.0 * number, row)
    return Scene(readings=readings)


def frame(shape=(1024, 600), dtype=np.uint16, **more):
    """A frame of a camera, brighter from row to row."""
    counts = np.arange(shape[0], dtype=dtype)[:, None] + np.zeros(shape, dtype=dtype)
    said = SimpleNamespace(number=3, exposure_s=0.5, em_gain=10.0, started_s=1.5, saturated=False)
    return Frame(counts, **(vars(said) | more))


def seen(**more):
    """The last frame of a camera."""
    return Scene(camera=CameraShot(frame(**more), np.linspace(500, 700, 600)))
