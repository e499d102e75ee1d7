"""The temperature of a heated substrate as Bluesky moves it: arrived when it is stable."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acquisition.bluesky_adapter.device import Quantity, RigDevice
from acquisition.bluesky_adapter.light import Light
from acquisition.bluesky_adapter.setting import check_number
from acquisition.bluesky_adapter.status import Background, Status, WorkInterruptedError
from acquisition.rig import Rig
from drivers.interfaces.clock import Clock
from drivers.interfaces.device import PlainValue
from drivers.interfaces.errors import DeviceTimeoutError, FaultError, StateError
from drivers.interfaces.heater import HeatedSubstrate

READ_INTERVAL_S = 0.5

ANSWER_TIMEOUT_S = 60.0
"""Longest time that the heater may be silent beyond the timeout of its stability, in wall time."""


@dataclass(frozen=True, slots=True)
class Stability:
    """A temperature is reached when it has stayed within `tolerance_c` of the setpoint for `window_s`.

    `timeout_s` is the longest wait. Times are those of the rig's clock. `ValueError` if one is not
    above 0 or the window is longer than the timeout.
    """

    tolerance_c: float = 0.2
    window_s: float = 30.0
    timeout_s: float = 1800.0

    def __post_init__(self) -> None:
        if not (self.tolerance_c > 0 and 0 < self.window_s <= self.timeout_s):
            raise ValueError(f"{self}: all must be above 0, and the window not longer than the timeout")

    def wait(self, heater: HeatedSubstrate, clock: Clock, interrupt: threading.Event) -> None:
        """Read the temperature until it is stable, or `interrupt` is set.

        Raises
        ------
        DeviceTimeoutError
            If it is not stable in time.
        FaultError
            If the heater has an alarm.
        StateError
            If the heating was switched off meanwhile.
        """
        begin_s = clock.now()
        since_s: float | None = None
        while True:
            away_c = _away_from_setpoint_c(heater)
            now_s = clock.now()
            if abs(away_c) > self.tolerance_c:
                since_s = None
            elif since_s is None:
                since_s = now_s
            if since_s is not None and now_s - since_s >= self.window_s:
                return
            left_s = begin_s + self.timeout_s - now_s
            if left_s <= 0:
                message = (
                    f"after {self.timeout_s:g} s the temperature was not within {self.tolerance_c:g} degC of its "
                    f"setpoint for {self.window_s:g} s but is {away_c:+.2f} degC away; check the heater, or allow "
                    "a longer timeout or a larger tolerance"
                )
                raise DeviceTimeoutError(heater.name, message)
            if clock.wait(interrupt, min(READ_INTERVAL_S, left_s)):
                return


STABILITY = Stability()


class Temperature(RigDevice):
    """Temperature of the sample (`Movable`, `Locatable`, `Checkable`, `Readable`, `Stoppable`).

    Parameters
    ----------
    name : str
        Name in the documents.
    heater : HeatedSubstrate
        The guarded heater of the rig.
    rig : Rig
        Its limits and its clock.
    light : Light
        Of the rig.
    stability : Stability
        When the status of `set` is done: tolerance, window and timeout.
    """

    def __init__(
        self, name: str, heater: HeatedSubstrate, rig: Rig, light: Light, stability: Stability = STABILITY
    ) -> None:
        quantities = Quantity(f"{name}_c", "degC"), Quantity(f"{name}_heating", "", "boolean")
        super().__init__(name, heater, quantities, light)
        self._heater, self._rig, self._stability = heater, rig, stability
        self._background = Background(name)

    def check_value(self, value: float) -> None:
        """Raise `RangeError`, naming the part that sets the limit, if the rig does not stand the temperature."""
        check_number(self.name, value)
        self._rig.check_temperature_c(value)

    def set(self, value: float) -> Status:
        """Heat to `value` degC; the status is done when the temperature is stable.

        It fails with a `DeviceTimeoutError` if the temperature is not stable in time, and with a `FaultError`
        if the heater has an alarm.

        Raises
        ------
        RangeError
            If the rig does not stand the temperature; nothing was set.
        """
        self.check_value(value)
        self._light.forget()
        return self._background.start(
            lambda interrupt: self._heat(value, interrupt), self._stability.timeout_s + ANSWER_TIMEOUT_S
        )

    def stop(self, success: bool = True) -> None:
        """End the waiting; the heater goes on controlling the temperature, as in a pause of a sequence.

        The status of `set` is then done, or fails with `WorkInterruptedError` if not `success`.
        Heating ends with `rig.make_safe` (see `ending_safely`) or `rig.heater.stop_heating`.
        """
        self._light.forget()
        error = WorkInterruptedError(f"{self.name}: stopped before it was stable; the heater still controls it")
        self._background.end(None if success else error)

    def locate(self) -> dict[str, Any]:
        """Return setpoint (the present temperature if there is none) and temperature, in degC."""
        self._light.read_by_plan()
        status = self._heater.status()
        setpoint_c = status.temperature_c if status.setpoint_c is None else status.setpoint_c
        return {"setpoint": setpoint_c, "readback": status.temperature_c}

    def _heat(self, temperature_c: float, interrupt: threading.Event) -> None:
        if not interrupt.is_set():
            self._heater.heat_to_c(temperature_c)
            self._stability.wait(self._heater, self._rig.clock, interrupt)

    def _values(self) -> Mapping[str, PlainValue]:
        status = self._heater.status()
        return {f"{self.name}_c": status.temperature_c, f"{self.name}_heating": status.heating}

    def _configuration(self) -> list[tuple[Quantity, PlainValue]]:
        stability = self._stability
        return [
            *super()._configuration(),
            (Quantity(f"{self.name}_tolerance_c", "delta_degC"), stability.tolerance_c),
            (Quantity(f"{self.name}_window_s", "s"), stability.window_s),
            (Quantity(f"{self.name}_timeout_s", "s"), stability.timeout_s),
        ]


def _away_from_setpoint_c(heater: HeatedSubstrate) -> float:
    """Return how far the temperature is above its setpoint."""
    status = heater.status()
    if status.alarm is not None:
        raise FaultError(heater.name, f"alarm: {status.alarm}")
    if status.setpoint_c is None or not status.heating:
        raise StateError(heater.name, "was switched off while a plan waited for its temperature")
    return status.temperature_c - status.setpoint_c
