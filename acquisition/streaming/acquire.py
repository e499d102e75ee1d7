"""Acquires one point, or one part of it: moves its photons to the recorder and the live analysis, and waits."""

import threading
from collections.abc import Callable

from acquisition.streaming.latest import Latest
from acquisition.streaming.pacing import PhotonSource
from acquisition.streaming.parts import Part
from acquisition.streaming.pipeline import Callbacks, Pipeline
from acquisition.streaming.types import (
    AcquisitionResult,
    Goal,
    LiveConsumer,
    PhotonRecorder,
    Progress,
    StreamSettings,
)
from drivers.interfaces.photons import PhotonStreamInfo


def acquire(
    spad_array: PhotonSource,
    duration_s: float,
    info: PhotonStreamInfo,
    recorder: PhotonRecorder,
    live: LiveConsumer | None = None,
    *,
    stop: threading.Event,
    first_pulse: int = 0,
    interruption: str = "",
    goal: Goal | None = None,
    settings: StreamSettings | None = None,
    latest: Latest[Progress] | None = None,
    on_error: Callable[[], None] | None = None,
    on_stop: Callable[[], bool] | None = None,
    tick: Callable[[Progress], None] | None = None,
    enough: threading.Event | None = None,
) -> AcquisitionResult:
    """Read photons for `duration_s`, record all of them and analyse them while they come.

    Three threads: a reader, a recorder behind a bounded queue that blocks the reader, and the live
    analysis behind a bounded queue that, as `settings` say, loses blocks or blocks the reader.
    The caller waits here; all threads have ended on return, but for one that hangs in an instrument.

    Parameters
    ----------
    spad_array : PhotonSource
        The detector, connected and with its bias on, or what passes its photons on.
    duration_s : float
        Longest time of this part of the point in s.
    info : PhotonStreamInfo
        What the detector said of this stream.
    recorder : PhotonRecorder
        Takes every block; finished at the end, also when the detector failed.
    live : LiveConsumer, optional
        Live analysis; its failure is a warning.
    stop : threading.Event
        Ends the acquisition early from any thread; everything read until then is kept.
    first_pulse : int
        Where this part starts in the pulses of its point: 0, or the end of the part before + 1. The
        detector counts from 0; its blocks are moved, and the first begins one pulse earlier with a
        gap that stands for the interruption.
    interruption : str
        What lies before this part, e.g. ``paused for 312 s``; needed with a `first_pulse`.
    goal : Goal, optional
        Ends the acquisition as soon as it is reached; judged by the live analysis. Where the live
        analysis may not lose blocks, it is judged two blocks late, so that the end depends on the
        photons only.
    settings : StreamSettings, optional
        Queues and timeouts.
    latest : Latest, optional
        Where the newest progress is put.
    on_error : callable, optional
        Called once in the caller's thread as soon as the acquisition has failed or was interrupted,
        before the recorder, which may take long, is waited for: the place to make the instruments
        safe. Blocks that come from then on are recorded with a gap over all their pulses. What it
        raises is one of the errors, and `unsafe` of the error that is raised.
    on_stop : callable, optional
        Called once in the caller's thread within 20 ms after `stop` was set, also while the detector
        is still measuring a block. It returns whether it has switched off the light; the block in
        progress is then recorded with a gap over all its pulses. What it raises is an error of the
        acquisition.
    tick : callable, optional
        Called in the caller's thread with the progress, about every 20 ms and at the end of the
        stream. What it raises is an error of the acquisition.
    enough : threading.Event, optional
        Ends the acquisition from any thread after the block that is being measured, as if its time were over.

    Returns
    -------
    AcquisitionResult
        What was read, recorded, shed and lost.

    Raises
    ------
    AcquisitionError
        If the detector, the recorder, `on_stop` or `tick` failed, or no thread could be started; the
        cause is chained, its `result` says what is kept.
    ValueError
        If `first_pulse` is negative or comes without `interruption`, or a goal without a live analysis.
    """
    if goal is not None and live is None:
        raise ValueError("a goal needs a live analysis that judges it")
    part = Part(first_pulse, interruption)
    callbacks = Callbacks(latest or Latest(), on_error, on_stop, tick)
    pipeline = Pipeline(
        spad_array, duration_s, info, recorder, live, stop, part, goal, settings or StreamSettings(), callbacks,
        enough or threading.Event(),
    )  # fmt: skip
    try:
        pipeline.start()
        pipeline.attend()
    except BaseException:
        pipeline.tell_error()
        raise
    finally:
        pipeline.shut_down()
    return pipeline.result()
