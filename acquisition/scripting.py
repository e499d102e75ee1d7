"""Measuring from a script or notebook: a rig, and steps as plain Python that may decide by what was measured before."""

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from acquisition.rig import NotSafeError, Rig, open_rig
from acquisition.sequence import PlainStep, SequenceError, Step, Values, read_steps
from acquisition.sequence import Sequence as StepSequence
from acquisition.sequence.driving import next_step
from acquisition.session import SessionError
from acquisition.session.preparing import prepare_new
from acquisition.session.run_job import RunJob
from acquisition.session.sequence_file import sequence_text
from acquisition.session.sources import check_allowed
from acquisition.storage import write_text

__all__ = ["RunFailed", "RunResult", "open_rig", "run_steps"]

POLL_S = 0.05
PROGRESS_INTERVAL_S = 0.5
WRITE_INTERVAL_S = 10.0
PROGRAM = "a Python program"
END_TIMEOUT_S = 120.0

Answer = Callable[[str, Sequence[str]], str]


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
) -> RunResult:
    """Carry out steps on a rig, record, analyse and report, as `cascadescope run` does.

    Ctrl-C (in a notebook: interrupting the kernel) makes the instruments safe, keeps what was recorded, and is
    raised again.

    Parameters
    ----------
    rig : Rig
        Made by `open_rig`.
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

    Raises
    ------
    SequenceError
        If a step is wrong or the rig does not allow it; a later step of a generator makes the run fail instead.
    RunFailed
        If the run has failed, chained from what a generator raised if it did; its `result` says what was kept.
    """
    pulled = None if isinstance(steps, list | tuple) else _Pulled(iter(steps))
    known = tuple(steps) if pulled is None else (pulled.first(),)
    sequence = _sequence(name, metadata, known, cleanup)
    check_allowed(sequence, rig)
    prepared = replace(prepare_new(rig, sequence, Path(out)), analyse=analyse)
    if pulled is not None:
        prepared.record["steps_from"] = PROGRAM
        prepared = replace(prepared, steps=pulled.for_engine())
    job = RunJob(rig, prepared)
    served = _Served(job, pulled, on_progress, answer or _ask_here, prepared.sequence)
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


class _Pulled:
    """The steps of a generator, pulled in the thread of the caller when the engine, in its own, wants the next one."""

    def __init__(self, steps: Iterator[Any]) -> None:
        self._steps = steps
        self._wanted: queue.SimpleQueue[Values] = queue.SimpleQueue()
        self._given: queue.SimpleQueue[Step | BaseException | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self.done: list[Step] = []
        self.error: Exception | None = None

    def first(self) -> Step:
        """Return the first step, before the engine asks for it."""
        step = self._next({}, started=False)
        if step is None:
            raise SequenceError("there is no step; yield at least one")
        self._given.put(step)
        return step

    def for_engine(self) -> Generator[Step, Values, None]:
        """Yield the steps in the thread of the engine."""
        values: Values | None = None
        while True:
            if values is not None:
                self._wanted.put(values)
            step = self._wait()
            if step is None:
                return
            if isinstance(step, BaseException):
                raise step
            values = yield step

    def serve(self, timeout_s: float) -> bool:
        """Give the engine the next step if it wants one within `timeout_s`; return whether it did."""
        try:
            values = self._wanted.get(timeout=timeout_s)
        except queue.Empty:
            return False
        try:
            self._given.put(self._next(values, started=True))
        except Exception as error:
            self.error = error
            self._given.put(error)
        return True

    def close(self) -> None:
        """Let nobody wait for a step any more."""
        self._closed.set()
        if isinstance(self._steps, Generator):
            self._steps.close()

    def _wait(self) -> Step | BaseException | None:
        while not self._closed.is_set():
            with suppress(queue.Empty):
                return self._given.get(timeout=POLL_S)
        return None

    def _next(self, values: Values, *, started: bool) -> Step | None:
        try:
            found = next_step(self._steps, values) if started else next(self._steps)
        except StopIteration:
            return None
        [step] = _read((found,))
        self.done.append(step)
        return step


@dataclass
class _Served:
    """What the caller's thread does while a run goes on."""

    job: RunJob
    pulled: _Pulled | None
    on_progress: Callable[[Mapping[str, Any]], None] | None
    answer: Answer
    sequence: StepSequence
    told_at: float = 0.0
    written: int = 1
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
            question = self.job.questions.pending
            if question is not None:
                said = self.answer(question["text"], question["choices"])
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


def _abort(job: RunJob, pulled: _Pulled | None) -> None:
    with suppress(NotSafeError):  # told by the run, and again when the rig is closed
        job.abort()
    if pulled is not None:
        pulled.close()
    job.wait(END_TIMEOUT_S)


def _result(job: RunJob, pulled: _Pulled | None) -> RunResult:
    folder, status = job.folder, job.status()
    result = RunResult(
        run=folder.path,
        status=str(status["outcome"]),
        points=tuple(folder.read_run_json()["points"]),
        results=folder.read_results() if folder.results_json.exists() else None,
        report=folder.report_html if folder.report_html.exists() else None,
    )
    if not status["ok"] and result.status != "aborted":
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
        raise SequenceError(_words(error)) from error


def _read(steps: Sequence[Any]) -> tuple[Step, ...]:
    try:
        return read_steps(steps)
    except ValidationError as error:
        raise SequenceError(_words(error)) from error


def _words(error: ValidationError) -> str:
    problems = error.errors(include_url=False)
    return "; ".join(
        f"{'.'.join(map(str, problem['loc']))}: {problem['msg'].removeprefix('Value error, ')}" for problem in problems
    )


def _ask_here(question: str, choices: Sequence[str]) -> str:
    """Ask whoever sits before the script or notebook; an empty answer means the first choice."""
    return input(f"{question} [{' / '.join(choices)}] ").strip() or choices[0]
