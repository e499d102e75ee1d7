"""One run of a session: the engine in its thread, then files, truth, analysis and report."""

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from typing import Any

from acquisition.live_view import LiveDisplay
from acquisition.rig import Rig
from acquisition.sequence import Engine, RunOutcome, RunStatus, State
from acquisition.session.aligning import ALIGNMENT, Alignment
from acquisition.session.analysing import analyze_run
from acquisition.session.base import SessionError
from acquisition.session.conditions import metadata_of_points
from acquisition.session.engine_status import engine_status
from acquisition.session.exit_guard import guard_exit
from acquisition.session.goals_of_run import RunGoals
from acquisition.session.live import warm_up
from acquisition.session.live_states import LiveStates
from acquisition.session.preparing import PreparedRun
from acquisition.session.questions import Questions
from acquisition.session.recording import RunRecording
from acquisition.session.reporting import write_report
from acquisition.session.run_files import RunFiles
from acquisition.session.run_record import recording_details, unfinished_points
from acquisition.session.run_services import RunServices
from acquisition.session.run_watch import Look, RunWatch, no_look
from acquisition.session.stored_verbs import Verdict
from acquisition.session.stream_settings import stream_settings
from acquisition.session.truth_record import BENCH_POINTS, TruthRecord
from acquisition.storage import Journal, StorageError, disturbed


