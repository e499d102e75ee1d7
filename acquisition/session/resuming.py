"""What a run that was broken off needs to go on in another process: its history, its truth, the same rig."""

import hashlib
import json
import math
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from acquisition.guardian.aftermath import LOG
from acquisition.rig import Rig
from acquisition.sequence import History, RunStatus, read_history
from acquisition.session.aligning import ALIGNMENT
from acquisition.session.base import ChangedError, SessionError
from acquisition.session.fingerprint import Change, changes_of_rig
from acquisition.session.point_notes import read_point_notes
from acquisition.session.preparing import PreparedRun
from acquisition.session.run_record import RUNNING
from acquisition.session.sources import read_sequence
from acquisition.session.truth_record import BENCH_POINTS, last_bench_point, with_begun
from acquisition.session.versions import commit, versions
from acquisition.storage import (
    Extent,
    Journal,
    JournalContents,
    RunFolder,
    open_point,
    read_journal,
    reopen_point,
)
from acquisition.storage.locking import held

_STREAMS = ("acquire_photons", "count_photons", "acquire_spectra")
"""Kinds of steps each start of which is an acquisition of a simulated bench."""

_ENDED_BY_GUARDIAN = "session_ended_by_guardian"
"""Event in the log of a guardian, written once the instruments were made safe, `took_s` after the end."""

_NEEDED = ("name", "status", "started_at", "rig", "simulated", "metadata", "operator", "sample", "points")

_HOW = {"aborted": "the run was aborted", "failed": "the run failed", "stopped": "the run was stopped"}


def opened_as(run: Path) -> Mapping[str, Any]:
    """Return with which ``rig``, ``seed`` and ``sample`` a run was begun, as far as its folder says it.

    Raises
    ------
    RecordingError
        If this is no run folder.
    SessionError
        If the run had not begun.
    """
    folder = RunFolder.open(run)
    _require_files(folder)
    return dict(folder.read_run_json().get("opened", {}))


def prepare_resumed(
    open_rig: Callable[[], Rig], run: Path, *, allow_changes: bool = False, by_program: bool = False
) -> PreparedRun:
    """Return a run that was killed, aborted or failed, so that it goes on where it was.

    From here on the run belongs to this process: its journal is locked.

    Parameters
    ----------
    open_rig : callable
        Returns the rig, connected; called when the run folder allows to go on.
    run : Path
        The run folder.
    allow_changes : bool
        Whether rig and sequence may be others than when the run began, and whether a run that was
        stopped on purpose goes on with the steps that it left out.
    by_program : bool
        Whether the caller has the program from which the steps of the run came; without it such a run cannot go on.

    Raises
    ------
    SessionError
        If there is nothing to resume.
    ChangedError
        If something has changed, names each change; or if the run was stopped on purpose.
    RecordingError
        If this is no run folder, or a file of it cannot be used.
    StorageError
        If the run is still going on, or the disk refuses.
    ConfigError, SequenceError
        If sequence or journal cannot be used, or the rig does not allow a step.
    """
    folder = RunFolder.open(run)
    _require_files(folder)
    with held(folder.journal, f"{run}: the run is still going on; end it first"):
        pass
    journal = Journal(folder.journal)
    try:
        broken_off = _BrokenOff.read(folder)
        broken_off.check_has_steps(by_program=by_program)
        return _prepare(broken_off, journal, open_rig, allow_changes=allow_changes)
    except BaseException:
        journal.close()
        raise


def _require_files(folder: RunFolder) -> None:
    for file in (folder.run_json, folder.sequence_yaml):
        if not file.exists():
            raise SessionError(f"{file}: is missing; the program ended before the run had begun. Start it anew")


