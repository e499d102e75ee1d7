"""The threads of one acquisition: how they are started, watched and ended, and who is told of it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from acquisition.streaming.block_queue import BlockQueue
from acquisition.streaming.latest import Latest
from acquisition.streaming.live_worker import LiveWorker
from acquisition.streaming.pacing import PhotonSource
from acquisition.streaming.parts import Part
from acquisition.streaming.reader import Reader
from acquisition.streaming.recorder_worker import RecorderWorker
from acquisition.streaming.types import (
    AcquisitionError,
    AcquisitionResult,
    Ending,
    Goal,
    LiveConsumer,
    PhotonRecorder,
    Progress,
    StreamSettings,
)
from drivers.interfaces.errors import DeviceTimeoutError
from drivers.interfaces.photons import PhotonStreamInfo

POLL_S = 0.02
SLOW_DISK_S = 1.0
"""A disk that makes the reader of the detector wait longer than this, in s of wall time, is told."""


@dataclass(slots=True)
class Callbacks:
    """Whom the acquisition tells what, in the thread of its caller."""

    latest: Latest[Progress]
    on_error: Callable[[], None] | None
    on_stop: Callable[[], bool] | None
    tick: Callable[[Progress], None] | None


class Pipeline:
    """The three threads of one acquisition."""

    def __init__(
        self,
        spad_array: PhotonSource,
        duration_s: float,
        info: PhotonStreamInfo,
        recorder: PhotonRecorder,
        live: LiveConsumer | None,
        stop: threading.Event,
        part: Part,
        goal: Goal | None,
        settings: StreamSettings,
        callbacks: Callbacks,
        enough: threading.Event,
    ) -> None:
        self._tell = callbacks
        self._period_s = info.period_ps * 1e-12
        self._duration_s = duration_s
        self._device = spad_array.name
        self._settings = settings
        self._stop = stop
        self._goal = goal
        self._stored = recorder
        self._recorder = RecorderWorker(recorder, self._new_queue())
        self._live = LiveWorker(live, self._new_queue(), goal, self._period_s)
        tells_light = callbacks.on_stop is not None
        self._reader = Reader(
            spad_array, duration_s, self._recorder.queue, self._live, stop, settings, part, enough,
            tells_light=tells_light,
        )  # fmt: skip
        self._errors: list[BaseException] = []
        self._unsafe: Exception | None = None
        self._hangs = False
        self._warnings: list[str] = []

    def start(self) -> None:
        """Start the threads; one that cannot be started is an error like those in a thread."""
        try:
            for worker in (self._recorder.worker, self._live.worker, self._reader.worker):
                worker.start()
        except RuntimeError as error:
            self._errors.append(error)

    def attend(self) -> None:
        """Report the progress until the reader has ended, and end a reader or consumer that hangs."""
        told_at: float | None = None
        while not self._errors and not self._reader.worker.join(POLL_S):
            self._tell_stop()
            self._tell_progress()
            if told_at is None and self._reader.told_to_stop:
                told_at = time.monotonic()
            self._give_up_hanging_consumers()
            if self._recorder.queue.cancelled:
                self.tell_error()
            if (waited_s := self._reader_hangs_s(told_at)) is not None:
                message = f"has delivered no photons for {waited_s:.3g} s; check its connection and its trigger"
                self._errors.append(DeviceTimeoutError(self._device, message))
                self._hangs = True
        if self._reader.worker.error is not None or self._recorder.queue.cancelled:
            self.tell_error()
        self._tell_stop()
        self._tell_progress()
        if self._errors:
            self.tell_error()

    def tell_error(self) -> None:
        """End the reader and call `on_error`, once; what it raises comes after the error that led here.

        Blocks that come from now on are marked: making the instruments safe takes the light away from them.
        """
        on_error, self._tell.on_error = self._tell.on_error, None
        if on_error is None:
            return
        self._reader.light.fail()
        self._reader.halt.set()
        try:
            on_error()
        except Exception as error:
            self._unsafe = error

    def shut_down(self) -> None:
        """Stop the reader, then let the recorder finish, then the live analysis; every wait is bounded."""
        self._reader.halt.set()
        if not self._hangs:
            self._reader.worker.join(self._settings.stop_timeout_s)
        self._recorder.queue.close()
        self._live.queue.close()
        self._join_recorder()
        self._join_live()
        self._collect_errors()

    def result(self) -> AcquisitionResult:
        """Return the result, or raise the first error with the result in it."""
        reader, live = self._reader, self._live
        ending = Ending.ERROR if self._errors else reader.ending
        if ending is Ending.STOPPED and live.reason:  # the goal was reached while someone asked for the end
            ending = Ending.GOAL
        result = AcquisitionResult(
            ending=ending,
            photons=reader.photons,
            blocks=reader.blocks,
            recorded_photons=self._recorder.photons,
            end_pulse=reader.end_pulse,
            elapsed_s=reader.pulses * self._period_s,
            live=live.snapshot,
            shed_blocks=live.shed_blocks,
            shed_photons=live.shed_photons,
            gaps=reader.gaps,
            lost_pulses=reader.lost_pulses,
            most_queued_photons=self._recorder.queue.most_photons,
            warnings=tuple(self._warnings),
            reason=live.reason if ending is Ending.GOAL else "",
            dark_s=reader.dark_pulses * self._period_s,
        )
        if self._errors:
            cause = self._errors[0]
            reasons = "; ".join(str(error) or type(error).__name__ for error in self._errors)
            kept = f"{result.recorded_photons} of {result.photons} photons ({result.elapsed_s:.3g} s) are kept"
            raise AcquisitionError(f"{reasons}; {kept}", result, self._unsafe) from cause
        return result

    def _tell_stop(self) -> None:
        """Call `on_stop`, once, when someone has asked for the end."""
        on_stop = self._tell.on_stop
        if on_stop is None or not self._stop.is_set():
            return
        self._tell.on_stop = None
        try:
            self._reader.light.switch(on_stop)
        except Exception as error:
            self._errors.append(error)

    def _tell_progress(self) -> None:
        progress = self._progress()
        self._tell.latest.put(progress)
        if self._tell.tick is None:
            return
        try:
            self._tell.tick(progress)
        except Exception as error:
            self._tell.tick = None
            self._errors.append(error)

    def _new_queue(self) -> BlockQueue:
        return BlockQueue(self._settings.queue_blocks, self._settings.queue_photons)

    def _progress(self) -> Progress:
        return Progress(self._reader.pulses * self._period_s, self._reader.photons, self._live.snapshot)

    def _reader_hangs_s(self, told_at: float | None) -> float | None:
        """Return how long the detector has not answered if that is too long."""
        busy_s = self._reader.worker.busy_s
        if told_at is None:
            return busy_s if busy_s > self._settings.block_timeout_s else None
        patient = time.monotonic() - told_at <= self._settings.stop_timeout_s
        return None if patient or busy_s == 0 else busy_s

    def _give_up_hanging_consumers(self) -> None:
        if self._live.worker.busy_s > self._settings.analysis_timeout_s:
            self._live.give_up()
        if self._recorder.worker.busy_s > self._settings.write_timeout_s:
            self._recorder.queue.cancel()

    def _join_recorder(self) -> None:
        """Wait for the recorder; without its thread the recording is closed here."""
        if not self._recorder.worker.started:
            self._stored.abandon()
        while not self._recorder.worker.join(POLL_S):
            reading = self._recorder.blocks < self._reader.blocks
            limit_s = self._settings.write_timeout_s if reading else self._settings.finish_timeout_s
            if self._recorder.worker.busy_s > limit_s:
                self.tell_error()
                self._recorder.queue.cancel()
                self._errors.append(TimeoutError(f"the disk has not taken the photons for {limit_s:g} s"))
                return

    def _join_live(self) -> None:
        while not self._live.worker.join(POLL_S):
            if self._live.worker.busy_s > self._settings.analysis_timeout_s:
                self._live.give_up()
                limit_s = self._settings.analysis_timeout_s
                self._warnings.append(f"the live analysis has hung for {limit_s:g} s and was given up")
                return

    def _collect_errors(self) -> None:
        for error in (self._reader.worker.error, self._recorder.worker.error):
            if error is not None:
                self._errors.append(error)
        if self._errors:
            self.tell_error()
        if self._unsafe is not None:
            self._errors.append(self._unsafe)
        if self._reader.late_error is not None:
            self._warnings.append(f"while stopping: {self._reader.late_error}")
        elapsed_s = self._reader.pulses * self._period_s
        if not self._errors and self._reader.ending is Ending.DURATION and elapsed_s < 0.999 * self._duration_s:
            self._warnings.append(f"the detector ended its stream after {elapsed_s:.4g} of {self._duration_s:.4g} s")
        if (waited_s := self._recorder.queue.waited_s) > SLOW_DISK_S:
            waiting = f"up to {self._recorder.queue.most_photons} photons waited for it"
            self._warnings.append(
                f"the disk was too slow: {waiting}, and the detector was read {waited_s:.1f} s late; no photon that it "
                "gave is lost, and what it lost meanwhile is marked as gaps. Record on a faster disk"
            )
        unseen = f"{self._live.shed_blocks} blocks ({self._live.shed_photons} photons)"
        if (error := self._live.worker.error) is not None:
            reason = f"{type(error).__name__}: {error}"
            unjudged = ", the goal was judged no more" if self._goal is not None and not self._live.reason else ""
            self._warnings.append(
                f"the live analysis failed ({reason}) and missed {unseen}{unjudged}; the raw data are complete"
            )
        elif self._live.shed_blocks:
            self._warnings.append(f"the live analysis lagged and skipped {unseen}; the raw data are complete")
