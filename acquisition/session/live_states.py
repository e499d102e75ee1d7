"""Analyses what is recorded so far again and again, for a display, in one thread that never takes much of a core."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from acquisition.analysis.recording import PhotonRecording
from acquisition.live_view import LiveDisplay
from acquisition.live_view.state_results import StateResults
from acquisition.session.base import SessionError
from acquisition.session.goals_look import SoFar
from acquisition.session.newest import Newest
from acquisition.storage import PointFolder
from acquisition.storage.analysis_file import load_analysis
from acquisition.streaming.worker import Worker

LOOKED_AT_S = 10.0
"""Nothing is analysed unless somebody has asked within this time."""

INTERVAL_S = 3.0
"""Least time between the beginnings of two analyses."""

SHARE = 0.3
"""Largest share of one core that the analyses take."""

FIRST_LOOK_S = 10.0
"""Time of a point before which its photons would not suffice to tell charge states apart."""

MOST_PHOTONS = 10_000_000
"""So many of the newest photons are analysed while a measurement goes on: longer points would be seen ever later."""

LEAST_S = 30.0
"""So much of the newest time is analysed in any case."""

LONGEST_REST_S = 1.0
"""Within an analysis; what is owed then comes later."""

POLL_S = 0.1
END_TIMEOUT_S = 10.0
EVERYTHING = 1 << 62


class Duty:
    """Work and rest of one thread: says how long it must rest so that its share of a core is kept.

    Parameters
    ----------
    wake : threading.Event
        Is set when the work is to be given up.
    share : float
        Largest share of one core, above 0.
    """

    def __init__(self, wake: threading.Event, share: float = SHARE) -> None:
        self._wake, self._begun_s, self._rested_s = wake, time.thread_time(), 0.0
        self._share = share

    @property
    def over(self) -> bool:
        """Whether the work is to be given up."""
        return self._wake.is_set()

    @property
    def owed_s(self) -> float:
        """How long to rest now."""
        return (time.thread_time() - self._begun_s) * (1.0 / self._share - 1.0) - self._rested_s

    def rest(self, longest_s: float) -> None:
        """Rest for what is owed, at most so long, or until woken."""
        owed_s = min(self.owed_s, longest_s)
        if owed_s > POLL_S / 2:
            begun_s = time.monotonic()
            self._wake.wait(owed_s)
            self._rested_s += time.monotonic() - begun_s


class LiveStates:
    """Keeps the analysis of the present point up to date while somebody asks for it.

    While the measurement goes on, of long points only the newest photons are analysed, so that the analysis keeps up.
    Afterwards the last point is analysed as a whole, unless the run has done that itself, and with a whole core.

    Parameters
    ----------
    display : LiveDisplay
        Says which point is shown, and shows what is found.
    open_point : callable
        Returns what is recorded of a point so far.
    folder : callable
        Returns the folder of a point.
    """

    def __init__(
        self,
        display: LiveDisplay,
        open_point: Callable[[int], PhotonRecording],
        folder: Callable[[int], PointFolder],
    ) -> None:
        self.display, self._open_point, self._folder = display, open_point, folder
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._wake = threading.Event()  # of the present worker
        self._resting = self._over = False
        self._asked_s = -LOOKED_AT_S
        self._seen: tuple[int, float] | None = None
        self._seen_at_s = -INTERVAL_S

    @property
    def wanted(self) -> bool:
        """Whether somebody has asked lately."""
        return time.monotonic() - self._asked_s < LOOKED_AT_S

    def ask(self) -> None:
        """Keep the analysis up to date for the next 10 s; returns at once."""
        self._asked_s = time.monotonic()
        with self._lock:
            if self._resting or (self._worker is not None and not self._worker.join(0.0)):
                return
            wake = self._wake = threading.Event()
            self._worker = Worker("live states", lambda: self._run(wake), daemon=True)
            try:
                self._worker.start()
            except RuntimeError:  # the system has no more threads; asked again soon
                self._worker = None

    def rest(self) -> None:
        """End an analysis that goes on, and begin none until `go_on`: the files of the run are about to be made."""
        with self._lock:
            self._resting = True
            worker, wake = self._worker, self._wake
        wake.set()
        if worker is not None:
            worker.join(END_TIMEOUT_S)

    def go_on(self) -> None:
        """Let there be analyses again, now that nothing more comes: one of what is stored, or of the whole point."""
        with self._lock:
            self._resting, self._over, self._worker, self._seen = False, True, None, None

    def analyse(self, point: int, recording: PhotonRecording, report: Callable[[str], None]) -> Mapping[str, Any]:
        """Return the results of a look at a goal, and show them if somebody looks: nothing is analysed twice."""
        from acquisition.analysis.analyze import analyze
        from acquisition.analysis.results import results_of

        begun_s = time.monotonic()
        analysis = analyze(recording, progress=report)
        results = results_of(analysis)
        if self.wanted:
            from acquisition.report.figure_data import figure_data

            data = figure_data(analysis)
            took_s = time.monotonic() - begun_s
            elapsed_s = float(results["duration_s"])
            self.display.show_states(point, StateResults(elapsed_s, data.arrays, data.values, took_s=took_s))
            self._seen, self._seen_at_s = (point, elapsed_s), time.monotonic()
        return results

    def _run(self, wake: threading.Event) -> None:
        while self.wanted and not wake.is_set():
            duty = Duty(wake, 1.0 if self._over else SHARE)
            if self._is_due():
                self._look(duty)
            wake.wait(POLL_S)
            while duty.owed_s > POLL_S and not wake.is_set():
                duty.rest(duty.owed_s)

    def _is_due(self) -> bool:
        """Whether something new is there of the point that is shown, and the last analysis was long enough ago."""
        point, elapsed_s = self.display.point, self.display.elapsed_s
        if point is None or elapsed_s <= 0 or time.monotonic() - self._seen_at_s < INTERVAL_S:
            return False
        if elapsed_s < FIRST_LOOK_S and not self._over:
            return False
        return self._seen is None or self._seen[0] != point or elapsed_s > self._seen[1]

    def _look(self, duty: Duty) -> None:
        point, elapsed_s = self.display.point, self.display.elapsed_s
        if point is None:
            return
        begun_s = self._seen_at_s = time.monotonic()
        try:
            found = self._stored(point, elapsed_s) or self._analysed(point, elapsed_s, duty)
        except Exception as error:  # a look that fails must not end a measurement, nor the next look
            if duty.over:
                return
            ours = isinstance(error, OSError) or type(error).__module__.startswith("acquisition.")
            problem = str(error) if ours else repr(error)
            found = StateResults(elapsed_s, {}, {}, problem, time.monotonic() - begun_s)
        self._seen = point, elapsed_s
        self.display.show_states(point, found)

    def _stored(self, point: int, elapsed_s: float) -> StateResults | None:
        """Return the analysis of a point that stands in the run folder; None if there is none."""
        path = self._folder(point).analysis_h5
        if not path.exists():
            return None
        arrays, values = load_analysis(path)
        return StateResults(elapsed_s, arrays, values, final=True)

    def _analysed(self, point: int, elapsed_s: float, duty: Duty) -> StateResults:
        """Analyse what is there, with rests; the compiled code is loaded only here."""
        from acquisition.analysis.analyze import analyze
        from acquisition.report.figure_data import figure_data

        begun_s = time.monotonic()

        def check() -> None:
            duty.rest(LONGEST_REST_S)
            if duty.over:
                raise SessionError("the look was given up")

        recording, newest_s = self._open_point(point), self._newest_s(elapsed_s)
        if newest_s is not None:
            recording = Newest(recording, int((elapsed_s - newest_s) * 1e12 / recording.info.period_ps))
        analysis = analyze(SoFar(recording, EVERYTHING, check), progress=lambda text: check())
        if newest_s is not None:
            newest_s = analysis.passes.pulses * analysis.info.period_ps * 1e-12
        data = figure_data(analysis)
        took_s = time.monotonic() - begun_s
        return StateResults(elapsed_s, data.arrays, data.values, took_s=took_s, of_last_s=newest_s)

    def _newest_s(self, elapsed_s: float) -> float | None:
        """Return how much of the newest time is analysed; None: all that there is."""
        if self._over:
            return None
        newest_s = max(LEAST_S, MOST_PHOTONS * elapsed_s / max(1, self.display.photons))
        return newest_s if newest_s < elapsed_s else None
