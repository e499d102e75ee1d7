"""Warnings and ends of runs, written into the log as they appear in what the session says."""

from acquisition.gui.client.diary import Diary
from acquisition.gui.client.feed import Said


class StatusNews:
    """Compares what the session says with what it said before.

    Parameters
    ----------
    diary : Diary
        Where news are written.
    """

    def __init__(self, diary: Diary) -> None:
        self._diary = diary
        self._run: str | None = None
        self._outcome: str | None = None
        self._warned: set[str] = set()
        self._began = False

    def see(self, said: Said) -> None:
        """Write down what is new."""
        status = said.status
        if status is None:
            return
        run, outcome = status.get("run"), status.get("outcome")
        if run != self._run:
            self._warned.clear()
            if run is not None and outcome is None:
                self._diary.note(f"run folder: {run}")
        if self._began and outcome is not None and (run, outcome) != (self._run, self._outcome):
            self._tell_end(str(outcome), str(run), str(status.get("message", "")), ok=bool(status.get("ok", True)))
        for warning in map(str, status.get("warnings") or ()):
            if warning not in self._warned:
                self._warned.add(warning)
                self._diary.warn(warning)
        self._run, self._outcome, self._began = run, outcome, True

    def _tell_end(self, outcome: str, run: str, message: str, *, ok: bool) -> None:
        text = f"the run {run} {'is' if outcome == 'completed' else 'has' if outcome == 'failed' else 'was'} {outcome}"
        if ok or outcome == "aborted":
            self._diary.note(text)
        else:
            self._diary.error(f"{text}: {message}")
