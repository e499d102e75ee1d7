"""What a run says of itself while it goes on and at its end: run.json and, if it is simulated, truth.json."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from acquisition.sequence import Point, RunOutcome
from acquisition.session.goals_of_run import RunGoals
from acquisition.session.judging import JUDGEMENT, judgement
from acquisition.session.point_notes import PointNotes
from acquisition.session.run_record import point_record
from acquisition.session.stored_verbs import Verdict
from acquisition.session.truth_record import TruthRecord
from acquisition.storage import RunFolder, StorageError, write_json


class RunFiles:
    """Writes run.json and truth.json of one run, also in its midst: it may be killed at any time.

    May be used by several threads.

    Parameters
    ----------
    folder : RunFolder
        Where.
    record : dict
        Content of run.json; gets the points, and how the run ended.
    truth : TruthRecord
        Keeps what the bench knows.
    conditions_of : callable
        Returns the conditions of a point by its number.
    notes : PointNotes
        What is doubtful of the points.
    goals : RunGoals
        Knows the looks at them.
    """

    def __init__(
        self,
        folder: RunFolder,
        record: dict[str, Any],
        truth: TruthRecord,
        conditions_of: Callable[[int], Mapping[str, Any]],
        notes: PointNotes,
        goals: RunGoals,
    ) -> None:
        self._folder, self._record, self._truth = folder, record, truth
        self._conditions_of, self._notes, self._goals = conditions_of, notes, goals
        self._lock = threading.Lock()

    def begin_part(self) -> None:
        """Say in truth.json what is about to be measured."""
        with suppress(StorageError, OSError):
            self.write_truth()

    def end_point(self, point: Point) -> None:
        """Say in run.json and truth.json what has been measured so far."""
        record = point_record(point, self._conditions_of(point.number))
        if doubtful := self._notes.doubtful.get(point.number):
            record["doubtful"] = list(doubtful)
        if looks := self._goals.looks(point.number):
            record["looks"] = list(looks)
        self.record_point(record)

    def record_point(self, record: dict[str, Any]) -> None:
        """Put what is known of a point into run.json, in the place of what was known before."""
        with suppress(StorageError, OSError):  # written again at the end of the run, and told then
            self.write_truth()
        with self._lock, suppress(StorageError, OSError):
            others = [each for each in self._record["points"] if each["number"] != record["number"]]
            self._record["points"] = sorted([*others, record], key=lambda each: each["number"])
            self._folder.write_run_json(self._record)

    def judge(self, verdict: Verdict | None, comment: str) -> dict[str, Any]:
        """Write a judgement on the dot into run.json and return it. Raises `SessionError`, `StorageError`."""
        found = judgement(self._folder, verdict, comment)
        with self._lock:
            self._record[JUDGEMENT] = found
            self._folder.write_run_json(self._record)
        return found

    def write_truth(self) -> None:
        """Write truth.json, if there is a truth. Raises `StorageError`, `OSError`."""
        truth = self._truth.content()
        if truth is not None:
            write_json(self._folder.truth_json, truth)

    def write_end(self, outcome: RunOutcome, problems: Sequence[str]) -> None:
        """Write run.json with how the run ended. Raises `StorageError`, `OSError`."""
        with self._lock:
            self._record |= {
                "status": str(outcome.status),
                "ended_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            }
            if problems:
                self._record["problems"] = list(problems)
            self._folder.write_run_json(self._record)
