"""What all Bluesky devices of a rig have in common: readings with units, and who the instrument is."""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from acquisition.bluesky_adapter.light import Light
from drivers.interfaces.device import Device, PlainValue

Documents: TypeAlias = dict[str, dict[str, Any]]
"""Readings or their descriptions, by data key."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value of a device: its data key, unit and Bluesky's name of its type."""

    key: str
    units: str
    dtype: Literal["number", "integer", "boolean", "string"] = "number"


class RigDevice(ABC):
    """An instrument of a rig, or one of its settings, as Bluesky reads it (`bluesky.protocols.Readable`).

    Parameters
    ----------
    name : str
        Name in the documents.
    device : Device
        The guarded instrument of the rig.
    quantities : tuple of Quantity
        What `read` gives; the first is what plots and tables show.
    light : Light
        Of the rig; goes off while Bluesky pauses.
    """

    parent = None

    def __init__(self, name: str, device: Device, quantities: tuple[Quantity, ...], light: Light) -> None:
        self.name = name
        self._device, self._quantities, self._light = device, quantities, light

    @abstractmethod
    def _values(self) -> Mapping[str, PlainValue]:
        """Return the present value of each quantity by its key."""

    def _configuration(self) -> list[tuple[Quantity, PlainValue]]:
        """Return what stays as it is during a plan."""
        identity = self._device.identity
        return [
            (Quantity(f"{self.name}_simulated", "", "boolean"), identity.simulated),
            (Quantity(f"{self.name}_instrument", "", "string"), f"{identity.manufacturer} {identity.model}"),
            (Quantity(f"{self.name}_serial", "", "string"), identity.serial),
        ]

    @property
    def hints(self) -> dict[str, Any]:
        """The data keys that plots and tables show."""
        return {"fields": [self._quantities[0].key]}

    def read(self) -> Documents:
        """Return the present value of each quantity."""
        self._light.read_by_plan()
        now = time.time()
        return {key: {"value": value, "timestamp": now} for key, value in self._values().items()}

    def describe(self) -> Documents:
        """Return unit, type and source of each quantity."""
        return {quantity.key: self._described(quantity) for quantity in self._quantities}

    def read_configuration(self) -> Documents:
        """Return who the instrument is and whether it is simulated."""
        now = time.time()
        return {quantity.key: {"value": value, "timestamp": now} for quantity, value in self._configuration()}

    def describe_configuration(self) -> Documents:
        """Return unit, type and source of what `read_configuration` gives."""
        return {quantity.key: self._described(quantity) for quantity, _ in self._configuration()}

    def pause(self) -> None:
        """Take the light off the sample, as every pause of this rig does."""
        self._light.pause(self.name)

    def resume(self) -> None:
        """Bring the light back as it was."""
        self._light.resume()

    def _described(self, quantity: Quantity) -> dict[str, Any]:
        units = {"units": quantity.units} if quantity.units else {}
        source = f"cascadescope:{self._device.name}/{quantity.key}"
        return {"source": source, "dtype": quantity.dtype, "shape": [], **units}
