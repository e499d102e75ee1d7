"""Carries out steps that a script or notebook gives, and waits until everything is done."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from acquisition.rig import NotSafeError, Rig
from acquisition.scripting.asking import Answer, Asking
from acquisition.scripting.pulled import POLL_S, PulledSteps, words_of
from acquisition.sequence import PlainStep, SequenceError, Step, check_attended
from acquisition.sequence import Sequence as StepSequence
from acquisition.session import SessionError
from acquisition.session.looked_after import look_after
from acquisition.session.preparing import prepare_new
from acquisition.session.resuming import prepare_resumed
from acquisition.session.run_job import RunJob
from acquisition.session.sequence_file import sequence_text
from acquisition.session.sources import check_allowed
from acquisition.storage import write_text

PROGRESS_INTERVAL_S = 0.5
WRITE_INTERVAL_S = 10.0
PROGRAM = "a Python program"
END_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run gave.

    Attributes
    ----------
    run : Path
        Its folder.
    status : str
        completed, stopped, aborted or failed.
    points : tuple of dict
        What run.json says of each acquisition: ``number``, ``label``, ``conditions``, ``photons``, ``elapsed_s``, ...
    results : dict or None
        Content of results.json; None without analysis.
    report : Path or None
        The report as an HTML page; None without analysis.
    """

    run: Path
    status: str
    points: tuple[dict[str, Any], ...]
    results: dict[str, Any] | None
    report: Path | None


class RunFailed(Exception):  # noqa: N818 - reads as what has happened
    """A run has failed; the instruments are safe unless the text says otherwise, and what was recorded is kept.

    Attributes
    ----------
    result : RunResult
        What it gave before.
    """

    def __init__(self, message: str, result: RunResult) -> None:
        super().__init__(message)
        self.result = result


def run_steps(
    rig: Rig,
    steps: Iterable[Step | Mapping[str, Any]],
    *,
    name: str,
    out: str | Path = "runs",
    metadata: Mapping[str, Any] | None = None,
    cleanup: Sequence[PlainStep | Mapping[str, Any]] = (),
    analyse: bool = True,
    on_progress: Callable[[Mapping[str, Any]], None] | None = None,
    answer: Answer | None = None,
    resume: str | Path | None = None,
    allow_changes: bool = False,
    attended: bool = True,
    guarded: bool = True,
) -> RunResult:
    """Carry out steps on a rig, record, analyse and report, as `cascadescope run` does.

    Ctrl-C (in a notebook: interrupting the kernel) makes the instruments safe, keeps what was recorded, and is
    raised again.

    Parameters
    ----------
    rig : Rig
        Made by `open_rig`; its interlocks are watched until it is closed.
    steps : iterable of steps
        Objects or dicts. A list or tuple is checked against the rig as a whole before anything is switched on, each
        step of a generator when its turn comes. A generator gets the values of each step that it yields:
        ``point = yield AcquirePhotons(duration_s=10)``; it runs in the thread of the caller.
    name : str
        What the run is called; letters, digits, ``-`` and ``_``.
    out : path
        Folder in which the run gets its own.
    metadata : mapping, optional
        Sample, operator, purpose, ...
    cleanup : sequence of steps, optional
        Carried out at the end, also after a stop.
    analyse : bool
        Whether to analyse and report at the end.
    on_progress : callable, optional
        Is given the status of the run (see `Session.status`) about twice a second, in the thread of the caller.
    answer : callable, optional
        Is given question and choices when the run asks something, and returns a choice; asks with `input` by default.
        Runs in a thread of its own; what it returns when the run has gone on without an answer is dropped.
    resume : path, optional
        Folder of a run that was broken off and goes on: `steps` yields again what it yielded then, and is told what
        those steps gave, from the journal, until the first that is missing. Name, metadata and cleanup are the run's.
    allow_changes : bool
        Whether it may go on with another rig.
    attended : bool
        Whether a person is at the instruments the whole time, who is asked to do by hand what no software can.
    guarded : bool
        Whether a rig with instruments that outlive this program is refused if no guardian watches it, as
        `cascadescope script` provides one. False is dangerous: if the program dies, light, heat and bias stay on.

    Raises
    ------
    SequenceError
        If a step is wrong or the rig does not allow it; a later step of a generator makes the run fail instead.
    SessionError
        If there is nothing to resume, the rig is another one, a guardian is missing, or an interlock that has tripped
        was not acknowledged.
    RunFailed
        If the run has failed or an interlock has tripped, chained from what a generator raised if it did; its
        `result` says what was kept.
    """
    keeper = look_after(rig, guarded=guarded)
    keeper.check()
    pulled = None if isinstance(steps, list | tuple) else PulledSteps(iter(steps))
    known = tuple(steps) if pulled is None else (pulled.first(),)
    sequence = _sequence(name, metadata, known, cleanup)
    check_allowed(sequence, rig)
    check_attended(rig, attended=attended)
    if resume is None:
        prepared = prepare_new(rig, sequence, Path(out))
    else:
        prepared = prepare_resumed(lambda: rig, Path(resume), allow_changes=allow_changes, by_program=True)
    if pulled is not None:
        prepared.record["steps_from"] = PROGRAM
    given = sequence.steps if pulled is None else pulled.for_engine()
    prepared = replace(prepared, steps=given, analyse=analyse, attended=attended)
    job = RunJob(rig, prepared, keeper.look)
    keeper.begin(job)
    served = _Served(job, pulled, on_progress, Asking(answer), prepared.sequence, len(prepared.sequence.steps))
    try:
        job.start()
        served.until_done()
    except BaseException as error:
        _abort(job, pulled)
        error.add_note(f"the run was aborted; what was recorded is in {job.folder.path}")
        raise
    finally:
        if pulled is not None:
            pulled.close()
            served.write_steps()
    return _result(job, pulled)


