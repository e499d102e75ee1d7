"""What must never be, whenever a session is open: conditions as small functions, and what became of each."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from acquisition.session.base import SessionError
from drivers.interfaces.camera import CameraStatus
from drivers.interfaces.heater import HeaterStatus
from drivers.interfaces.laser import LaserStatus

TOLERANCE_C = 3.0
"""How far above the lowest temperature limit of a rig a heater may be read: controllers swing a little over."""
COOLING_TOLERANCE_C = 5.0
"""How far above its setpoint a camera that gets warmer may be while its gain is on."""
RATE_TOLERANCE = 0.01
"""Part by which the laser rate that the detector measures may differ from what was set."""
STILL_S = 20.0
"""Longest time that the reading of a heater that must get warmer may stay exactly the same, in s of the rig's time."""
STILL_TOLERANCE_C = 0.25
"""How far below its setpoint such a heater is; nearer to it a controller may well hold the temperature that still."""
SILENT_LOOKS = 90
"""How often in a row an instrument may give no answer while it may be on; at two looks a second 45 s. Clearly later
than a run suspends itself for silence (laser 10 s, others 30 s): after that it goes on by itself, after a trip only
when a person has acknowledged it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at the instruments has found; None where there is no instrument or no answer.

    Attributes
    ----------
    heater, laser, camera : status or None
        As they report it.
    heated : bool
        Whether the heater was on at the look before, or was told to be.
    still_s : float
        How long a heater has heated towards the same setpoint and told exactly the same temperature, in s.
    light : bool
        Whether light of the laser may be on the sample.
    count_rate_cps : float or None
        Present rate of the detector in counts/s.
    measured_rate_hz : float or None
        Rate of the laser pulses by the clock of the detector.
    camera_was_c : float or None
        Temperature of the camera at the look before.
    camera_was_cooled : bool
        Whether its cooler was on then.
    lowest_gain : float
        EM gain at which the camera is safe.
    silent : mapping
        How often in a row each instrument that may be on has given no answer, by role.
    """

    heater: HeaterStatus | None = None
    laser: LaserStatus | None = None
    camera: CameraStatus | None = None
    heated: bool = False
    still_s: float = 0.0
    light: bool = False
    count_rate_cps: float | None = None
    measured_rate_hz: float | None = None
    camera_was_c: float | None = None
    camera_was_cooled: bool = True
    lowest_gain: float = 1.0
    silent: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a rig stands: lowest temperature limit with its part, and highest count rate; None where there is none."""

    temperature_c: tuple[float, str] | None = None
    count_rate_cps: float | None = None


Condition = Callable[[Seen, Bounds], str | None]
"""Returns in words, with numbers, what is wrong; None if all is well or cannot be told."""


def too_hot(seen: Seen, bounds: Bounds) -> str | None:
    """Judge the temperature against the weakest part of the rig."""
    if seen.heater is None or bounds.temperature_c is None:
        return None
    limit_c, part = bounds.temperature_c
    if seen.heater.temperature_c <= limit_c + TOLERANCE_C:
        return None
    return (
        f"the heater is at {seen.heater.temperature_c:.1f} degC, and {part} stands at most {limit_c:g} degC "
        f"({TOLERANCE_C:g} degC over it are tolerated)"
    )


def heater_alarm(seen: Seen, bounds: Bounds) -> str | None:
    """Judge the alarms of a heater that heats, or did so until it raised one; of one that is off they may wait."""
    if seen.heater is None or seen.heater.alarm is None or not (seen.heater.heating or seen.heated):
        return None
    return f"alarm of the heater: {seen.heater.alarm}"


def sensor_stuck(seen: Seen, bounds: Bounds) -> str | None:
    """Judge a heater that must get warmer, and whose reading does not change at all: nobody knows how hot it is."""
    heater = seen.heater
    if heater is None or not heater.heating or heater.setpoint_c is None or seen.still_s < STILL_S:
        return None
    if heater.setpoint_c - heater.temperature_c <= STILL_TOLERANCE_C:
        return None
    return (
        f"the heater heats towards {heater.setpoint_c:g} degC, and its reading has been exactly "
        f"{heater.temperature_c:.1f} degC for {seen.still_s:.0f} s: its sensor may be stuck, and the plate hotter than "
        "that. Let it cool, then look at sensor and substrate"
    )


def too_bright(seen: Seen, bounds: Bounds) -> str | None:
    """Judge the count rate while there is light."""
    rate_cps, limit_cps = seen.count_rate_cps, bounds.count_rate_cps
    if not seen.light or rate_cps is None or limit_cps is None or rate_cps <= limit_cps:
        return None
    return f"{rate_cps:.3g} counts/s with the laser on are above the limit of {limit_cps:.3g} of this rig"


def cooling_lost(seen: Seen, bounds: Bounds) -> str | None:
    """Judge the cooling of the camera while its gain is on: dark counts and ageing grow with temperature."""
    camera = seen.camera
    if camera is None or camera.em_gain <= seen.lowest_gain:
        return None
    gain = f"while its EM gain is {camera.em_gain:g}"
    if not camera.cooler:  # one that has never been on is no loss: who measures so has chosen it
        return f"the cooler of the camera has gone off {gain}" if seen.camera_was_cooled else None
    over_c = camera.temperature_c - camera.setpoint_c
    warms = seen.camera_was_c is not None and camera.temperature_c > seen.camera_was_c
    if over_c > COOLING_TOLERANCE_C and warms and not camera.temperature_stable:
        return f"the camera is at {camera.temperature_c:.1f} degC, {over_c:.1f} above its setpoint, and rises {gain}"
    return None


def silent(seen: Seen, bounds: Bounds) -> str | None:
    """Judge instruments that may be on and give no answer."""
    found = [f"{role} ({looks} times in a row)" for role, looks in seen.silent.items() if looks >= SILENT_LOOKS]
    return f"no answer of what may be on: {', '.join(found)}" if found else None


def wrong_rate(seen: Seen, bounds: Bounds) -> str | None:
    """Judge the pulse rate that the detector measures."""
    measured_hz = seen.measured_rate_hz
    if seen.laser is None or not seen.laser.emission or measured_hz is None:
        return None
    said_hz = seen.laser.repetition_rate_hz
    if abs(measured_hz - said_hz) <= RATE_TOLERANCE * said_hz:
        return None
    return f"the detector measures {measured_hz:.6g} laser pulses per second, and {said_hz:.6g} were set"


@dataclass(frozen=True, slots=True)
class Interlock:
    """A condition with its name; one that does not trip is only told."""

    name: str
    condition: Condition
    trips: bool = True


INTERLOCKS = (
    Interlock("heater_temperature", too_hot),
    Interlock("heater_alarm", heater_alarm),
    Interlock("heater_sensor", sensor_stuck),
    Interlock("count_rate", too_bright),
    Interlock("camera_cooling", cooling_lost),
    Interlock("no_answer", silent),
    Interlock("laser_rate", wrong_rate, trips=False),
)
GUARDIAN = "guardian"
"""Name of the interlock that trips when nobody watches the session from outside any more."""
JUDGING = "interlocks"
"""Name of the one that trips when the others cannot be judged."""
STANDSTILL = "standstill"
"""Name of the one that trips when a call into an instrument does not come back, or nobody looks any more."""

TRIPPED, WARNING = "tripped", "warning"


class Interlocks:
    """What became of each interlock of a session; any thread may ask.

    One that has tripped stays so until a person acknowledges it.

    Parameters
    ----------
    trip : callable
        Takes name and message, and makes everything safe; called once per trip, in the thread of whoever looks.
    warn : callable
        Takes the message of what is only told; called once until it has been well again.
    """

    def __init__(self, trip: Callable[[str, str], None], warn: Callable[[str], None]) -> None:
        self._trip, self._warn = trip, warn
        self._lock = threading.Lock()
        self._states: dict[str, dict[str, str]] = {}
        self._bad: dict[str, str] = {}

    def see(self, seen: Seen, bounds: Bounds) -> None:
        """Judge a look, trip what must, and tell what is only told."""
        for interlock in INTERLOCKS:
            message = interlock.condition(seen, bounds)
            if message is not None:
                self.find(interlock.name, message, trips=interlock.trips)
                continue
            with self._lock:
                self._bad.pop(interlock.name, None)
                if not interlock.trips:
                    self._states.pop(interlock.name, None)

    def find(self, name: str, message: str, *, trips: bool = True) -> None:
        """Take note of what is wrong; it trips or is told unless that was done before."""
        with self._lock:
            self._bad[name] = message
            known = name in self._states
            if not known:
                since = datetime.now(UTC).isoformat(timespec="milliseconds")
                state = TRIPPED if trips else WARNING
                self._states[name] = {"name": name, "state": state, "since": since, "message": message}
        if known:
            return
        if trips:
            self._trip(name, message)
        else:
            self._warn(message)

    def take_well(self, name: str) -> None:
        """Take note that something that is not found by a look is well again; it may be acknowledged then."""
        with self._lock:
            self._bad.pop(name, None)

    @property
    def states(self) -> list[dict[str, str]]:
        """What has tripped or is told, as plain data: ``name``, ``state``, ``since`` and ``message``."""
        with self._lock:
            return [dict(state) for state in self._states.values()]

    def check(self) -> None:
        """Raise `SessionError` if something has tripped and nobody has acknowledged it."""
        if tripped := [state for state in self.states if state["state"] == TRIPPED]:
            what = "; ".join(f"{state['name']}: {state['message']}" for state in tripped)
            raise SessionError(
                f"an interlock has tripped ({what}); see to it, then acknowledge it (`cascadescope acknowledge`, or "
                "acknowledge_interlock() of the session or of acquisition.scripting)"
            )

    def acknowledge(self) -> list[dict[str, str]]:
        """Forget what has tripped and is well again, and return it.

        Raises
        ------
        SessionError
            If something is still wrong; nothing is forgotten then.
        """
        with self._lock:
            tripped = [state for state in self._states.values() if state["state"] == TRIPPED]
            if still := [
                f"{state['name']}: {self._bad[state['name']]}" for state in tripped if state["name"] in self._bad
            ]:
                raise SessionError(f"it is still so: {'; '.join(still)}; see to it first")
            for state in tripped:
                del self._states[state["name"]]
        return tripped
