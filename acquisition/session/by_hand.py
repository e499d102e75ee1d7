"""Instruments that a person sets while no run goes on: each step as in a run, and what is left on goes off in time."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from acquisition.rig import Rig
from acquisition.sequence import Interrupted, PlainStep, Step, Values, do_alone
from acquisition.sequence.by_hand import ANSWERS, TIMEOUT_S, declare, question_of
from acquisition.session.base import SessionError
from acquisition.session.hand_steps import Offs, concerns
from acquisition.session.questions import Questions
from drivers.interfaces.closing import Closing
from drivers.interfaces.errors import OperatorNeeded

LIGHT_LEFT_ON_S = 600.0
"""How long light stays on that was switched on by hand, after the last step by hand."""
HEAT_LEFT_ON_S = 8 * 3600.0
"""How long a heater holds that was set by hand, after it was last set."""
POLL_S = 1.0
END_TIMEOUT_S = 30.0


class ByHand(Closing):
    """Carries out steps one at a time, and switches off what was forgotten.

    Parameters
    ----------
    rig : Rig
        The instruments, connected.
    look : callable
        Looks at the interlocks of the session, if nobody else does.
    unsafe : callable
        Is told if what was left on could not be switched off.
    now : callable
        Returns the time of the wall in s.
    """

    def __init__(
        self,
        rig: Rig,
        look: Callable[[], None],
        unsafe: Callable[[Exception], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rig, self._look, self._unsafe, self._now = rig, look, unsafe, now
        self._turn, self._doing = threading.Lock(), False
        self._step: Step | None = None
        self._interrupt, self._ending = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._stops = 0
        self._offs: Mapping[str, int] = {}
        self._light_until_s: float | None = None
        self._heat_until_s: float | None = None
        self._told: list[str] = []
        self._time_goes_on = False
        self.questions = Questions()

    @property
    def offs(self) -> Offs:
        """How often it was asked to make safe; what was asked for before that is not done after it."""
        return Offs(self._stops, self._offs)

    @property
    def warnings(self) -> list[str]:
        """What is on by hand and for how long still, and what went off by itself."""
        now_s, found = self._now(), list(self._told)
        if not self._rig.arming.armed:
            return found
        for what, until_s in (("light", self._light_until_s), ("the heater", self._heat_until_s)):
            if until_s is not None:
                left_s = max(0.0, until_s - now_s)
                left = f"{left_s / 60:.0f} min" if left_s < 5400 else f"{left_s / 3600:.1f} h"
                found.append(f"{what} was switched on by hand; without a further step it goes off in {left}")
        return found

    def claim(self) -> None:
        """Let nobody else act on the instruments by hand until `do` or `handed_over`, one of which must follow.

        Raises
        ------
        SessionError
            If a step is being carried out, or what was left on is just being switched off and that takes long.
        """
        wait_s = 0.0 if self._doing else END_TIMEOUT_S
        if not self._turn.acquire(timeout=wait_s):
            raise SessionError("a step is just being carried out by hand; wait until it is done")
        self._doing = True

    def do(self, step: Step, offs: Offs) -> Values:
        """Carry out a step after `claim`, and return its values once it is read back.

        Parameters
        ----------
        step : Step
            One of those that `read_hand_step` allows.
        offs : Offs
            What `offs` was when it was asked for.

        Raises
        ------
        SessionError
            If everything, or the instrument, was made safe meanwhile.
        SequenceError, StepError, DeviceError
            If the rig does not allow it, or it could not be done.
        """
        try:
            self._told.clear()
            self._interrupt.clear()
            self._step = step
            self._arm(step, offs)
            self._begin_to_count(step)
            self._time_goes_on = self._rig.on_simulated_time
            self._look()
            try:
                values = do_alone(step, self._rig, self._interrupt, lambda rate: self._look(), self._have_done)
            except Interrupted:
                raise SessionError(f"{step.kind}: did not come to its end, because it was interrupted") from None
            finally:
                self._take_note(step)
            self._look()
            return values
        finally:
            self._leave()

    def _arm(self, step: Step, offs: Offs) -> None:
        now = self._offs
        off = [role for role in now if concerns(step, role) and now[role] != offs.by_role.get(role, 0)]
        if off:
            raise SessionError(f"{step.kind}: was not done, because the {off[0]} was switched off by hand meanwhile")
        self._rig.arm()
        if self._stops != offs.all:
            self._rig.make_safe()
            raise SessionError(f"{step.kind}: was not done, because everything was made safe")

    def _leave(self) -> None:
        self._doing, self._step = False, None
        self._turn.release()

    def _begin_to_count(self, step: Step) -> None:
        """Count from now on, in case that the step, or a question to a person, does not come to its end."""
        if step.kind == "set_laser" or self._light_until_s is not None:
            self._light_until_s = self._now() + LIGHT_LEFT_ON_S
            self._watch_from_now_on()

    def _take_note(self, step: Step) -> None:
        """Begin to count the time after which light and heat go off; one that does not answer counts as on."""
        now_s, lit = self._now(), self._rig.arming.may_be_on(self._rig.laser)
        if not lit:
            try:
                lit = self._rig.laser.status().emission
            except Exception:
                lit = True
        self._light_until_s = now_s + LIGHT_LEFT_ON_S if lit else None
        if step.kind == "set_temperature":
            self._heat_until_s = now_s + HEAT_LEFT_ON_S
        if lit or self._heat_until_s is not None:
            self._watch_from_now_on()

    def _watch_from_now_on(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="left on by hand", daemon=True)
            self._thread.start()

    def _have_done(self, needed: OperatorNeeded, step: PlainStep) -> None:
        """Ask a person to do what no software can."""
        answer = self.questions.ask(question_of(needed, 1, step), ANSWERS, TIMEOUT_S, self._interrupt, self._look)
        if self._interrupt.is_set():
            raise Interrupted
        declare(needed, answer)

    def interrupt(self) -> None:
        """Let a step that is being carried out end now, and none begin that was asked for before."""
        self._stops += 1
        self._interrupt.set()

    def switch_off(self, role: str | None) -> None:
        """Make one instrument safe, or all, also if a step is just switching it on; that step ends.

        Raises
        ------
        SessionError
            If such a step has not ended in time; the instrument was made safe before.
        NotSafeError, DeviceError
            If it could not be made safe.
        """
        if role is None:
            self.interrupt()
            try:
                self._rig.make_safe()
            except Exception as error:
                self._unsafe(error)
                raise
            self.forget()
        else:
            self._switch_off(role)

    def _switch_off(self, role: str) -> None:
        self._offs = {**self._offs, role: self._offs.get(role, 0) + 1}
        step = self._step
        switching = step is not None and concerns(step, role)
        if switching:
            self._interrupt.set()
        device = self._rig.devices[role]
        device.make_safe()
        if switching:
            if not self._turn.acquire(timeout=END_TIMEOUT_S):
                raise SessionError(f"{role}: was switched off, but the step that sets it still goes on; switch it off")
            try:
                device.make_safe()
            finally:
                self._turn.release()
        self._light_until_s = None if role == "laser" else self._light_until_s
        self._heat_until_s = None if role == "heater" else self._heat_until_s

    @contextmanager
    def handed_over(self, *, dark: bool) -> Iterator[None]:
        """After `claim`, let somebody else have the instruments, who calls `forget` once he looks after them.

        Parameters
        ----------
        dark : bool
            Whether the light is taken off first, if it was left on.

        Raises
        ------
        NotSafeError
            If it could not be taken off.
        """
        goes_on, self._time_goes_on = self._time_goes_on, False
        try:
            if dark and self._light_until_s is not None:
                self._rig.make_dark()
                self._light_until_s = None
            yield
        except BaseException:
            self._time_goes_on = goes_on
            raise
        finally:
            self._leave()

    def forget(self) -> None:
        """Forget what was left on: it is off, or somebody else looks after it from now on."""
        self._light_until_s = self._heat_until_s = None
        self._told.clear()

    def look_after(self) -> None:
        """Switch off what was left on for too long; called again and again, until that has succeeded."""
        if not self._turn.acquire(blocking=False):
            if self._step is not None and self._is_over(self._light_until_s):
                self._interrupt.set()  # such as a question that nobody answers
            return
        try:
            if not self._rig.arming.armed:
                self._light_until_s = self._heat_until_s = None
            if self._is_over(self._light_until_s):
                self._rig.make_dark()
                self._light_until_s = None
                self._told.append(f"light went off by itself, {LIGHT_LEFT_ON_S / 60:g} min after the last step by hand")
            if self._is_over(self._heat_until_s):
                if self._rig.heater is not None:
                    self._rig.heater.make_safe()
                self._heat_until_s = None
                self._told.append(f"the heater went off by itself, {HEAT_LEFT_ON_S / 3600:g} h after it was set")
            if self._told and self._light_until_s is None and self._heat_until_s is None and self._rig.arming.armed:
                self._rig.make_safe()
        except Exception as error:
            self._unsafe(error)
        finally:
            self._turn.release()

    def _is_over(self, until_s: float | None) -> bool:
        return until_s is not None and self._now() >= until_s

    def let_time_go_on(self, seconds: float) -> None:
        """Let simulated time go on as the wall's does, as a heater that somebody has set has to heat; not in a step."""
        if self._time_goes_on and self._turn.acquire(blocking=False):
            try:
                if self._time_goes_on:
                    self._rig.clock.wait(self._ending, seconds)
            finally:
                self._turn.release()

    def _watch(self) -> None:
        while not self._ending.wait(POLL_S):
            self.let_time_go_on(POLL_S)
            self.look_after()

    def close(self) -> None:
        """Watch no more; a step that is being carried out ends now. The instruments are not made safe."""
        self._ending.set()
        self.interrupt()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(END_TIMEOUT_S)
