"""A session in this process: one rig, one run at a time, the engine in a thread of its own."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from acquisition.rig import NotSafeError, Rig, open_rig
from acquisition.sequence import State, check_attended
from acquisition.session.analysing import Report, analyze_path
from acquisition.session.base import SequenceSource, Session, SessionError
from acquisition.session.checking import check_on_twin
from acquisition.session.idle import IDLE
from acquisition.session.preparing import PreparedRun, prepare_new
from acquisition.session.reporting import write_report
from acquisition.session.resuming import opened_as, prepare_resumed
from acquisition.session.run_job import RunJob
from acquisition.session.run_record import mark_killed, unfinished_points
from acquisition.session.sources import read_sequence
from acquisition.storage import RunFolder, recover, write_json

CLOSE_TIMEOUT_S = 120.0

_BROKEN = "the instruments could not be made safe; check them by hand, then open a new session"


class LocalSession(Session):
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
    """

    def __init__(
        self,
        rig: str = "simulated",
        out: str = "runs",
        seed: int | None = None,
        sample: str | None = None,
        report_work: Report | None = None,
    ) -> None:
        self._rig_name, self._out = rig, Path(out)
        self._seed, self._sample = seed, sample
        self._report_work = report_work or (lambda text: None)
        self._lock = threading.Lock()
        self._rig: Rig | None = None
        self._job: RunJob | None = None
        self._end_early = threading.Event()  # a verb came; a run that is just being prepared must hear of it
        self._closed = False
        self._unsafe = ""  # why the instruments could not be made safe, in words

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
        name = rig or opened.get("rig")
        if name is None:
            raise SessionError(f"{run}: does not say with which rig it was run; name the rig")
        return cls(str(name), str(Path(run).parent), opened.get("seed"), opened.get("sample"))

    def start(self, sequence: SequenceSource, overrides: Mapping[str, Any] | None = None, attended: bool = True) -> str:
        """Start a run and return the path of its folder at once."""
        with self._lock:
            self._check_free()
            rig = self._open()
            checked = read_sequence(sequence, overrides, rig)
            check_attended(rig, attended=attended)
            prepared = prepare_new(rig, checked, self._out, self._opened())
            return self._begin(rig, replace(prepared, attended=attended))

    def resume_run(self, run: str, allow_changes: bool = False, attended: bool = True) -> str:
        """Let a run that was broken off go on where it was, and return the path of its folder at once."""
        with self._lock:
            self._check_free()
            check_attended(self._open(), attended=attended)
            prepared = prepare_resumed(self._open, Path(run), allow_changes=allow_changes)
            return self._begin(self._open(), replace(prepared, attended=attended))

    def _check_free(self) -> None:
        """Refuse a run while another one goes on, or after the instruments could not be made safe."""
        self._end_early.clear()
        if self._job is not None and not self._job.done:
            raise SessionError(f"the run {self._job.folder.path} is going on; wait for it, or stop it first")
        if self._unsafe or (self._job is not None and self._job.engine.state is State.BROKEN):
            raise SessionError(f"{_BROKEN}: {self._unsafe}" if self._unsafe else _BROKEN)

    def _begin(self, rig: Rig, prepared: PreparedRun) -> str:
        try:
            job = RunJob(rig, prepared)
        except BaseException:
            if prepared.journal is not None:
                prepared.journal.close()
            raise
        job.start(begun=lambda: self._publish(job))
        return str(job.folder.path)

    def _opened(self) -> dict[str, Any]:
        """Return how the rig was opened, with files by their whole path."""
        names = {"rig": self._rig_name, "sample": self._sample}
        files = {key: str(Path(name).resolve()) for key, name in names.items() if name and Path(name).is_file()}
        return {**names, **files, "seed": self._seed}

    def _publish(self, job: RunJob) -> None:
        """Let verbs reach a run; one that came while it was prepared ends it before its first step."""
        self._job = job
        if self._end_early.is_set():
            job.abort()

    def check(
        self, sequence: SequenceSource, overrides: Mapping[str, Any] | None = None, attended: bool = True
    ) -> dict[str, Any]:
        """Try a sequence on the twin of the rig; no instrument is touched."""
        return check_on_twin(self._rig_name, self._sample, self._out, sequence, overrides, attended=attended)

    def status(self) -> dict[str, Any]:
        """Return what is happening now."""
        if self._job is not None:
            return self._job.status()
        if not self._unsafe:
            return {**IDLE, "warnings": []}
        return {
            **IDLE,
            "warnings": [],
            "state": str(State.BROKEN),
            "ok": False,
            "message": f"{_BROKEN}: {self._unsafe}",
        }

    def wait(self, timeout_s: float) -> dict[str, Any]:
        """Wait until the run and its analysis have ended, at most `timeout_s`; return the status."""
        if self._job is not None:
            self._job.wait(timeout_s)
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

    def answer(self, text: str) -> None:
        """Answer the question that the run has asked."""
        self._going_on("answered").questions.answer(text)

    def _going_on(self, what: str) -> RunJob:
        if self._job is None or self._job.done:
            raise SessionError(f"no run goes on that could be {what}")
        return self._job

    def stop(self) -> None:
        """End the present step early, keep everything, clean up and analyse."""
        self._end_early.set()
        if self._job is not None:
            self._job.engine.stop()

    def abort(self) -> None:
        """Make the instruments safe now; what was recorded is kept, and not analysed."""
        self._end_early.set()
        if self._job is not None:
            self._job.abort()

    def emergency_stop(self) -> None:
        """Make the instruments safe from the calling thread at once, whatever else goes on, and abort."""
        self._end_early.set()
        try:
            if self._job is not None:
                self._job.engine.emergency_stop()
            elif self._rig is not None:
                self._rig.make_safe()
        except Exception as error:
            self._unsafe = str(error)
            raise

    def devices(self) -> list[dict[str, Any]]:
        """Return role, identity, limits, settings and readings of each instrument of the rig."""
        with self._lock:
            rig = self._open()
        found = []
        for role, device in rig.devices.items():
            identity = device.identity
            found.append(
                {
                    "role": role,
                    "manufacturer": identity.manufacturer,
                    "model": identity.model,
                    "serial": identity.serial,
                    "firmware": identity.firmware,
                    "simulated": identity.simulated,
                    "limits": {name: [limit.low, limit.high] for name, limit in device.limits.items()},
                    "settings": dict(device.settings()),
                    "readings": dict(device.readings()),
                }
            )
        return found

    def read(self, run: str) -> dict[str, Any]:
        """Return what a run folder says."""
        folder = RunFolder.open(Path(run))
        return {
            "run": folder.read_run_json() if folder.run_json.exists() else None,
            "results": folder.read_results() if folder.results_json.exists() else None,
            "truth": folder.read_truth(),
            "report": str(folder.report_html) if folder.report_html.exists() else None,
        }

    def analyze(self, path: str, out: str | None = None, report: str | None = None) -> dict[str, Any]:
        """Analyse a run folder or a photon file and return the content of results.json."""
        results = analyze_path(Path(path), self._report_work, Path(report) if report is not None else None)
        if out is not None:
            write_json(Path(out), results)
        return results

    def report(self, run: str) -> str:
        """Write the report of a run anew and return its path."""
        return str(write_report(Path(run)))

    def recover(self, run: str) -> dict[str, Any]:
        """Make the recordings of a run that was killed readable; return what was found and what was lost."""
        folder = RunFolder.open(Path(run))
        record = folder.read_run_json() if folder.run_json.exists() else {}
        found = recover(folder.path, unfinished=unfinished_points(folder, record))
        if found.ok and folder.run_json.exists():
            mark_killed(folder, found.points)
        points = [
            {
                "number": point.number,
                "status": point.status,
                "photons": point.photons,
                "losses": list(point.losses),
                "message": point.message,
            }
            for point in found.points
        ]
        return {"ok": found.ok, "points": points}

    def close(self) -> None:
        """Abort what runs, make the instruments safe and disconnect them; no effect if closed."""
        if self._closed:
            return
        self._closed = True
        self._end_early.set()
        if not self._lock.acquire(timeout=CLOSE_TIMEOUT_S):
            raise SessionError("the instruments are still being opened; they are closed again as soon as they are open")
        try:
            self._close()
        finally:
            self._lock.release()

    def _close(self) -> None:
        try:
            if self._job is not None and not self._job.done:
                with suppress(NotSafeError):  # closing the rig tries again, and tells
                    self._job.abort()
                if not self._job.wait(CLOSE_TIMEOUT_S):
                    raise SessionError(f"the run {self._job.folder.path} has not ended after {CLOSE_TIMEOUT_S:g} s")
        finally:
            if self._rig is not None:
                self._rig.close()

    def _open(self) -> Rig:
        if self._rig is None and not self._closed:
            rig = open_rig(self._rig_name, seed=self._seed, sample=self._sample)
            if self._closed:  # meanwhile, and by a thread that did not wait
                rig.close()
            else:
                self._rig = rig
        if self._rig is None or self._closed:
            raise SessionError("the session is closed; open a new one")
        return self._rig
