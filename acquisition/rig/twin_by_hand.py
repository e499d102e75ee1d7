"""On the twin, a person is needed where one is needed on the rig: what software cannot set there is asked for."""

from collections.abc import Callable, Mapping
from typing import Any

from acquisition.rig.roles.role import Role
from drivers.interfaces.attenuator import Attenuator
from drivers.interfaces.device import Device, Identity, Limits, PlainValue
from drivers.interfaces.errors import OperatorNeeded
from drivers.interfaces.laser import LaserAuthority, LaserStatus, PulsedLaser

SAME = 1e-6
"""Largest relative difference of two equal settings."""


def needing_people(devices: Mapping[str, Any], roles: Mapping[str, Role]) -> dict[str, Any]:
    """Return the simulated instruments of a twin, those that are partly set by hand on the rig as they are there.

    Parameters
    ----------
    devices : mapping
        What makes the rig, by the names of its arguments.
    roles : mapping
        Those of the rig file.
    """
    found = dict(devices)
    if "laser" in roles:
        found["laser"] = ByHandLaser(devices["laser"], roles["laser"])
    if "attenuator" in roles and roles["attenuator"].by_hand:
        found["attenuator"] = ByHandAttenuator(devices["attenuator"], roles["attenuator"])
    return found


class _ByHand(Device):
    """What both have in common: everything is passed on but what only a person can set."""

    def __init__(self, device: Device, role: Role) -> None:
        super().__init__(device.name)
        self._device = device
        self._declared = dict(role.by_hand)

    @property
    def connected(self) -> bool:
        """Whether the instrument can be talked to."""
        return self._device.connected

    @property
    def identity(self) -> Identity:
        """Who the simulator says it is."""
        return self._device.identity

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed range of each numeric setting."""
        return self._device.limits

    def connect(self) -> None:
        """Connect."""
        self._device.connect()

    def close(self) -> None:
        """Disconnect."""
        self._device.close()

    def make_safe(self) -> None:
        """Make the simulator safe."""
        self._device.make_safe()

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what has been set."""
        return self._device.settings()

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the simulator reports now."""
        return self._device.readings()

    def _set(self, name: str, value: float | bool, act: Callable[[], None], request: str) -> None:
        """Do `act`, which sets something, if software can on the rig or if a person has done it there."""
        if name in self._declared and not _same(self._declared[name], value):
            if name in self.limits:
                self.limits[name].check(self.name, name, value)
            raise OperatorNeeded(self.name, request, lambda: self._declared.update({name: value}))
        act()


class ByHandLaser(_ByHand, PulsedLaser):
    """A simulated laser in the place of one with settings at its front panel.

    Parameters
    ----------
    laser : PulsedLaser
        The simulator.
    role : Role
        Of the rig file.
    """

    def __init__(self, laser: PulsedLaser, role: Role) -> None:
        super().__init__(laser, role)
        self._laser = laser
        self._authority = LaserAuthority(getattr(role, "authority", LaserAuthority.LASER))

    @property
    def authority(self) -> LaserAuthority:
        """What lets software take the light of the laser of the rig off the sample."""
        return self._authority

    def connect(self) -> None:
        """Connect, with rate and intensity as they are declared."""
        super().connect()
        rate_hz, percent = (self._declared.get(name) for name in ("repetition_rate_hz", "intensity_percent"))
        if rate_hz is not None:
            self._laser.set_repetition_rate_hz(rate_hz)
        if percent is not None:
            self._laser.set_intensity_percent(percent)

    def set_repetition_rate_hz(self, value: float) -> None:
        """Set the pulse repetition rate."""
        request = f"set the repetition rate to {value:g} Hz"
        self._set("repetition_rate_hz", value, lambda: self._laser.set_repetition_rate_hz(value), request)

    def set_intensity_percent(self, value: float) -> None:
        """Set the intensity."""
        request = f"set the intensity to {value:g} %"
        self._set("intensity_percent", value, lambda: self._laser.set_intensity_percent(value), request)

    def set_emission(self, on: bool) -> None:
        """Switch emission."""
        self._set("emission", on, lambda: self._laser.set_emission(on), f"switch it {'on' if on else 'off'}")

    def status(self) -> LaserStatus:
        """Read the state back."""
        return self._laser.status()


class ByHandAttenuator(_ByHand, Attenuator):
    """A simulated attenuator in the place of one that a person sets.

    Parameters
    ----------
    attenuator : Attenuator
        The simulator.
    role : Role
        Of the rig file.
    """

    def __init__(self, attenuator: Attenuator, role: Role) -> None:
        super().__init__(attenuator, role)
        self._attenuator = attenuator

    def set_transmission(self, value: float) -> None:
        """Set the share of the light that passes."""
        request = f"let {100 * value:g} % of the light pass"
        self._set("transmission", value, lambda: self._attenuator.set_transmission(value), request)

    def transmission(self) -> float:
        """Return the share of the light that passes."""
        return self._attenuator.transmission()


def _same(one: float | bool | None, other: float | bool) -> bool:
    return one is not None and abs(one - other) <= SAME * max(abs(other), SAME)
