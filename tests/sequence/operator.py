"""An operator who does what a script says, each verb at a given moment of a run, in the midst of whatever goes on.

A moment is a call of an instrument, a block of the detector, a wait of the clock, a question or a journal entry;
whoever is in it goes on only when the verb has begun, so that it never comes too late.
"""

import queue
import threading
from contextlib import suppress
from functools import partial

from acquisition.rig.latch import SafetyLatch
from acquisition.sequence import SequenceError, State
from acquisition.session import SessionError
from acquisition.session.questions import Questions
from tests.sequence.bench import Bench, FakeServices
from tests.sequence.fake_rig import FakeRig

TIMEOUT_S = 20.0


class Told(list):
    """What the instruments were told; each entry is a moment."""

    def __init__(self, moment):
        super().__init__()
        self.moment = moment

    def append(self, entry):
        super().append(entry)
        self.moment()


class LatchedRig(FakeRig):
    """Refuses to switch anything on unless it is armed, as a real rig does; may fail to be made safe."""

    def __init__(self, moment):
        super().__init__()
        self.log = self.laser.log = self.heater.log = self.shutter.log = Told(moment)
        self.latch = SafetyLatch()
        self.clock.on_wait = moment
        self.spad_array._before_block = lambda number: moment()
        for device, name in (
            (self.laser, "set_emission"),
            (self.shutter, "set_open"),
            (self.heater, "heat_to_c"),
            (self.spad_array, "set_bias"),
        ):
            setattr(device, name, partial(self._set, device, getattr(device, name)))

    def _set(self, device, act, value):
        if value is False:
            act(value)
        else:
            self.latch.switch_on(device, lambda: act(value))

    def reconnect_lost(self):
        return []

    def arm(self):
        self.latch.release(self.latch.times, lambda: None)

    def make_dark(self):
        self.log.append("dark")
        for device in (self.laser, self.shutter):
            self.latch.switch_off(device, device.make_safe)

    def make_safe(self):
        with self.latch.making_safe():
            self.log.append("safe")
            for device in (self.laser, self.shutter, self.heater, self.spad_array):
                self.latch.switch_off(device, device.make_safe)
        if self.safety_error is not None:
            raise self.safety_error

    @property
    def has_light(self):
        return self.laser.emission or self.shutter.is_open_now


class Operator:
    """Runs steps on an engine while verbs come as a script says.

    Parameters
    ----------
    script : list of (int, str)
        After how many more moments each verb comes. While the run is paused, the next verb comes at once;
        a run that is paused when the script is at its end is resumed.
    """

    def __init__(self, script):
        self._script = list(script)
        self._asked = queue.SimpleQueue()
        self._moments = 0
        self._lock = threading.Lock()
        self._acting = []
        self.wrong = []
        self.questions = Questions()
        services = FakeServices()
        services.ask = self._ask
        self.bench = Bench(LatchedRig(self.moment), services)
        self.engine, self.rig = self.bench.engine, self.bench.rig
        self._over = threading.Event()

    def run(self, steps, cleanup=()):
        """Return the outcome of a run."""
        working = threading.Thread(target=self._work, name="operator")
        working.start()
        try:
            return self.engine.run(steps, cleanup)
        finally:
            self._over.set()
            for thread in (working, *self._acting):
                thread.join(TIMEOUT_S)
                assert not thread.is_alive()

    def moment(self):
        """Let the next verb of the script come now if its time has come."""
        if threading.current_thread().name == "verb" or self._over.is_set() or self.engine.state is State.IDLE:
            return
        with self._lock:
            self._moments += 1
            if not (self._script and self._moments > self._script[0][0]):
                return
            self._moments = 0
            verb = self._script.pop(0)[1]
        begun = threading.Event()
        self._asked.put((verb, begun))
        assert begun.wait(TIMEOUT_S)

    def _ask(self, question, choices, timeout_s, interrupt, tick):
        self._asked.put(("reply", threading.Event()))
        self.moment()
        return self.questions.ask(question, choices, timeout_s, interrupt)

    def _work(self):
        while not self._over.is_set():
            with suppress(queue.Empty):
                self._do(*self._asked.get(timeout=1e-3))
            if self.engine.state is State.PAUSED:
                self._look_while_dark()
                with self._lock:
                    verb = self._script.pop(0)[1] if self._script else "resume"
                self._do(verb, threading.Event())

    def _do(self, verb, begun):
        """Do as a verb says, and go on when it has begun: what it interrupts then goes on towards its end."""
        acting = threading.Thread(target=self._act, args=(verb,), name="verb")
        self._acting.append(acting)
        acting.start()
        if verb != "reply":
            wait_until(lambda: self.engine._control.interrupt.is_set() or not acting.is_alive())
        begun.set()

    def _look_while_dark(self):
        lit = self.rig.has_light
        if lit and self.engine.state is State.PAUSED:
            self.wrong.append("light while paused")

    def _act(self, verb):
        try:
            self._verb(verb)
        except SequenceError:
            pass  # not allowed in the present state
        except OSError as error:
            if error is not self.rig.safety_error:
                self.wrong.append(f"{verb}: {error!r}")
        except BaseException as error:
            self.wrong.append(f"{verb}: {error!r}")
            raise

    def _verb(self, verb):
        if verb == "note":
            self.engine.note("a remark", "Ada")
        elif verb in ("answer", "reply"):
            if verb == "answer" or wait_until(self._is_asked):
                with suppress(SessionError):  # nothing was asked
                    self.questions.answer("continue")
        elif verb == "break":
            self.rig.safety_error = OSError("a relay is stuck")
            self.engine.emergency_stop()
        else:
            getattr(self.engine, verb)()
            if verb in ("abort", "emergency_stop") and not self.rig.is_safe and self.rig.latch.latched:
                self.wrong.append(f"something is on after {verb}")

    def _is_asked(self):
        over = self._over.is_set() or self.engine._control.interrupt.is_set()
        return over or self.questions.pending is not None


def wait_until(condition):
    """Return whether a condition becomes true in time."""
    pause = threading.Event()
    for _ in range(int(TIMEOUT_S / 1e-3)):
        if condition():
            return True
        pause.wait(1e-3)
    return False
