"""The temperature of a heated substrate as Bluesky moves it: arrived when it is stable."""

import threading
from collections.abc import Mapping
from typing import Any

from acquisition.bluesky_adapter.device import Quantity, RigDevice
from acquisition.bluesky_adapter.light import Light
from acquisition.bluesky_adapter.setting import check_number
from acquisition.bluesky_adapter.status import Background, Status, WorkInterruptedError
from acquisition.rig import Rig
from acquisition.sequence.carry_out import wait_until_stable
from acquisition.sequence.steps import WaitUntilStable
from drivers.interfaces.device import PlainValue
from drivers.interfaces.heater import HeatedSubstrate

STABILITY = WaitUntilStable()
"""As in a sequence that says nothing else: within 0.2 degC for 30 s, after at most 30 min."""

ANSWER_TIMEOUT_S = 60.0
"""Longest time that the heater may be silent beyond the timeout of its stability, in wall time."""


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
    stability : WaitUntilStable
        When the status of `set` is done: tolerance, window and timeout.
    """

    def __init__(
        self, name: str, heater: HeatedSubstrate, rig: Rig, light: Light, stability: WaitUntilStable = STABILITY
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

        It fails with a `StepError` if the temperature is not stable in time, and with a `FaultError`
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
        error = WorkInterruptedError(f"{self.name}: stopped before it was stable; the heater still controls it")
        self._background.end(None if success else error)

    def locate(self) -> dict[str, Any]:
        """Return setpoint (the present temperature if there is none) and temperature, in degC."""
        status = self._heater.status()
        setpoint_c = status.temperature_c if status.setpoint_c is None else status.setpoint_c
        return {"setpoint": setpoint_c, "readback": status.temperature_c}

    def _heat(self, temperature_c: float, interrupt: threading.Event) -> None:
        if not interrupt.is_set():
            self._heater.heat_to_c(temperature_c)
            wait_until_stable(self._stability, self._rig, interrupt)

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
