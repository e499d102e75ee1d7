"""A session in this process: one rig, one run at a time, the engine in a thread of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from acquisition.rig import Rig
from acquisition.sequence import State, check_attended
from acquisition.session.aligning import ALIGNMENT
from acquisition.session.analysing import Report
from acquisition.session.base import SequenceSource, SessionError
from acquisition.session.checking import check_on_twin
from acquisition.session.idle import IDLE
from acquisition.session.instrument_verbs import BROKEN, InstrumentVerbs
from acquisition.session.preparing import PreparedRun, prepare_new
from acquisition.session.resuming import opened_as, prepare_resumed
from acquisition.session.run_browser import RunBrowser
from acquisition.session.run_job import RunJob
from acquisition.session.sources import check_metadata, read_alignment, read_sequence


class LocalSession(InstrumentVerbs):
    """Runs sequences on a rig of this computer.

    Parameters
    ----------
    rig : str
        Path of a rig file or name of a shipped one; opened when it is first needed.
    out : str
        Folder in which each run gets its own.
    seed : int, optional
        Seed of a simulated rig.
    sample : str, optional
        Sample of a simulated rig: path of a file or name of a shipped one.
    report_work : callable, optional
        Is told in words what an analysis is doing.
    guarded : bool
        Whether a rig with instruments that outlive this program is opened under a guardian only, as `cascadescope run`
        and `serve` provide it. False is dangerous: if the program dies, laser, heater and bias stay as they are.
    faults : sequence of str
        What shall break in the simulated world of the rig, as ``slow_disk@5,delay_s=0.2``.
    """

    def __init__(
        self,
        rig: str = "simulated",
        out: str = "runs",
        seed: int | None = None,
        sample: str | None = None,
        report_work: Report | None = None,
        guarded: bool = True,
        faults: Sequence[str] = (),
    ) -> None:
        super().__init__(rig, seed, sample, report_work, faults, guarded=guarded)
        self._out = Path(out)
        self._browser = RunBrowser(self._out)

    @classmethod
    def of_run(cls, run: str, rig: str | None = None) -> "LocalSession":
        """Return a session with the rig, seed and sample that a run began with, to resume it.

        Parameters
        ----------
        run : str
            The run folder.
        rig : str, optional
            A rig to take instead; the run is then only resumed if nothing that matters is different.

        Raises
        ------
        RecordingError
            If this is no run folder.
        SessionError
            If it does not say which rig it began with, and `rig` does not either.
        """
        opened = opened_as(Path(run))
        return cls(rig or cls.rig_of_run(run), str(Path(run).parent), opened.get("seed"), opened.get("sample"))

    @staticmethod
    def rig_of_run(run: str) -> str:
        """Return the rig that a run began with; errors as of `of_run`."""
        name = opened_as(Path(run)).get("rig")
        if name is None:
            raise SessionError(f"{run}: does not say with which rig it was run; name the rig")
        return str(name)

    def start(self, sequence: SequenceSource, overrides: Mapping[str, Any] | None = None, attended: bool = True) -> str:
        """Start a run and return the path of its folder at once."""
        ends = self._ends
        with self._lock:
            self._check_not_ended(ends)
            self._check_free()
            if self._in_use is None:
                check_metadata(sequence, overrides, self._rig_name)
            rig = self._open()
            checked = read_sequence(sequence, overrides, rig)
            check_attended(rig, attended=attended)
            with self._taken_over(dark=True):
                prepared = prepare_new(rig, checked, self._out, self._opened())
                return self._begin(rig, replace(prepared, attended=attended), ends)

    def resume_run(self, run: str, allow_changes: bool = False, attended: bool = True) -> str:
        """Let a run that was broken off go on where it was, and return the path of its folder at once."""
        ends = self._ends
        with self._lock:
            self._check_not_ended(ends)
            self._check_free()
            check_attended(self._open(), attended=attended)
            with self._taken_over(dark=True):
                prepared = prepare_resumed(self._open, Path(run), allow_changes=allow_changes)
                return self._begin(self._open(), replace(prepared, attended=attended), ends)

    def start_alignment(self, metadata: Mapping[str, Any] | None = None) -> str:
        """Start a run in which a person finds and centres an emitter."""
        sequence = read_alignment(metadata)
        ends = self._ends
        with self._lock:
            self._check_not_ended(ends)
            self._check_free()
            rig = self._open()
            with self._taken_over(dark=False):
                prepared = prepare_new(rig, sequence, self._out, self._opened(), kind=ALIGNMENT)
                return self._begin(rig, replace(prepared, analyse=False, aligns=True), ends)

    def _begin(self, rig: Rig, prepared: PreparedRun, ends: int) -> str:
        look = (lambda rate, attended: None) if self._in_use is None else self._in_use.look
        try:
            job = RunJob(rig, prepared, look)
        except BaseException:
            if prepared.journal is not None:
                prepared.journal.close()
            raise
        if self._in_use is not None:
            self._in_use.begin_run(str(job.folder.path.absolute()))
        job.start(begun=lambda: self._publish(job, ends))
        return str(job.folder.path)

    def _opened(self) -> dict[str, Any]:
        """Return how the rig was opened, with files by their whole path."""
        names = {"rig": self._rig_name, "sample": self._sample}
        files = {key: str(Path(name).resolve()) for key, name in names.items() if name and Path(name).is_file()}
        return {**names, **files, "seed": self._seed}

    def _publish(self, job: RunJob, ends: int) -> None:
        """Let verbs reach a run; one that came while it was prepared ends it before its first step."""
        self._job = job
        if self._hand is not None:
            self._hand.forget()
        if self._ends != ends:
            job.abort()

    def check(
        self, sequence: SequenceSource, overrides: Mapping[str, Any] | None = None, attended: bool = True
    ) -> dict[str, Any]:
        """Try a sequence on the twin of the rig; no instrument is touched."""
        return check_on_twin(self._rig_name, self._sample, self._out, sequence, overrides, attended=attended)

    def status(self) -> dict[str, Any]:
        """Return what is happening now."""
        in_use = self._in_use
        watched = {"interlocks": [], "lost": []} if in_use is None else in_use.status()
        status = {**self._status_of_run(), **watched, **({"lost": []} if self._closed else {})}
        known = {"last_step": self._last_step, "sample": self._sample_under, "ends": self._ends}
        return {**status, **known, **self._by_hand(status)}

    def _status_of_run(self) -> dict[str, Any]:
        if (job := self._job) is not None:
            safe_again = {"state": str(State.IDLE)} if job is self._mended else {}
            return {**job.status(), **safe_again}
        if not self._unsafe:
            return {**IDLE, "warnings": []}
        return {
            **IDLE,
            "warnings": [],
            "state": str(State.BROKEN),
            "ok": False,
            "message": f"{BROKEN}: {self._unsafe}",
        }

    def runs(self, filter: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return the runs below the folder of the session, newest first."""
        return self._browser.runs(filter)
