"""Who looks at the interlocks: a thread where time is that of the wall, the run itself where it is simulated."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from acquisition.guardian.watch import Watch
from acquisition.rig import Rig
from acquisition.session.asking import Asking
from acquisition.session.interlocks import JUDGING, STANDSTILL, Bounds, Interlocks, Seen
from drivers.interfaces.camera import CameraStatus
from drivers.interfaces.closing import Closing
from drivers.interfaces.errors import DeviceError
from drivers.interfaces.heater import HeaterStatus

LOOK_INTERVAL_S = 0.5
AGAIN_EVERY_LOOKS = 10
"""After so many looks it is tried again to make safe what could not be: a cable may be in again."""
LOOK_SILENCE_S = 5.0
"""Longest time without a look while a source may be on: each instrument is waited for a moment only."""
ACT_SILENCE_S = 30.0
"""Longest time without a look while one is dealt with that found something wrong: making safe takes its time."""
CALL_SILENCE_S = 120.0
"""Longest time of a call into an instrument while a source may be on; the longest known, connecting, takes 60 s."""
JOIN_TIMEOUT_S = 30.0
"""Longest wait for a look that is under way when the session is closed."""
MEASURED_RATE = "laser_rate_hz"
"""Reading of a SPAD array that measures the rate of the laser."""

_Status = TypeVar("_Status")


class Looker:
    """Reads the instruments of a rig; who does not answer is counted while it may be on.

    Parameters
    ----------
    rig : Rig
        The instruments.
    """

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._asking = {role: Asking(role) for role in ("heater", "laser", "shutter", "camera")}
        self._silent: dict[str, int] = {}
        self._on: dict[str, bool] = {}
        self._camera: CameraStatus | None = None
        self._rate_hz: float | None = None
        self._still: tuple[tuple[float, float | None], float] | None = None

    @property
    def bounds(self) -> Bounds:
        """What the rig stands."""
        limits = self._rig.limits
        return Bounds(limits.lowest_temperature_c(self._rig.heater), limits.count_rate_cps)

    def look(self, count_rate_cps: float | None, *, attended: bool) -> Seen:
        """Look once.

        Parameters
        ----------
        count_rate_cps : float or None
            Present rate of the detector.
        attended : bool
            Whether somebody deals with the instruments just now, such as in a pause: silence is not counted then.
        """
        rig, heater, shutter, camera = self._rig, self._rig.heater, self._rig.shutter, self._rig.camera
        heated = heater is not None and (self._on.get("heater", False) or heater.told_to_heat)
        heater_status = self._ask("heater", None if heater is None else heater.status, _heats)
        laser_status = self._ask("laser", rig.laser.status, lambda status: status.emission)
        is_open = self._ask("shutter", None if shutter is None else shutter.is_open, bool)
        low = 1.0 if camera is None else camera.limits["em_gain"].low
        camera_status = self._ask("camera", None if camera is None else camera.status, lambda each: each.em_gain > low)
        camera_was, self._camera = self._camera, camera_status
        if attended:
            self._silent.clear()
        return Seen(
            heater_status,
            laser_status,
            camera_status,
            heated=heated,
            still_s=self._still_s(heater_status),
            light=laser_status is not None and laser_status.emission and is_open is not False,
            count_rate_cps=count_rate_cps,
            measured_rate_hz=self._measured_rate_hz(measures=count_rate_cps is not None),
            camera_was_c=None if camera_was is None else camera_was.temperature_c,
            camera_was_cooled=camera_was is not None and camera_was.cooler,
            lowest_gain=low,
            silent=dict(self._silent),
        )

    def _ask(self, role: str, read: Callable[[], _Status] | None, is_on: Callable[[_Status], bool]) -> _Status | None:
        """Return what an instrument says; None if it does not, which counts if it may be on."""
        if read is None:
            return None
        try:
            status = read() if self._rig.on_simulated_time else self._asking[role].ask(read)
        except Exception:  # whatever went wrong, it is not known to be well
            if self._rig.arming.armed and (self._on.get(role, False) or self._may_be_on(role)):
                self._silent[role] = self._silent.get(role, 0) + 1
            return None
        self._silent.pop(role, None)
        self._on[role] = is_on(status)
        return status

    def _may_be_on(self, role: str) -> bool:
        return self._rig.arming.may_be_on(self._rig.devices[role])

    def _still_s(self, heater: HeaterStatus | None) -> float:
        """Return how long a heater has heated towards the same setpoint and told the same temperature."""
        if heater is None:
            return 0.0  # one that does not answer is judged by its silence
        now_s, told = self._rig.clock.now(), (heater.temperature_c, heater.setpoint_c)
        if not heater.heating or self._still is None or self._still[0] != told:
            self._still = (told, now_s)
        return now_s - self._still[1]

    def _measured_rate_hz(self, *, measures: bool) -> float | None:
        """Return what the detector measured last; it is asked during a stream only, when it knows without the wire."""
        if measures and not self._rig.on_simulated_time:
            with suppress(DeviceError):  # the stream itself tells what is wrong with the detector
                found = self._rig.spad_array.readings().get(MEASURED_RATE)
                self._rate_hz = float(found) if isinstance(found, int | float) and found > 0 else None
        return self._rate_hz


def _heats(status: HeaterStatus) -> bool:
    return status.heating


class Supervisor(Closing):
    """Looks at the instruments of an open rig twice a second, until closed.

    On simulated time it has no thread: the run looks (`look_in_run`), so that what it does depends on no clock
    but its own. No time passes there while no run goes on.

    Parameters
    ----------
    rig : Rig
        The instruments, connected.
    interlocks : Interlocks
        What judges.
    count_rate_cps : callable
        Returns the present rate of the detector, or None.
    attended : callable
        Returns whether somebody deals with the instruments just now.
    """

    def __init__(
        self,
        rig: Rig,
        interlocks: Interlocks,
        count_rate_cps: Callable[[], float | None],
        attended: Callable[[], bool],
    ) -> None:
        self._rig, self._looker, self._interlocks = rig, Looker(rig), interlocks
        self._count_rate_cps, self._attended = count_rate_cps, attended
        self._ending = threading.Event()
        self._watch = Watch(time.monotonic(), LOOK_SILENCE_S, ACT_SILENCE_S)
        self._watch.hear(time.monotonic(), armed=True)
        self._looked_s: float | None = None
        self._thread: threading.Thread | None = None
        if not rig.on_simulated_time:
            self._thread = threading.Thread(target=self._look_on, name="interlocks", daemon=True)
            self._thread.start()

    def look_in_run(self, count_rate_cps: float | None, *, attended: bool) -> None:
        """Look in the thread of a run on simulated time, at most once a second of it."""
        if self._thread is not None:
            return
        now_s = self._rig.clock.now()
        if self._looked_s is None or now_s - self._looked_s >= 2 * LOOK_INTERVAL_S:
            self._looked_s = now_s
            self._look(count_rate_cps, attended=attended)

    def standstill(self) -> str:
        """Return in words what stands still, so that the instruments are not looked after; empty if nothing does."""
        if self._thread is None or self._ending.is_set():
            return ""
        silent_s = self._watch.look(time.monotonic())
        if silent_s is not None:
            return f"nobody has looked at the instruments for {silent_s:.0f} s"
        return self._hanging_call()

    def end(self) -> None:
        """Judge no more; a look may still be under way."""
        self._ending.set()

    def close(self) -> None:
        """Look no more; returns when a look that is under way has ended."""
        self.end()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(JOIN_TIMEOUT_S)

    def _look_on(self) -> None:
        looks = 0
        while not self._ending.wait(LOOK_INTERVAL_S):
            self._watch.hear(time.monotonic(), armed=False)
            looks = looks + 1 if self._rig.arming.failed else 0
            if looks and looks % AGAIN_EVERY_LOOKS == 0:
                with suppress(Exception):  # told when it failed first
                    self._rig.make_safe()
            self._watch.hear(time.monotonic(), armed=True)
            try:
                self._judge_calls()
                self._look(self._count_rate_cps(), attended=self._attended())
            except Exception as error:
                self._watch.hear(time.monotonic(), armed=False)
                self._interlocks.find(JUDGING, f"the interlocks cannot be judged: {error!r}")
            self._watch.hear(time.monotonic(), armed=True)

    def _judge_calls(self) -> None:
        if not (hanging := self._hanging_call()):
            self._interlocks.take_well(STANDSTILL)
        elif self._rig.arming.armed:
            self._watch.hear(time.monotonic(), armed=False)
            self._interlocks.find(STANDSTILL, hanging)

    def _hanging_call(self) -> str:
        call = self._rig.arming.oldest_call
        if call is None or call[1] <= CALL_SILENCE_S:
            return ""
        return f"a call into an instrument has not come back for {call[1]:.0f} s ({call[0]}); switch it off and on"

    def _look(self, count_rate_cps: float | None, *, attended: bool) -> None:
        seen = self._looker.look(count_rate_cps, attended=attended)
        if not self._ending.is_set():
            self._watch.hear(time.monotonic(), armed=False)
            self._interlocks.see(seen, self._looker.bounds)