@dataclass
class _Served:
    """What the caller's thread does while a run goes on."""

    job: RunJob
    pulled: PulledSteps | None
    on_progress: Callable[[Mapping[str, Any]], None] | None
    asking: Asking
    sequence: StepSequence
    written: int
    told_at: float = 0.0
    written_at: float = 0.0

    def until_done(self) -> None:
        """Give steps, tell the progress and ask what the run asks, until the run has ended."""
        while not self.job.done:
            if self.pulled is None or self.pulled.error is not None:
                self.job.wait(POLL_S)
            elif self.pulled.serve(POLL_S) and time.monotonic() - self.written_at > WRITE_INTERVAL_S:
                self.write_steps()
            if self.on_progress is not None and time.monotonic() - self.told_at >= PROGRESS_INTERVAL_S:
                self.told_at = time.monotonic()
                self.on_progress(self.job.status())
            said = self.asking.look(self.job.questions.pending)
            if said is not None:
                with suppress(SessionError):  # asked again, if it still is
                    self.job.questions.answer(said)
                self.job.wait(2 * POLL_S)
        self.job.wait(END_TIMEOUT_S)

    def write_steps(self) -> None:
        """Write sequence.yaml anew, with the steps as they were carried out."""
        if self.pulled is not None and len(self.pulled.done) > self.written:
            steps = tuple(self.pulled.done)
            text = sequence_text(self.sequence.model_copy(update={"steps": steps}))
            write_text(self.job.folder.sequence_yaml, text)
            self.written, self.written_at = len(steps), time.monotonic()


def _abort(job: RunJob, pulled: PulledSteps | None) -> None:
    with suppress(NotSafeError):  # told by the run, and again when the rig is closed
        job.abort()
    if pulled is not None:
        pulled.close()
    job.wait(END_TIMEOUT_S)


def _result(job: RunJob, pulled: PulledSteps | None) -> RunResult:
    folder, status = job.folder, job.status()
    result = RunResult(
        run=folder.path,
        status=str(status["outcome"]),
        points=tuple(folder.read_run_json()["points"]),
        results=folder.read_results() if folder.results_json.exists() else None,
        report=folder.report_html if folder.report_html.exists() else None,
    )
    if not status["ok"] and (result.status != "aborted" or job.tripped):
        message = f"{status['message']}; what was recorded is kept in {folder.path}"
        raise RunFailed(message, result) from (None if pulled is None else pulled.error)
    return result


def _sequence(
    name: str, metadata: Mapping[str, Any] | None, steps: Sequence[Any], cleanup: Sequence[Any]
) -> StepSequence:
    data = {"name": name, "metadata": dict(metadata or {}), "steps": tuple(steps), "cleanup": tuple(cleanup)}
    try:
        return StepSequence.model_validate(data)
    except ValidationError as error:
        raise SequenceError(words_of(error)) from error
