"""One look at a point while it is recorded: the analysis of what is stored so far, in a thread of its own."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from acquisition.analysis.recording import Calibration, PhotonRecording
from acquisition.session.base import SessionError
from acquisition.streaming import PhotonRecorder
from acquisition.streaming.worker import Worker
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo

STORED_WITHIN_S = 60.0
"""Longest wait for the recorder to store what the live analysis has seen already."""

POLL_S = 0.05

Analyse = Callable[[PhotonRecording, Callable[[str], None]], Mapping[str, Any]]
"""From a recording to results in the form of results.json; the second argument is told what is being done."""


class Recorded(Protocol):
    """A point that is being recorded."""

    def wait_until(self, end_pulse: int, timeout_s: float) -> bool:
        """Wait until everything before a pulse is stored; return whether it is. Raises if it will never be."""

    def open(self) -> PhotonRecording:
        """Return what is stored so far."""


class FollowedRecorder:
    """A recorder of which another thread knows how far it has come.

    Parameters
    ----------
    recorder : PhotonRecorder
        Does the work.
    open_so_far : callable
        Returns the recording that it has stored so far.
    """

    def __init__(self, recorder: PhotonRecorder, open_so_far: Callable[[], PhotonRecording]) -> None:
        self._recorder = recorder
        self._changed = threading.Condition()
        self._end_pulse = 0
        self._ended = False
        self.open = open_so_far

    def append(self, block: PhotonBlock) -> None:
        """Store a block."""
        self._recorder.append(block)
        with self._changed:
            self._end_pulse = block.end_pulse
            self._changed.notify_all()

    def finish(self) -> None:
        """Make everything durable."""
        try:
            self._recorder.finish()
        finally:
            self._end()

    def abandon(self) -> None:
        """Close after an error."""
        try:
            self._recorder.abandon()
        finally:
            self._end()

    def wait_until(self, end_pulse: int, timeout_s: float) -> bool:
        """Wait until everything before `end_pulse` is stored; return whether it is.

        Raises
        ------
        SessionError
            If the recording has ended before that pulse.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._end_pulse >= end_pulse, timeout_s)
            if self._end_pulse >= end_pulse:
                return True
            if self._ended:
                raise SessionError(f"the recording has ended before pulse {end_pulse}")
            return False

    def _end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()


class SoFar:
    """A recording up to a pulse, whatever comes behind; can be given up between two blocks.

    Parameters
    ----------
    recording : PhotonRecording
        May grow while it is read.
    end_pulse : int
        Where it ends.
    check : callable
        Called before each block; what it raises ends the reading.
    """

    def __init__(self, recording: PhotonRecording, end_pulse: int, check: Callable[[], None]) -> None:
        self._recording, self._end_pulse, self._check = recording, end_pulse, check

    @property
    def info(self) -> PhotonStreamInfo:
        """What holds for the whole stream."""
        return self._recording.info

    @property
    def calibration(self) -> Calibration:
        """What is known of the detector."""
        return self._recording.calibration

    @property
    def simulated(self) -> bool | None:
        """Whether the photons come from a simulator."""
        return self._recording.simulated

    @property
    def conditions(self) -> Mapping[str, float]:
        """Conditions of the measurement."""
        return self._recording.conditions

    def blocks(self) -> Iterator[PhotonBlock]:
        """Yield the blocks that end at the last pulse or before."""
        for block in self._recording.blocks():
            self._check()
            if block.end_pulse > self._end_pulse:
                return
            yield block


class Look:
    """An analysis of what is recorded so far; `start` returns at once.

    Attributes
    ----------
    elapsed_s : float
        Time of the stream that it looks at.
    done : threading.Event
        Set when `results` and `problem` are there.
    results : mapping or None
        In the form of results.json; None if the analysis failed or was given up.
    problem : str
        Why it failed.
    took_s : float
        Wall time that it took.
    """

    def __init__(self, recorded: Recorded, end_pulse: int, elapsed_s: float, analyse: Analyse) -> None:
        self._recorded, self._end_pulse, self._analyse = recorded, end_pulse, analyse
        self._given_up = threading.Event()
        self._worker = Worker("analysis so far", self._run, daemon=True)
        self.elapsed_s = elapsed_s
        self.done = threading.Event()
        self.results: Mapping[str, Any] | None = None
        self.problem = ""
        self.took_s = 0.0

    def start(self) -> None:
        """Start the thread. Raises `RuntimeError` if the system has no more."""
        self._worker.start()

    def give_up(self, timeout_s: float) -> bool:
        """End the look and wait for its thread, at most so long; return whether it has ended."""
        self._given_up.set()
        return self._worker.join(timeout_s)

    def _run(self) -> None:
        begun_s = time.monotonic()
        try:
            self._wait_until_stored()
            so_far = SoFar(self._recorded.open(), self._end_pulse, self._check)
            self.results = self._analyse(so_far, lambda text: self._check())
        except Exception as error:  # a look that fails must not end a measurement
            ours = isinstance(error, OSError) or type(error).__module__.startswith("acquisition.")
            self.problem = str(error) if ours else repr(error)
        finally:
            self.took_s = time.monotonic() - begun_s
            self.done.set()

    def _wait_until_stored(self) -> None:
        deadline_s = time.monotonic() + STORED_WITHIN_S
        while not self._recorded.wait_until(self._end_pulse, POLL_S):
            self._check()
            if time.monotonic() > deadline_s:
                raise SessionError(f"the recorder has not stored pulse {self._end_pulse} within {STORED_WITHIN_S:g} s")

    def _check(self) -> None:
        if self._given_up.is_set():
            raise SessionError("the look was given up")


def analyse_so_far(recording: PhotonRecording, report: Callable[[str], None]) -> Mapping[str, Any]:
    """Return the results of the same analysis as afterwards; the compiled code is loaded only here."""
    from acquisition.analysis.analyze import analyze
    from acquisition.analysis.results import results_of

    return results_of(analyze(recording, progress=report))
