"""A setting of an instrument that a Bluesky plan moves: laser intensity, rate and emission, and the shutter."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from acquisition.bluesky_adapter.device import Quantity, RigDevice
from acquisition.bluesky_adapter.light import Light
from acquisition.bluesky_adapter.status import Background, Status
from drivers.interfaces.device import Device, PlainValue
from drivers.interfaces.errors import RangeError

SETTING_TIMEOUT_S = 30.0
"""Longest time that an instrument may take for a setting, in wall time."""

T = TypeVar("T", float, bool)


class Setting(RigDevice, Generic[T]):
    """A setting that is reached as soon as the instrument has taken it (`Movable`, `Readable`, `Stoppable`).

    Parameters
    ----------
    name : str
        Name in the documents.
    device : Device
        The guarded instrument.
    quantity : Quantity
        The setting; its values are true and false if its type is boolean, else numbers.
    light : Light
        Of the rig.
    read : callable
        Reads the setting back.
    write : callable
        Sets it.
    limit : str, optional
        Key of the setting in the limits of the instrument.
    """

    def __init__(
        self,
        name: str,
        device: Device,
        quantity: Quantity,
        light: Light,
        *,
        read: Callable[[], T],
        write: Callable[[T], None],
        limit: str = "",
    ) -> None:
        super().__init__(name, device, (quantity,), light)
        self._quantity, self._limit = quantity, limit
        self._read_back: Callable[[], T] = read
        self._write: Callable[[T], None] = write
        self._setpoint: T | None = None
        self._background = Background(name)

    def check_value(self, value: T) -> None:
        """Raise `RangeError` if `value` is of the wrong kind or outside the limits; nothing is set."""
        if self._quantity.dtype == "boolean":
            if not isinstance(value, bool):
                raise RangeError(self.name, f"{value!r} is not allowed; give True or False")
            return
        check_number(self.name, value)
        if self._limit in self._device.limits:
            self._device.limits[self._limit].check(self.name, self._quantity.key, value)

    def set(self, value: T) -> Status:
        """Set it; the status is done when the instrument has taken it.

        Raises
        ------
        RangeError
            If the value is not allowed; nothing was set.
        """
        self.check_value(value)
        self._light.forget()
        self._setpoint = value
        return self._background.start(lambda interrupt: self._carry_out(value, interrupt), SETTING_TIMEOUT_S)

    def stop(self, success: bool = True) -> None:
        """Wait until what is being set is set; the setting stays, for a plan leaves it so on purpose."""
        self._light.forget()
        self._background.end()

    def locate(self) -> dict[str, Any]:
        """Return what was asked for, and what the instrument says."""
        self._light.read_by_plan()
        readback = self._read_back()
        return {"setpoint": readback if self._setpoint is None else self._setpoint, "readback": readback}

    def _values(self) -> Mapping[str, PlainValue]:
        return {self._quantity.key: self._read_back()}

    def _carry_out(self, value: T, interrupt: threading.Event) -> None:
        if not interrupt.is_set():
            self._write(value)


def check_number(name: str, value: object) -> None:
    """Raise `RangeError` unless `value` is a number."""
    try:
        if isinstance(value, bool) or not isinstance(float(value), float):  # type: ignore[arg-type]
            raise TypeError
    except (TypeError, ValueError):
        raise RangeError(name, f"{value!r} is not a number") from None
