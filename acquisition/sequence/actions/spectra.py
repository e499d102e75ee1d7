"""Taking frames: one point, in as many parts as pauses make of it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from acquisition.sequence.actions.context import Interrupted, StepContext
from acquisition.sequence.rig_check import require
from acquisition.sequence.services import FrameRecording
from acquisition.sequence.states import State
from acquisition.sequence.steps import AcquireSpectra
from acquisition.streaming.frames import acquire_frames
from drivers.interfaces.camera import SpectrographCamera

PATIENCE_S = 30.0
"""Wall time that a frame may take beyond twice its exposure."""


def acquire_spectra(step: AcquireSpectra, context: StepContext, state: Callable[[], State]) -> dict[str, Any]:
    """Take the frames that are missing.

    Returns
    -------
    dict
        ``frames``, ``saturated_frames``, and where there are frames ``frame_signal_counts``, the mean sum over a
        frame above its median, with its error ``frame_signal_error_counts`` from the scatter of the frames.

    Raises
    ------
    Interrupted
        If it was paused; the frames so far stay.
    DeviceError
        If the camera fails.
    """
    camera = require(context.rig.camera, "camera", step)
    recording = context.services.begin_frames(context.point, step, context.kept.get("interruption", ""))
    complete = False
    try:
        left = step.frames - recording.recorder.frames
        if left > 0:
            _take(camera, left, step, context, recording, state)
        complete = recording.recorder.frames >= step.frames
        if not complete and state() is not State.STOPPING:
            context.kept["interruption"] = "paused" if state() is State.PAUSING else "interrupted"
            raise Interrupted
    finally:
        context.services.end_frames(context.point, step, complete=complete)
    return _values(recording)


def _take(
    camera: SpectrographCamera,
    count: int,
    step: AcquireSpectra,
    context: StepContext,
    recording: FrameRecording,
    state: Callable[[], State],
) -> None:
    context.check()
    camera.set_exposure_s(step.exposure_s)
    try:
        camera.set_em_gain(step.em_gain)
        acquire_frames(
            camera,
            count,
            recording.recorder,
            stop=context.interrupt,
            frame_timeout_s=2 * step.exposure_s + PATIENCE_S,
            on_error=context.rig.make_safe,
            on_stop=lambda: _darken(context, state),
            tick=lambda: context.look(None),
        )
    finally:
        camera.set_em_gain(camera.limits["em_gain"].low)


def _darken(context: StepContext, state: Callable[[], State]) -> bool:
    """Take the light off the sample if the interrupt is for a pause; return whether it is off."""
    if state() is State.PAUSING:
        context.rig.make_dark()
    return state() in (State.PAUSING, State.ABORTING, State.BROKEN)


def _values(recording: FrameRecording) -> dict[str, Any]:
    recorder = recording.recorder
    found: dict[str, Any] = {"frames": recorder.frames, "saturated_frames": recorder.saturated_frames}
    signals = np.array(recorder.signals)
    if len(signals):
        found["frame_signal_counts"] = float(signals.mean())
    if len(signals) > 1:
        found["frame_signal_error_counts"] = float(signals.std(ddof=1) / np.sqrt(len(signals)))
    return found
