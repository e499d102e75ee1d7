"""What the guards of all instruments have in common."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from acquisition.rig.calls import CallsUnderWay
from acquisition.rig.latch import SafetyLatch
from drivers.interfaces.device import Device, Identity, Limits, PlainValue
from drivers.interfaces.rescue import Rescue

UNCOUNTED = frozenset({"calibrate_tdc"})
"""Calls that take minutes where all is well, and that have a timeout of their own."""


class Guard(Device):
    """What all guards pass on to the instrument; each call is counted until it comes back."""

    def __init_subclass__(cls, **more: Any) -> None:
        """Let the calls of a kind of instrument be counted; streams are not, as whoever reads them has a timeout."""
        super().__init_subclass__(**more)
        _count_calls(cls)

    def __init__(self, device: Device, latch: SafetyLatch) -> None:
        super().__init__(device.name)
        self._device = device
        self._latch = latch

    @property
    def calls(self) -> CallsUnderWay:
        """The calls into the instruments of its rig."""
        return self._latch.calls

    @property
    def connected(self) -> bool:
        """Whether the instrument can be talked to."""
        return self._device.connected

    @property
    def identity(self) -> Identity:
        """Who the instrument says it is."""
        return self._device.identity

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed range of each numeric setting."""
        return self._device.limits

    def connect(self) -> None:
        """Open the connection and make the instrument safe."""
        self._device.connect()
        self._latch.is_off(self._device)

    def close(self) -> None:
        """Make the instrument safe and close the connection."""
        self._latch.switch_off(self._device, self._device.close)

    def make_safe(self) -> None:
        """Switch off every source of light, heat or gain, also one that is just being switched on."""
        self._latch.switch_off(self._device, self._device.make_safe)

    def rescue(self) -> Rescue | None:
        """Return how another process makes the instrument safe."""
        return self._device.rescue()

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what has been set."""
        return self._device.settings()

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the instrument reports now."""
        return self._device.readings()


def _count_calls(kind: type[Device]) -> None:
    for name, member in list(vars(kind).items()):
        if name.startswith("_") or name in UNCOUNTED:
            continue
        if inspect.isfunction(member) and not inspect.isgeneratorfunction(member):
            setattr(kind, name, _counted(member))


def _counted(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def call(guard: Guard, *arguments: Any, **named: Any) -> Any:
        with guard.calls.under_way(f"{method.__name__} of {guard.name}"):
            return method(guard, *arguments, **named)

    return call


_count_calls(Guard)
