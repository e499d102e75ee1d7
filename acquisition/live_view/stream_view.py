"""A live analysis that a display may look into: frames are made when they are asked for, and never hold the stream."""

import threading
import time
from collections.abc import Callable

from acquisition.analysis.live import LiveAnalysis, LiveSnapshot
from acquisition.analysis.live_frame import LiveFrame, LiveFrames
from drivers.interfaces.photons import PhotonBlock

FRAME_INTERVAL_S = 0.035
"""Least time between two frames; less than 40 ms, so that a block that comes a little early is not one too late."""

REST_S = 0.2
"""A stream that has brought nothing for so long rests: whoever asks makes the frame."""


class StreamView:
    """Feeds a live analysis, and makes frames of it at most 28 times a second, only if somebody has asked.

    What fails here costs the display its frames, not the live analysis its blocks.

    Parameters
    ----------
    point : int
        Number of its point.
    analysis : LiveAnalysis
        Does the work of the run.
    publish : callable
        Is given each frame, in the thread that feeds or the one that asks.
    fail : callable
        Is told once in words why there will be no more frames.
    """

    def __init__(
        self,
        point: int,
        analysis: LiveAnalysis,
        publish: Callable[[LiveFrame], None],
        fail: Callable[[str], None],
    ) -> None:
        self.point = point
        self._analysis, self._frames = analysis, LiveFrames(analysis)
        self._publish, self._fail = publish, fail
        self._feeding = threading.Lock()
        self._asked = self._new = self._failed = False
        self._updated_s = self._made_s = -FRAME_INTERVAL_S

    def update(self, block: PhotonBlock) -> None:
        """Add the next block."""
        with self._feeding:
            self._analysis.update(block)
            self._try(lambda: self._frames.update(block))
            self._new, self._updated_s = True, time.monotonic()
            if self._asked and self._updated_s - self._made_s >= FRAME_INTERVAL_S:
                self._make()

    def snapshot(self) -> LiveSnapshot:
        """Return the numbers of the live analysis."""
        return self._analysis.snapshot()

    def ask(self) -> None:
        """Ask for a frame; returns at once. It comes with the next block, or now if the stream rests."""
        self._asked = True
        resting = time.monotonic() - self._updated_s > REST_S
        if self._new and resting and self._feeding.acquire(blocking=False):
            try:
                if self._new:
                    self._make()
            finally:
                self._feeding.release()

    def _make(self) -> None:
        self._asked = self._new = False
        self._made_s = time.monotonic()
        self._try(lambda: self._publish(self._frames.frame()))

    def _try(self, act: Callable[[], None]) -> None:
        if self._failed:
            return
        try:
            act()
        except Exception as error:  # a display must not end a live analysis, by which goals are judged
            self._failed = True
            self._fail(f"the live view of the photons failed: {error!r}")
