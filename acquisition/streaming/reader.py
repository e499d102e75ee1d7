"""Reads the detector and hands each block to the recorder and the live analysis."""

import threading

from acquisition.streaming.block_queue import BlockQueue
from acquisition.streaming.live_worker import LiveWorker
from acquisition.streaming.pacing import PhotonSource
from acquisition.streaming.parts import LightSwitch, Part, without_light
from acquisition.streaming.types import Ending, StreamSettings
from acquisition.streaming.worker import Worker
from drivers.interfaces.errors import DeviceError
from drivers.interfaces.photons import PhotonBlock


class Reader:
    """The thread that iterates over the photons of a SPAD array.

    It counts the pulses of the detector on from the parts before, and marks the block in which the
    light was switched off. It holds no file, so the process may end while an instrument hangs in it.
    """

    def __init__(
        self,
        spad_array: PhotonSource,
        duration_s: float,
        to_recorder: BlockQueue,
        live: LiveWorker,
        stop: threading.Event,
        settings: StreamSettings,
        part: Part,
        enough: threading.Event,
        *,
        tells_light: bool,
    ) -> None:
        self._spad_array = spad_array
        self._duration_s = duration_s
        self._to_recorder = to_recorder
        self._live = live
        self._stop = stop
        self._settings = settings
        self._part, self._enough = part, enough
        self.light = LightSwitch(stop, judged=not tells_light)
        self.halt = threading.Event()
        self.worker = Worker("photon reader", self._read, daemon=True)
        self.ending = Ending.DURATION
        self.late_error: DeviceError | None = None
        self.blocks = 0
        self.photons = 0
        self.end_pulse = part.start
        self.pulses = 0
        self.dark_pulses = 0
        self.gaps = 0
        self.lost_pulses = 0

    @property
    def told_to_stop(self) -> bool:
        """Whether someone wants the acquisition to end now."""
        return self._stop.is_set() or self.halt.is_set()

    def _read(self) -> None:
        try:
            self._read_blocks()
        except DeviceError as error:
            if not self.told_to_stop:
                raise
            # an array that was made safe in the middle of a block may end it with an error
            self.ending = Ending.STOPPED
            self.late_error = error
        finally:
            self._to_recorder.close()
            self._live.queue.close()

    def _read_blocks(self) -> None:
        stream = self._spad_array.photons(self._duration_s)
        try:
            while not self._has_reason_to_end():
                with self.worker.busy():
                    block = next(stream, None)
                if block is None:
                    self.ending = Ending.STOPPED if self.told_to_stop else Ending.DURATION
                    return
                placed = self._part.placed(block, first=not self.blocks)
                if why := self.light.went_off:
                    placed = without_light(placed, why)
                    self.dark_pulses += block.end_pulse - self.pulses
                if not self._to_recorder.put(placed):
                    self.ending = Ending.ERROR
                    return
                self.pulses = block.end_pulse
                self._count(placed)
                self._live.give(placed, shed=self._settings.shed)
        finally:
            with self.worker.busy():
                stream.close()

    def _has_reason_to_end(self) -> bool:
        if self.told_to_stop:
            self.ending = Ending.STOPPED
        elif self._live.goal_reached(self.blocks, shed=self._settings.shed):
            self.ending = Ending.GOAL
        elif self._enough.is_set():
            self.ending = Ending.DURATION
        else:
            return False
        return True

    def _count(self, block: PhotonBlock) -> None:
        self.blocks += 1
        self.photons += len(block)
        self.end_pulse = block.end_pulse
        self.gaps += len(block.gaps)
        self.lost_pulses += sum(gap.end_pulse - gap.first_pulse for gap in block.gaps)
