"""A simulated shutter in the laser beam of the bench."""

from collections.abc import Mapping

from drivers.interfaces.device import Identity, PlainValue
from drivers.interfaces.shutter import Shutter
from drivers.interfaces.software import SoftwareDevice
from simulators.bench import Bench


class SimulatedShutter(SoftwareDevice, Shutter):
    """A shutter between laser and sample; it moves in no time. Without one, the beam is free."""

    def __init__(self, name: str, bench: Bench) -> None:
        super().__init__(name)
        self._bench = bench

    @property
    def identity(self) -> Identity:
        """Who the instrument says it is."""
        self.require_connected()
        return Identity("cascadescope", "simulated shutter", "1", "1", simulated=True)

    def make_safe(self) -> None:
        """Close the shutter."""
        with self._bench.lock:
            self._bench.beam.shutter_open = False

    def set_open(self, is_open: bool) -> None:
        """Open or close the shutter."""
        self.require_connected()
        with self._bench.lock:
            self._bench.beam.shutter_open = is_open

    def is_open(self) -> bool:
        """Read the position back."""
        self.require_connected()
        with self._bench.lock:
            return self._bench.beam.shutter_open

    def settings(self) -> Mapping[str, PlainValue]:
        """Return whether the shutter is set open."""
        with self._bench.lock:
            return {"open": self._bench.beam.shutter_open}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return whether the shutter is open."""
        return {"open": self.is_open()}
