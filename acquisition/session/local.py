"""A session in this process: one rig, one run at a time, the engine in a thread of its own."""

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from acquisition.rig import NotSafeError, Rig
from acquisition.sequence import State, check_attended
from acquisition.session.analysing import Report
from acquisition.session.base import SequenceSource, SessionError
from acquisition.session.checking import check_on_twin
from acquisition.session.device_list import described
from acquisition.session.idle import IDLE
from acquisition.session.preparing import PreparedRun, prepare_new
from acquisition.session.present_run import PresentRun
from acquisition.session.resuming import opened_as, prepare_resumed
from acquisition.session.rig_in_use import RigInUse, use_rig
from acquisition.session.run_browser import RunBrowser
from acquisition.session.run_job import RunJob
from acquisition.session.sources import check_metadata, read_sequence

CLOSE_TIMEOUT_S = 120.0

_BROKEN = "the instruments could not be made safe; check them by hand, then open a new session"


class LocalSession(PresentRun):
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
        super().__init__(report_work)
        self._rig_name, self._out = rig, Path(out)
        self._seed, self._sample, self._guarded = seed, sample, guarded
        self._faults = tuple(faults)
        self._browser = RunBrowser(self._out)
        self._lock = threading.Lock()
        self._in_use: RigInUse | None = None
        self._closed = False
        self._mended: RunJob | None = None  # a run that ended broken, and whose instruments are safe again
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
        with self._lock:
            self._check_free()
            if self._in_use is None:
                check_metadata(sequence, overrides, self._rig_name)
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
        if self._in_use is not None:
            self._in_use.interlocks.check()
        if self._is_broken:
            raise SessionError(f"{_BROKEN}: {self._unsafe}" if self._unsafe else _BROKEN)

    @property
    def _rig(self) -> Rig | None:
        """The instruments, if they have been opened."""
        return None if self._in_use is None else self._in_use.rig

    @property
    def _is_broken(self) -> bool:
        broken_run = self._job is not None and self._job.engine.state is State.BROKEN and self._job is not self._mended
        return bool(self._unsafe) or broken_run

    def _begin(self, rig: Rig, prepared: PreparedRun) -> str:
        look = (lambda rate, attended: None) if self._in_use is None else self._in_use.look
        try:
            job = RunJob(rig, prepared, look)
        except BaseException:
            if prepared.journal is not None:
                prepared.journal.close()
            raise
        if self._in_use is not None:
            self._in_use.begin_run(str(job.folder.path.absolute()))
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
        in_use = {"interlocks": [], "lost": []} if self._in_use is None else self._in_use.status()
        return {**self._status_of_run(), **in_use, **({"lost": []} if self._closed else {})}

    def _status_of_run(self) -> dict[str, Any]:
        if self._job is not None:
            safe_again = {"state": str(State.IDLE)} if self._job is self._mended else {}
            return {**self._job.status(), **safe_again}
        if not self._unsafe:
            return {**IDLE, "warnings": []}
        return {
            **IDLE,
            "warnings": [],
            "state": str(State.BROKEN),
            "ok": False,
            "message": f"{_BROKEN}: {self._unsafe}",
        }

    def runs(self, filter: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return the runs below the folder of the session, newest first."""
        return self._browser.runs(filter)

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

    def acknowledge_interlock(self) -> list[dict[str, Any]]:
        """Take note that a person has seen to what has tripped, so that runs may start again."""
        return [] if self._in_use is None else [*self._in_use.interlocks.acknowledge()]

    def reconnect(self, role: str) -> None:
        """Connect one instrument anew; it is safe then, and the others stay as they are."""
        with self._lock:
            rig = self._open()
            job = None if self._job is None or self._job.done else self._job
            if self._in_use is not None:
                self._in_use.check_role(role)
            if job is not None and not job.rests:
                raise SessionError(f"{role}: the run may be using it; pause the run first, or wait for its end")
            if self._in_use is not None:
                self._in_use.reconnect(role)
            if job is not None:
                job.engine.note(f"{role} was connected anew")
            elif self._is_broken:  # by what did not answer; who answers again can be made safe
                rig.make_safe()
                self._unsafe, self._mended = "", self._job

    def devices(self) -> list[dict[str, Any]]:
        """Return role, identity, limits, settings and readings of each instrument of the rig."""
        with self._lock:
            rig = self._open()
        return described(rig.devices)

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
            try:
                if self._in_use is not None:
                    self._in_use.close()
            finally:
                if self._job is not None:
                    self._job.close_views()

    def _open(self) -> Rig:
        if self._in_use is None and not self._closed:
            in_use = use_rig(
                self._rig_name,
                self._seed,
                self._sample,
                guarded=self._guarded,
                present_run=lambda: self._job,
                unsafe=self._take_unsafe,
                faults=self._faults,
            )
            if self._closed:  # meanwhile, and by a thread that did not wait
                in_use.close()
            else:
                self._in_use = in_use
        if self._in_use is None or self._closed:
            raise SessionError("the session is closed; open a new one")
        return self._in_use.rig

    def _take_unsafe(self, error: Exception) -> None:
        self._unsafe = str(error)
