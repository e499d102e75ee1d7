"""A simulated attenuator in the laser beam of the bench."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

from pydantic import model_validator

from acquisition.config.model import ConfigModel
from drivers.attenuator.positions import AttenuatorPosition, check_differ, position_of
from drivers.interfaces.attenuator import Attenuator
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.software import SoftwareDevice
from simulators.bench import Bench


class AttenuatorSettings(ConfigModel):
    """The positions that there are; without any, every transmission can be set."""

    positions: tuple[AttenuatorPosition, ...] = ()

    @model_validator(mode="after")
    def _positions_differ(self) -> Self:
        check_differ(self.positions)
        return self


class SimulatedAttenuator(SoftwareDevice, Attenuator):
    """An attenuator between laser and sample; it moves in no time. Without one, all light passes."""

    def __init__(self, name: str, bench: Bench, settings: AttenuatorSettings | None = None) -> None:
        super().__init__(name)
        self._bench = bench
        self._positions = (settings or AttenuatorSettings()).positions

    @property
    def identity(self) -> Identity:
        """Who the instrument says it is."""
        self.require_connected()
        return Identity("cascadescope", "simulated attenuator", "1", "1", simulated=True)

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed transmission, a share of 1."""
        known = [each.transmission_percent / 100 for each in self._positions] or [0.0, 1.0]
        return MappingProxyType({"transmission": Limits(min(known), max(known))})

    def make_safe(self) -> None:
        """Do nothing: an attenuator is no source."""

    def set_transmission(self, value: float) -> None:
        """Set the share of the light that passes."""
        self.require_connected()
        if self._positions:
            position_of(self.name, self._positions, value)
        else:
            self.limits["transmission"].check(self.name, "transmission", value)
        with self._bench.lock:
            self._bench.beam.transmission = value

    def transmission(self) -> float:
        """Return the share of the light that passes."""
        self.require_connected()
        with self._bench.lock:
            return self._bench.beam.transmission

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what has been set."""
        with self._bench.lock:
            return {"transmission": self._bench.beam.transmission}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return the share of the light that passes."""
        return {"transmission": self.transmission()}