@dataclass(frozen=True, slots=True)
class _BrokenOff:
    """What a run folder says of a run that was broken off."""

    folder: RunFolder
    record: dict[str, Any]
    contents: JournalContents

    @classmethod
    def read(cls, folder: RunFolder) -> "_BrokenOff":
        record = folder.read_run_json()
        missing = [key for key in _NEEDED if key not in record]
        if missing:
            raise SessionError(f"{folder.run_json}: does not say {', '.join(missing)}; the run cannot be resumed")
        return cls(folder, record, read_journal(folder.journal))

    @property
    def status(self) -> str:
        return str(self.record.get("status"))

    def check_has_steps(self, *, by_program: bool) -> None:
        """Refuse a run whose further steps only a program knows, unless that program is there, or only a person."""
        if self.record.get("kind") == ALIGNMENT:
            raise SessionError(f"{self.folder.path}: is an alignment, in which nothing is left to do; start another")
        if self.record.get("steps_from") and not by_program:
            raise SessionError(
                f"{self.folder.path}: its steps came from {self.record['steps_from']}, which alone knows those that "
                "are missing; let it go on there: run_steps(..., resume=RUN)"
            )

    def check_may_go_on(self, *, allow_changes: bool) -> None:
        """Refuse a run that has ended as it was wanted."""
        path = self.folder.path
        if self.status == RunStatus.COMPLETED and self._is_closed():
            raise SessionError(
                f"{path}: is complete, there is nothing to resume; `cascadescope analyze {path}` analyses it anew"
            )
        if self.status == RunStatus.STOPPED and not allow_changes:
            raise ChangedError(
                f"{path}: was stopped on purpose, so it has ended as it was wanted; to carry out the steps that it "
                f"left out, allow changes: `cascadescope run --resume {path} --allow-changes`"
            )

    def _is_closed(self) -> bool:
        """Whether the program came to its end: all files are made, the analysis was done or given up."""
        events = [event.get("event") for event in self.contents.events]
        last = {name: number for number, name in enumerate(events)}
        return last.get("run_closed", -1) > max(last.get("run_opened", -1), last.get("run_resumed", -1))

    def interruption(self, now: datetime) -> str:
        """Return in words why the run did not go on, and when."""
        times = [event["time"] for event in self.contents.events if "time" in event]
        last = datetime.fromisoformat(str(times[-1] if times else self.record["started_at"]))
        when = f"at {last.isoformat(timespec='seconds')}"
        if not self._is_closed():  # it may have gone on for long after what it wrote last
            guardian = self._ended_by_guardian_at(last)
            when = f"after {last.isoformat(timespec='seconds')} (last entry of its journal)"
            when = when if guardian is None else f"at {guardian.isoformat(timespec='seconds')} (seen by its guardian)"
        how = _HOW.get(self.status, "the program ended")
        return f"{how} {when}; resumed at {now.isoformat(timespec='seconds')}"

    def _ended_by_guardian_at(self, last: datetime) -> datetime | None:
        """Return when the guardian saw the program end, if that was after its `last` entry; None if it did not."""
        try:
            lines = (self.folder.path / LOG).read_text(encoding="utf-8").splitlines()
            events = [json.loads(line) for line in lines if line.strip()]
            ends = [each for each in events if each["event"] == _ENDED_BY_GUARDIAN]
            times = [datetime.fromisoformat(each["time"]) - timedelta(seconds=each["took_s"]) for each in ends]
            return next((time for time in times if time >= last), None)
        except (OSError, ValueError, KeyError, TypeError):  # no guardian, or a file that was cut off
            return None

    def recorded_s(self, number: int) -> float:
        """Return how much is recorded of a point in s; 0 if nothing, infinity if it has frames, which have no end."""
        point = self.folder.point(number)
        if not point.has_stream:
            return math.inf if point.frames.is_dir() else 0.0
        recording, extent = open_point(point), Extent()
        for block in recording.blocks():
            extent = extent.plus(block)
        return extent.end_pulse * recording.info.period_ps * 1e-12

    def truth(self) -> dict[str, Any] | None:
        """Return truth.json, with the part that was measured when the run was broken off."""
        truth = self.folder.read_truth()
        return None if truth is None else with_begun(truth, self.recorded_s)

    def bench_points(self, truth: Mapping[str, Any]) -> int:
        """Return the number of the last acquisition that the run may have made on a simulated bench.

        Each event of the engine says how many there were; a step that was going on may have begun one more.
        """
        known, going_on = 0, False
        for event in self.contents.events:
            known = max(known, int(event.get(BENCH_POINTS, 0)))
            if event.get("event") in ("step_started", "step_ended", "run_closed"):
                going_on = event["event"] == "step_started" and event.get("kind") in _STREAMS
        return max(last_bench_point(truth), known + going_on)


