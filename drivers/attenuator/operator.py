"""An attenuator without computer interface: a person puts it in, and says so."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import Field

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Percent
from drivers.interfaces.attenuator import Attenuator
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import OperatorNeeded, StateError
from drivers.interfaces.software import SoftwareDevice

SAME = 1e-6
"""Largest relative difference at which two transmissions are the same."""


class OperatorAttenuatorSettings(ConfigModel):
    """What it is called where it stands, and the least and the most light that it can be made to pass."""

    description: str = Field(min_length=1, default="attenuator")
    lowest_transmission_percent: Percent = Field(ge=0, lt=100, default=0.0)
    simulated: bool = False


class OperatorAttenuator(SoftwareDevice, Attenuator):
    """A filter, wheel or half-wave plate that a person sets by hand.

    Nobody knows how it stands before it was declared: what was declared is forgotten when the connection is closed,
    as it may be turned meanwhile. Nothing is read from it; what `transmission` returns is what a person has said.
    """

    def __init__(self, name: str, settings: OperatorAttenuatorSettings | None = None) -> None:
        super().__init__(name)
        self._settings = settings or OperatorAttenuatorSettings()
        self._declared: float | None = None

    @property
    def identity(self) -> Identity:
        """What the rig file says of it."""
        self.require_connected()
        return Identity("unknown", self._settings.description, "", "", simulated=self._settings.simulated)

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed transmission."""
        return MappingProxyType({"transmission": Limits(self._settings.lowest_transmission_percent / 100, 1.0)})

    def make_safe(self) -> None:
        """Do nothing: an attenuator is no source."""

    def close(self) -> None:
        """Forget what was declared."""
        super().close()
        self._declared = None

    def set_transmission(self, value: float) -> None:
        """Ask a person to set it, unless it is declared to be so already."""
        self.require_connected()
        self.limits["transmission"].check(self.name, "transmission", value)
        if self._declared is not None and abs(self._declared - value) <= SAME * max(value, SAME):
            return
        request = f"set the {self._settings.description} so that {100 * value:g} % of the light pass"
        raise OperatorNeeded(self.name, request, lambda: self._declare(value))

    def _declare(self, value: float) -> None:
        self._declared = value

    def transmission(self) -> float:
        """Return what was declared. Raises `StateError` if nothing was."""
        self.require_connected()
        if self._declared is None:
            raise StateError(self.name, "nobody has said how it is set; put a set_attenuator step first")
        return self._declared

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what was declared; None if nothing was."""
        return {"transmission": self._declared, "declared": "transmission"}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return that nothing can be read from it."""
        self.require_connected()
        return {"readable": False}