class RunJob:
    """Carries out one sequence and everything that follows; `start` returns at once.

    Parameters
    ----------
    rig : Rig
        The instruments, connected.
    prepared : PreparedRun
        What is to be done, checked against the rig, and where.
    look : callable, optional
        Looks at the interlocks of the session, if that is to be done in the run itself.

    Attributes
    ----------
    tripped : bool
        Whether an interlock has ended it.
    alignment : Alignment or None
        What a person hands steps to, if that is what the run is for.

    Raises
    ------
    StorageError
        If the journal cannot be written.
    """

    def __init__(self, rig: Rig, prepared: PreparedRun, look: Look = no_look) -> None:
        self._rig, self._sequence = rig, prepared.sequence
        self.display = LiveDisplay()
        self.alignment = Alignment(rig, self.display, self._sequence.metadata) if prepared.aligns else None
        given = prepared.steps if self.alignment is None else self.alignment.steps
        self._steps = self._sequence.steps if given is None else given
        self._analyse, self._history = prepared.analyse, prepared.history
        self.folder, self._record = prepared.folder, prepared.record
        self.questions = Questions()
        truth = TruthRecord(rig, prepared.truth)
        self._journal = prepared.journal or Journal(self.folder.journal)
        self._journal.append({"event": prepared.event, "name": self._sequence.name, **prepared.details})
        details = recording_details(self._record)
        self._recording = RunRecording(self.folder, rig, metadata_of_points(self._sequence), details)
        self._notes = prepared.notes
        self._goals = RunGoals(
            rig,
            self._sequence.metadata,
            lambda: self.engine.state is not State.RUNNING,
            self._journal.append,
            self._notes,
            lambda number, recording, report: self._states.analyse(number, recording, report),
        )
        self._files = RunFiles(
            self.folder, self._record, truth, self._recording.conditions_of, self._notes, self._goals
        )
        self._states = LiveStates(self.display, self._recording.look, self.folder.point)
        self.display.ask_states, self.display.goals = self._states.ask, self._goals.progress
        services = self._services = RunServices(
            self.folder,
            rig,
            self._recording,
            self._goals,
            truth,
            self.questions,
            self.display,
            self._files.begin_part,
            self._files.end_point,
        )
        services.record_point = self._files.record_point
        look = look if self.alignment is None else self.alignment.looking(look, lambda: self.engine)
        self._watch = RunWatch(
            rig, self._sequence, self.folder, self._record, self._journal.append, self._remaining_s,
            self.display.show_readings, look=look,
        )  # fmt: skip
        self.engine = Engine(
            rig,
            services,
            journal=self._write_event,
            watch=self._watch,
            warm_up=lambda: warm_up(rig.spad_array.pixel_count, rig.calibration),
            stream=stream_settings(rig),
            attended=prepared.attended,
        )
        self._thread = threading.Thread(target=self._run, name="sequence engine")
        self._claim = threading.Lock()
        self._done, self._given_up = threading.Event(), threading.Event()
        self._outcome: RunStatus | None = None
        self.tripped = False
        self._problems: list[str] = []
        self._warnings, self._work = list(prepared.warnings), ""
        self._disk = ExitStack()

    def start(self, begun: Callable[[], None] = lambda: None) -> None:
        """Begin the run and start the thread of its engine, and one that aborts it should the program end before.

        Whatever is raised, the run has ended then, or ends in its thread.

        Parameters
        ----------
        begun : callable
            Called when verbs reach the run, before anything is switched on.

        Raises
        ------
        SequenceError, StateError
            If the rig does not allow the run now.
        StorageError
            If truth.json cannot be written.
        """
        self._disk.enter_context(disturbed(self.folder.path, self._rig.disk))
        try:
            setup = None if self.alignment is None else self.alignment.setup
            self.engine.begin(self._steps, self._sequence.cleanup, self._history, setup)
        except Exception as error:
            refused = RunOutcome(RunStatus.FAILED, (), error)
            self._conclude_and_close(lambda: refused)
            raise
        try:
            begun()
            self._files.write_truth()
            self._thread.start()
            guard_exit(self._done, self.abort)
        except BaseException:
            try:
                self.abort()
            finally:
                self._run()  # no effect if the thread has begun
            raise

    def abort(self) -> None:
        """Abort the engine, or give up the analysis. Raises `NotSafeError` if an instrument could not be made safe."""
        self._given_up.set()
        self.engine.abort()

    def trip(self, interlock: str, message: str) -> None:
        """Abort because an interlock has tripped; journal and run.json say so. Raises `NotSafeError` as `abort`."""
        self.tripped = True
        self._problems.append(f"interlock {interlock}: {message}")
        self._record.setdefault("interlocks", []).append({"name": interlock, "message": message})
        self._given_up.set()
        self.engine.trip(interlock, message)

    def warn(self, text: str) -> None:
        """Tell what ends nothing."""
        self._watch.warn(text)

    def mark(self, verdict: Verdict | None, comment: str) -> dict[str, Any]:
        """Write a judgement on the dot into run.json, see `Session.mark`."""
        return self._files.judge(verdict, comment)

    @property
    def rests(self) -> bool:
        """Whether the run is paused, so that somebody may deal with the instruments."""
        return self.engine.state is State.PAUSED

    def wait(self, timeout_s: float) -> bool:
        """Wait until everything is done, at most `timeout_s`; return whether it is."""
        if self._done.wait(timeout_s) and self._thread.ident is not None:
            self._thread.join(timeout_s)
        return self._done.is_set()

    def close_views(self) -> None:
        """End what is still being analysed for displays; a run that has ended stays shown as it is."""
        self._states.rest()

    @property
    def simulated(self) -> bool:
        """Whether any instrument is simulated, as run.json says."""
        return bool(self._record["simulated"])

    @property
    def done(self) -> bool:
        """Whether the run and its analysis have ended."""
        return self._done.is_set()

    def status(self) -> dict[str, Any]:
        """Return the state of the run as plain data, as `Session.status` says."""
        engine = self.engine.status()
        state = str(engine.state)
        if engine.state is State.IDLE and not self.done:
            state = "analysing" if self._work else "running"
        return {
            "state": state,
            "mode": None if self.done else "sequence" if self.alignment is None else ALIGNMENT,
            "outcome": str(self._outcome) if self._outcome and self.done else None,
            "ok": self.done and not self._problems and self._outcome in (RunStatus.COMPLETED, RunStatus.STOPPED),
            "run": str(self.folder.path),
            **engine_status(engine),
            "message": "; ".join(self._problems) or self._work or self._services.reading or engine.step or "preparing",
            "warnings": list(dict.fromkeys([*self._watch.warnings, *self._warnings])),
            "question": self.questions.pending,
            "simulated": self._record["simulated"],
        }

    def _remaining_s(self) -> float | None:
        return self.engine.status().remaining_s

    def _run(self) -> None:
        """Carry out the run, once, whichever thread comes first."""
        if self._claim.acquire(blocking=False):
            self._conclude_and_close(self.engine.carry_on)

    def _conclude_and_close(self, act: Callable[[], RunOutcome]) -> None:
        try:
            outcome = act()
            self._outcome = outcome.status
            self._conclude(outcome)
        except Exception as error:
            self._outcome = self._outcome or RunStatus.FAILED
            self._problems.append(f"{type(error).__name__}: {error}")
        finally:
            self._outcome = self._outcome or RunStatus.ABORTED
            with suppress(StorageError):  # without it, a run that is resumed makes its files and results once more
                self._journal.append({"event": "run_closed", "outcome": str(self._outcome)})
            self._journal.close()
            self._states.go_on()
            self._disk.close()
            self._done.set()

    def _conclude(self, outcome: RunOutcome) -> None:
        """Store everything, most valuable first; what fails is told and does not stop the rest."""
        if outcome.error is not None:
            self._problems.append(str(outcome.error))
        self._warnings += [warning for point in outcome.points for warning in point.result.warnings]
        if self.alignment is not None:
            self._record["dose"] = self.alignment.dose
        self._attempt("writing truth.json", self._files.write_truth)
        self._attempt("writing run.json", lambda: self._files.write_end(outcome, self._problems))
        self._goals.end_all()
        self._states.rest()
        unfinished = unfinished_points(self.folder, self._record)
        self._attempt("writing the photon files", lambda: self._recording.make_files(unfinished))
        self._attempt("writing the frame files", self._services.make_frame_files)
        if self._analyse and outcome.status is not RunStatus.ABORTED and self._has_photons:
            self._attempt("the analysis", lambda: analyze_run(self.folder, self._report_work))
            if self.folder.results_json.exists():
                self._attempt("the report", lambda: write_report(self.folder.path))
        if self._problems:
            self._attempt("writing run.json", lambda: self._files.write_end(outcome, self._problems))

    @property
    def _has_photons(self) -> bool:
        """Whether there is a point that can be analysed."""
        return any("photons" in point for point in self._record["points"])

    def _attempt(self, what: str, act: Callable[[], object]) -> None:
        self._work = what
        try:
            act()
        except Exception as error:
            known = isinstance(error, OSError) or type(error).__module__.startswith("acquisition.")
            self._problems.append(f"{what} failed: {error}" if known else f"{what} failed: {error!r}")
            with suppress(StorageError):  # a disk that refuses the journal may still take what comes next
                self._journal.append({"event": "error", "message": self._problems[-1]})

    def _report_work(self, text: str) -> None:
        if self._given_up.is_set():
            raise SessionError(f"given up; `cascadescope analyze {self.folder.path}` does it anew")
        self._work = text

    def _write_event(self, event: Mapping[str, Any]) -> None:
        """Write an event of the engine, with what a simulated bench has made by then. Raises `StorageError`."""
        if event["event"] == "data_doubtful":
            self._notes.take(event)
        elif event["event"] == "done_by_hand":
            event = {**event, "operator": self._record["operator"]}
        if self.alignment is not None:
            self.alignment.take(event)
        made = self._rig.next_point - 1
        self._journal.append({**event, BENCH_POINTS: made} if made else event)
