"""What a session does with the instruments of its rig: opens, sets by hand, connects anew and closes them."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from acquisition.rig import NotSafeError, Rig
from acquisition.sequence import SWITCHED_OFF_BY_HAND, State, Step, Values
from acquisition.session.aligning import ALIGNMENT_KINDS, Alignment
from acquisition.session.analysing import Report
from acquisition.session.base import SessionError
from acquisition.session.by_hand import ByHand
from acquisition.session.device_list import describe, described
from acquisition.session.hand_steps import ROLES, Offs, read_hand_step
from acquisition.session.present_run import PresentRun
from acquisition.session.rig_in_use import RigInUse, use_rig
from acquisition.session.run_job import RunJob
from acquisition.session.simulated_sample import check_sample, sample_under

CLOSE_TIMEOUT_S = 120.0

BROKEN = "the instruments could not be made safe; check them by hand, then open a new session"


class InstrumentVerbs(PresentRun):
    """The part of a session of this computer that holds its rig; parameters as of `LocalSession`."""

    def __init__(
        self,
        rig: str,
        seed: int | None,
        sample: str | None,
        report_work: Report | None,
        faults: Sequence[str],
        *,
        guarded: bool,
    ) -> None:
        super().__init__(report_work)
        self._rig_name, self._seed, self._sample = rig, seed, sample
        self._sample_said: tuple[str | None] | None = None  # under the simulated microscope, once that was read
        self._guarded, self._faults = guarded, tuple(faults)
        self._lock = threading.Lock()
        self._in_use: RigInUse | None = None
        self._hand: ByHand | None = None
        self._last_step: dict[str, Any] | None = None
        self._closed = False
        self._mended: RunJob | None = None  # a run that ended broken, and whose instruments are safe again
        self._unsafe = ""  # why the instruments could not be made safe, in words

    @property
    def _rig(self) -> Rig | None:
        """The instruments, if they have been opened."""
        in_use = self._in_use
        return None if in_use is None else in_use.rig

    @property
    def _is_broken(self) -> bool:
        job = self._job
        broken_run = job is not None and job.engine.state is State.BROKEN and job is not self._mended
        return bool(self._unsafe) or broken_run

    def _check_free(self) -> None:
        """Refuse what arms the instruments while a run goes on, or after they could not be made safe."""
        if self._job is not None and not self._job.done:
            raise SessionError(f"the run {self._job.folder.path} is going on; wait for it, or stop it first")
        if self._in_use is not None:
            self._in_use.interlocks.check()
        if self._is_broken:
            raise SessionError(f"{BROKEN}: {self._unsafe}" if self._unsafe else BROKEN)

    def do_step(self, step: dict[str, Any]) -> dict[str, Any]:
        """Carry out one step of an instrument, and return what the instrument says then."""
        job = self._job
        if job is not None and job.alignment is not None and not job.done:
            return self._done_in_alignment(job, job.alignment, step)
        asked = read_hand_step(step)
        present = self._hand
        offs = Offs() if present is None else present.offs
        with self._lock:
            self._check_free()
            rig, hand = self._opened_by_hand()
            hand.claim()
        return self._done_by_hand(rig, asked, lambda: hand.do(asked, offs))

    def _done_in_alignment(self, job: RunJob, alignment: Alignment, step: dict[str, Any]) -> dict[str, Any]:
        asked = read_hand_step(step, ALIGNMENT_KINDS)
        rig = self._rig
        if rig is None:
            raise SessionError("the session is closed; open a new one")
        return self._done_by_hand(rig, asked, lambda: alignment.do(asked, job.engine.state))

    def _done_by_hand(self, rig: Rig, step: Step, act: Callable[[], Values]) -> dict[str, Any]:
        """Do what a step says; the status says what came of it."""
        try:
            values = act()
        except Exception as error:
            self._last_step = {"kind": step.kind, "values": {}, "message": str(error)}
            raise
        self._last_step = {"kind": step.kind, "values": values, "message": ""}
        role = ROLES.get(step.kind, "")
        device = rig.devices.get(role)
        return {**({} if device is None else describe(role, device)), "values": values}

    def switch_off(self, role: str | None = None) -> None:
        """Make one instrument, or all of them, safe while no run goes on."""
        job = self._job
        if job is not None and not job.done:
            self._switch_off_in_run(job, role)
            return
        hand = self._hand
        if hand is None:  # else nobody waits for whoever connects an instrument anew
            with self._lock:
                _, hand = self._opened_by_hand()
        if role is not None and self._in_use is not None:
            self._in_use.check_role(role)
        hand.switch_off(role)

    def _switch_off_in_run(self, job: RunJob, role: str | None) -> None:
        rig = self._rig
        if job.alignment is None or role is None or rig is None:
            raise SessionError("a run goes on; pause, stop or abort it, or make all safe by the emergency stop")
        device = rig.devices.get(role)
        if device is None or role not in SWITCHED_OFF_BY_HAND:
            raise SessionError(
                f"{role}: is not switched off in an alignment; what can be: {', '.join(SWITCHED_OFF_BY_HAND)}"
            )
        job.engine.switch_off(role, device.make_safe)

    def choose_sample(self, sample: str | None, seed: int | None = None) -> None:
        """Lay another sample under the simulated microscope of the rig."""
        with self._lock:
            if self._closed:
                raise SessionError("the session is closed; open a new one")
            self._check_free()
            chosen = check_sample(self._rig_name, sample, seed)
            self._put_away()
            self._sample, self._sample_said = chosen, None
            self._seed = self._seed if seed is None else seed

    def _put_away(self) -> None:
        """Disconnect the instruments; the next use connects them anew, and the session is as at its beginning."""
        if self._in_use is not None:
            with self._taken_over(dark=True):
                try:
                    self._in_use.close()
                except Exception as error:
                    self._unsafe = str(error)
                    raise
        if self._hand is not None:
            self._hand.close()
        self._in_use = self._hand = self._last_step = self._mended = None
        self._forget_run()

    @property
    def _sample_under(self) -> str | None:
        """What lies under the simulated microscope."""
        said = self._sample_said
        if said is None:
            self._sample_said = said = (sample_under(self._rig_name, self._sample),)
        return said[0]

    @contextmanager
    def _taken_over(self, *, dark: bool) -> Iterator[None]:
        """Let a run that is about to begin have the instruments, in the dark if it says so.

        What was left on by hand is looked after as before if it does not begin.
        """
        _, hand = self._opened_by_hand()
        hand.claim()
        with hand.handed_over(dark=dark):
            yield

    def _by_hand(self, status: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the status says of steps by hand: a question, and what is left on."""
        if (hand := self._hand) is None:
            return {}
        warnings = [*status["warnings"], *hand.warnings]
        return {"question": status["question"] or hand.questions.pending, "warnings": warnings}

    def answer(self, text: str) -> None:
        """Answer the question that a run, or a step by hand, has asked."""
        if (hand := self._hand) is not None and hand.questions.pending is not None:
            hand.questions.answer(text)
        else:
            super().answer(text)

    def _opened_by_hand(self) -> tuple[Rig, ByHand]:
        rig, hand = self._open(), self._hand
        if hand is None:
            raise SessionError("the session is closed; open a new one")
        return rig, hand

    def emergency_stop(self) -> None:
        """Make the instruments safe from the calling thread at once, whatever else goes on, and abort."""
        self._told_to_end()
        if (hand := self._hand) is not None:
            hand.interrupt()
        job, rig = self._job, self._rig
        try:
            if job is not None:
                job.engine.emergency_stop()
            elif rig is not None:
                rig.make_safe()
        except Exception as error:
            self._unsafe = str(error)
            raise

    def acknowledge_interlock(self) -> list[dict[str, Any]]:
        """Take note that a person has seen to what has tripped, so that runs may start again."""
        in_use = self._in_use
        return [] if in_use is None else [*in_use.interlocks.acknowledge()]

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
        self._told_to_end()
        if (hand := self._hand) is not None:
            hand.interrupt()
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
                if self._hand is not None:
                    self._hand.close()
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
                self._hand = ByHand(in_use.rig, lambda: in_use.look(None, False), self._take_unsafe)
        if self._in_use is None or self._closed:
            raise SessionError("the session is closed; open a new one")
        return self._in_use.rig

    def _take_unsafe(self, error: Exception) -> None:
        self._unsafe = str(error)