def _prepare(
    broken_off: _BrokenOff, journal: Journal, open_rig: Callable[[], Rig], *, allow_changes: bool
) -> PreparedRun:
    broken_off.check_may_go_on(allow_changes=allow_changes)
    folder, record, now = broken_off.folder, dict(broken_off.record), datetime.now(UTC)
    interruption = broken_off.interruption(now)
    history = replace(read_history(broken_off.contents.events), interruption=interruption)
    rig = open_rig()
    sequence = read_sequence(str(folder.sequence_yaml), None, rig)
    changes = [*changes_of_rig(record["rig"], rig.fingerprint()), *_changes_of_sequence(record, folder)]
    if changes and not allow_changes:
        raise ChangedError(_refusal(folder.path, changes))
    truth = broken_off.truth()
    history, warnings = _with_open_point(history, folder)
    rig.fast_forward_points(max(0, broken_off.bench_points(truth or {}) + 1 - rig.next_point))
    plain = [change.plain() for change in changes]
    _go_on(record, changes=plain, now=now, sequence_sha256=sequence_hash(folder))
    folder.write_run_json(record)
    details = {"because": interruption, "changes": plain, "steps_done": len(history.done), "warnings": list(warnings)}
    return PreparedRun(
        folder,
        sequence,
        record,
        history=history,
        notes=read_point_notes(broken_off.contents.events),
        truth=truth,
        event="run_resumed",
        details={"simulated": record["simulated"], **details},
        journal=journal,
        warnings=warnings,
    )


def sequence_hash(folder: RunFolder) -> str:
    """Return what tells sequence.yaml from an edited one."""
    return hashlib.sha256(folder.sequence_yaml.read_bytes()).hexdigest()


def _changes_of_sequence(record: Mapping[str, Any], folder: RunFolder) -> Sequence[Change]:
    then, now = record.get("sequence_sha256"), sequence_hash(folder)
    if record.get("steps_from"):  # written while it went on; each step is compared when it comes again
        return []
    return [] if then in (None, now) else [Change("sequence.yaml, which was edited (SHA-256)", then, now)]


def _refusal(path: Path, changes: Sequence[Change]) -> str:
    listed = "".join(f"\n  {change}" for change in changes)
    return (
        f"{path}: cannot be resumed, for this has changed since it began:{listed}\n"
        f"Set it right, or allow it: `cascadescope run --resume {path} --allow-changes`"
    )


def _with_open_point(history: History, folder: RunFolder) -> tuple[History, tuple[str, ...]]:
    """Let the point that was being measured go on; one whose segments are gone counts as ended."""
    number = history.open_point
    if number is None or reopen_point(folder.point(number)):
        return history, ()
    warning = (
        f"point {number} was interrupted and its segments are gone, so it cannot be continued: it stays as it is in "
        f"{folder.point(number).photons_h5.relative_to(folder.path).as_posix()}"
    )
    ended = {"ending": "stopped", "warnings": [warning]}
    return replace(history, completed={**history.completed, number: ended}), (warning,)


def _go_on(record: dict[str, Any], *, changes: list[dict[str, Any]], now: datetime, sequence_sha256: str) -> None:
    """Say in run.json that the run goes on."""
    resumed = {
        "at": now.isoformat(timespec="milliseconds"),
        "after": record.get("status"),
        "host": platform.node(),
        "pid": os.getpid(),
        "versions": versions(),
        "commit": commit(),
        "changes": changes,
    }
    record |= {"status": RUNNING, "resumed": [*record.get("resumed", []), resumed], "sequence_sha256": sequence_sha256}
    for key in ("ended_at", "problems"):
        record.pop(key, None)
