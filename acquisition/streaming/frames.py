"""Takes frames of a camera, read by a thread of their own, and hands each to a recorder; exposures can be cut short."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from acquisition.streaming.types import Ending
from acquisition.streaming.worker import Worker
from drivers.interfaces.camera import Frame, SpectrographCamera
from drivers.interfaces.errors import DeviceError, DeviceTimeoutError

POLL_S = 0.02
QUEUED_FRAMES = 8
STOP_TIMEOUT_S = 10.0


class FrameRecorder(Protocol):
    """Stores single frames; called from the thread that acquires."""

    def append(self, frame: Frame) -> None:
        """Store a frame; it is on the disk on return."""


@dataclass(frozen=True, slots=True)
class FramesResult:
    """What was taken.

    Attributes
    ----------
    ending : Ending
        ``duration`` if all came, or ``stopped``.
    frames : int
        That were recorded.
    dropped : int
        Frames that ended while the light went off; not recorded.
    """

    ending: Ending
    frames: int
    dropped: int


class _FrameReader:
    """The thread that iterates over the frames; each goes on with whether the end was asked for when it came."""

    def __init__(self, camera: SpectrographCamera, count: int, stop: threading.Event) -> None:
        self._camera, self._count, self._stop = camera, count, stop
        self.queue: queue.Queue[tuple[Frame, bool]] = queue.Queue(QUEUED_FRAMES)
        self.halt = threading.Event()
        self.worker = Worker("frame reader", self._read, daemon=True)

    def _read(self) -> None:
        stream = self._camera.frames(self._count)
        try:
            while not self.halt.is_set():
                with self.worker.busy():
                    frame = next(stream, None)
                if frame is None:
                    return
                self._hand_on((frame, self._stop.is_set()))
        finally:
            stream.close()

    def _hand_on(self, item: tuple[Frame, bool]) -> None:
        while not self.halt.is_set():
            try:
                self.queue.put(item, timeout=POLL_S)
            except queue.Full:
                continue
            return


def acquire_frames(
    camera: SpectrographCamera,
    count: int,
    recorder: FrameRecorder,
    *,
    stop: threading.Event,
    frame_timeout_s: float,
    on_error: Callable[[], None] | None = None,
    on_stop: Callable[[], bool] | None = None,
    tick: Callable[[], None] | None = None,
) -> FramesResult:
    """Take `count` frames with the exposure and gain that are set, and record each.

    Parameters
    ----------
    camera : SpectrographCamera
        Connected and idle.
    count : int
        At least 1.
    recorder : FrameRecorder
        Takes every frame, in the caller's thread.
    stop : Event
        Ends the acquisition from any thread, within a running exposure; frames before it are kept.
    frame_timeout_s : float
        Longest wall time that a frame may take.
    on_error : callable, optional
        Called in the caller's thread as soon as something has failed: the place to make the instruments safe.
    on_stop : callable, optional
        Called once in the caller's thread soon after `stop` was set; returns whether it has switched off the light.
    tick : callable, optional
        Called in the caller's thread at least every 20 ms or so.

    Raises
    ------
    DeviceError
        What the camera says if it failed, or a `DeviceTimeoutError` if it hangs.
    Exception
        What recorder or callbacks raise.
    """
    reader = _FrameReader(camera, count, stop)
    frames = dropped = 0
    dark: bool | None = None
    stopped_at = 0.0
    try:
        reader.worker.start()
        while not (reader.worker.join(0.0) and reader.queue.empty()):
            if stop.is_set() and dark is None:
                dark, stopped_at = on_stop() if on_stop is not None else False, time.monotonic()
                camera.make_safe()
            item = _next(reader)
            if item is not None and item[1] and dark is not False:
                dropped += 1
            elif item is not None:
                recorder.append(item[0])
                frames += 1
            if tick is not None:
                tick()
            _check_hanging(reader, camera, frame_timeout_s, None if dark is None else stopped_at)
        _raise_error(reader, stopped=dark is not None)
    except BaseException:
        if on_error is not None:
            on_error()
        raise
    finally:
        reader.halt.set()
        reader.worker.join(STOP_TIMEOUT_S)
    return FramesResult(Ending.DURATION if frames == count else Ending.STOPPED, frames, dropped)


def _next(reader: _FrameReader) -> tuple[Frame, bool] | None:
    try:
        return reader.queue.get(timeout=POLL_S)
    except queue.Empty:
        return None


def _check_hanging(
    reader: _FrameReader, camera: SpectrographCamera, frame_timeout_s: float, stopped_at: float | None
) -> None:
    busy_s = reader.worker.busy_s
    stopping_s = 0.0 if stopped_at is None else time.monotonic() - stopped_at
    if busy_s > frame_timeout_s or (busy_s > 0 and stopping_s > STOP_TIMEOUT_S):
        raise DeviceTimeoutError(camera.name, f"has delivered no frame for {busy_s:.3g} s; check its connection")


def _raise_error(reader: _FrameReader, *, stopped: bool) -> None:
    """Raise what ended the reader; a camera that was made safe in the middle of a frame may end it with an error."""
    error = reader.worker.error
    if error is not None and not (stopped and isinstance(error, DeviceError)):
        raise error
