"""What a session does with the run that goes on: the verbs that reach it, and what a display shows of it."""

from pathlib import Path
from typing import Any

from acquisition.live_view import LiveDisplay
from acquisition.sequence import SequenceError
from acquisition.session.aligning import ALIGNMENT
from acquisition.session.analysing import Report
from acquisition.session.base import SessionError
from acquisition.session.run_job import RunJob
from acquisition.session.stored import StoredRuns
from acquisition.session.stored_verbs import Verdict


class PresentRun(StoredRuns):
    """The part of a session of this computer that concerns its present or last run.

    Parameters
    ----------
    report_work : callable, optional
        Is told in words what an analysis is doing.
    """

    def __init__(self, report_work: Report | None = None) -> None:
        super().__init__(report_work)
        self._job: RunJob | None = None
        self._ends = 0  # how often a verb has ended everything; what was asked for before that does not begin after it
        self._nothing_shown = LiveDisplay()

    def live(self, since: int | None = None, panels: list[str] | None = None) -> dict[str, Any]:
        """Return the newest state of what a display shows."""
        job = self._job
        if job is not None and job.alignment is not None and (panels is None or ALIGNMENT in panels):
            job.alignment.look_at()
        try:
            found = (self._nothing_shown if job is None else job.display).live(since, panels)
        except ValueError as error:
            raise SessionError(str(error)) from None
        if len(found) == 1:
            return found
        run = {} if job is None else {"run": str(job.folder.path), "simulated": job.simulated}
        return {"run": None, "simulated": None, **run, **found}

    def wait(self, timeout_s: float) -> dict[str, Any]:
        """Wait until the run and its analysis have ended, at most `timeout_s`; return the status."""
        if (job := self._job) is not None:
            job.wait(timeout_s)
        return self.status()

    def pause(self, reason: str = "asked for") -> None:
        """Take the light off the sample and hold the run."""
        self._going_on("paused").engine.pause(reason)

    def resume(self) -> None:
        """Let a paused run go on."""
        self._going_on("resumed").engine.resume()

    def note(self, text: str, author: str = "") -> None:
        """Write a remark into the journal of the run that goes on."""
        self._going_on("annotated").engine.note(text, author)

    def mark(self, run: str, verdict: Verdict | None, comment: str = "") -> dict[str, Any]:
        """Write down what a person thinks of the dot of a run, also of the one that goes on."""
        job = self._job
        if job is None or job.done or job.folder.path.resolve() != Path(run).resolve():
            return super().mark(run, verdict, comment)
        return job.mark(verdict, comment)

    def answer(self, text: str) -> None:
        """Answer the question that the run has asked."""
        self._going_on("answered").questions.answer(text)

    def extend(self, seconds: float) -> dict[str, Any]:
        """Let the point whose photons are being acquired last longer."""
        try:
            self._going_on("extended").engine.extend(seconds)
        except SequenceError as error:
            raise SessionError(str(error)) from error
        return self.status()

    def _going_on(self, what: str) -> RunJob:
        if (job := self._job) is None or job.done:
            raise SessionError(f"no run goes on that could be {what}")
        return job

    def _forget_run(self) -> None:
        """Show nothing of the last run any more, as before the first one."""
        if self._job is not None:
            self._job.close_views()
        self._job, self._nothing_shown = None, LiveDisplay()

    def _told_to_end(self) -> None:
        """Let no run begin that was asked for before; one that is just being prepared ends."""
        self._ends += 1

    def _check_not_ended(self, ends: int) -> None:
        """Raise `SessionError` if everything was ended since `_ends` was this."""
        if self._ends != ends:
            raise SessionError("not begun, because everything was ended meanwhile; start it again")

    def stop(self) -> None:
        """End the present step early, keep everything, clean up and analyse."""
        self._told_to_end()
        if (job := self._job) is not None:
            job.engine.stop()

    def abort(self) -> None:
        """Make the instruments safe now; what was recorded is kept, and not analysed."""
        self._told_to_end()
        if (job := self._job) is not None:
            job.abort()
