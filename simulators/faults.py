"""What can go wrong on the bench: a catalogue, and a board that says what is wrong now."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from drivers.interfaces.clock import Clock


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault: what happens, and its parameters with what they are if nothing else is said.

    Attributes
    ----------
    device : str
        The role that shows it.
    happens : str
        What a bystander would say.
    parameters : mapping
        Default of each parameter, by its name with unit.
    once : bool
        Whether it happens at one moment; otherwise it lasts until it is ended.
    """

    device: str
    happens: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    once: bool = False


FAULTS: Mapping[str, FaultKind] = MappingProxyType(
    {
        "spad_connection_dropped": FaultKind("spad_array", "the server of the SPAD array hangs up", once=True),
        "spad_silent": FaultKind("spad_array", "the server of the SPAD array says nothing more"),
        "spad_garbage": FaultKind(
            "spad_array", "bytes that are no record come in the stream", {"byte_count": 64.0}, once=True
        ),
        "spad_fifo_overflow": FaultKind(
            "spad_array", "the FIFO of a chip overflows and photons are lost", {"lost_s": 0.01}, once=True
        ),
        "spad_chip_jump": FaultKind("spad_array", "the clock of the master chip jumps", {"jump_ns": 100.0}, once=True),
        "laser_stops": FaultKind("laser", "the laser stops: no light, no pulses"),
        "laser_drops_pulses": FaultKind("laser", "a share of the laser pulses is missing", {"share": 0.1}),
        "heater_alarm": FaultKind("heater", "the heater raises an alarm and stops heating"),
        "heater_sensor_stuck": FaultKind("heater", "the sensor of the heater stays at its last temperature"),
        "heater_overshoot": FaultKind(
            "heater", "the plate gets hotter than what is controlled to", {"overshoot_c": 30.0}
        ),
        "heater_port_vanishes": FaultKind("heater", "the serial port of the heater vanishes"),
        "camera_no_new_data": FaultKind("camera", "the camera says that there are no data (20024)"),
        "camera_acquiring": FaultKind("camera", "the camera says that it is acquiring (20072)"),
        "camera_vanished": FaultKind("camera", "the camera vanishes: its temperature reads -999"),
        "spectrograph_communication": FaultKind(
            "spectrograph", "the spectrograph reports a communication error (20201)", {"times": 3.0}
        ),
        "disk_full": FaultKind("disk", "the disk of the run folder is full"),
        "slow_disk": FaultKind("disk", "the disk of the run folder is slow", {"delay_s": 0.5}),
    }
)


@dataclass(frozen=True, slots=True)
class _Planned:
    name: str
    parameters: Mapping[str, float]
    begin_s: float
    end_s: float


class FaultBoard:
    """What is broken now; simulators look at it before each thing that they do. Any thread may ask.

    Parameters
    ----------
    clock : Clock
        Of the bench.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._planned: list[_Planned] = []
        self._to_tell: list[tuple[float, str]] = []

    def begin(self, name: str, *, after_s: float = 0.0, duration_s: float = float("inf"), **parameters: float) -> None:
        """Let something break in `after_s`, for `duration_s`, or until `end`.

        Raises
        ------
        ValueError
            If there is no such fault, or it has no such parameter.
        """
        kind = FAULTS.get(name)
        if kind is None:
            raise ValueError(f"there is no fault {name!r}; there are {', '.join(FAULTS)}")
        unknown = parameters.keys() - kind.parameters.keys()
        if unknown:
            allowed = ", ".join(kind.parameters) or "none"
            raise ValueError(f"{name} has no parameter {', '.join(sorted(unknown))}; it has {allowed}")
        begin_s = self._clock.now() + after_s
        with self._lock:
            self._planned.append(_Planned(name, {**kind.parameters, **parameters}, begin_s, begin_s + duration_s))
            self._to_tell.append((begin_s, name))

    def end(self, name: str) -> None:
        """Mend it."""
        with self._lock:
            self._planned = [fault for fault in self._planned if fault.name != name]

    def active(self, name: str) -> Mapping[str, float] | None:
        """Return the parameters of a fault that lasts, if it is there now, else None."""
        return self._found(name, remove=False)

    def take(self, name: str) -> Mapping[str, float] | None:
        """Return the parameters of a fault that happens once, if its moment has come, and let it be over."""
        return self._found(name, remove=True)

    def newly_begun(self) -> list[str]:
        """Return what has begun since it was asked last, in that order, whether it is over by now or not."""
        now_s = self._clock.now()
        with self._lock:
            begun = sorted(each for each in self._to_tell if each[0] <= now_s)
            self._to_tell = [each for each in self._to_tell if each[0] > now_s]
        return [name for _, name in begun]

    def active_names(self) -> list[str]:
        """Return what is broken now."""
        return [name for name in FAULTS if self.active(name) is not None]

    def _found(self, name: str, *, remove: bool) -> Mapping[str, float] | None:
        now_s = self._clock.now()
        with self._lock:
            for fault in self._planned:
                if fault.name == name and fault.begin_s <= now_s < fault.end_s:
                    if remove:
                        self._planned.remove(fault)
                    return fault.parameters
        return None
