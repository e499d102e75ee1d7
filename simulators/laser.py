"""A simulated pulsed laser on the bench."""

from collections.abc import Mapping
from types import MappingProxyType

from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import InterlockError
from drivers.interfaces.laser import LaserStatus, PulsedLaser
from drivers.interfaces.software import SoftwareDevice
from simulators.bench import Bench

_LIMITS = MappingProxyType(
    {"repetition_rate_hz": Limits(31_250.0, 80e6), "intensity_percent": Limits(0.0, 100.0)},
)


class SimulatedLaser(SoftwareDevice, PulsedLaser):
    """A pulsed diode laser at any rate from 31.25 kHz to 80 MHz; its light goes to the sample of the bench."""

    def __init__(self, name: str, bench: Bench) -> None:
        super().__init__(name)
        self._bench = bench

    @property
    def identity(self) -> Identity:
        """Who the instrument says it is."""
        self.require_connected()
        return Identity("cascadescope", "simulated pulsed laser", "1", "1", simulated=True)

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed repetition rate and intensity."""
        return _LIMITS

    def make_safe(self) -> None:
        """Switch the emission off."""
        with self._bench.lock:
            self._bench.beam.emission = False

    def set_repetition_rate_hz(self, value: float) -> None:
        """Set the pulse repetition rate."""
        self.require_connected()
        checked = _LIMITS["repetition_rate_hz"].check(self.name, "repetition_rate_hz", value)
        with self._bench.lock:
            self._bench.beam.repetition_rate_hz = checked

    def set_intensity_percent(self, value: float) -> None:
        """Set the intensity in percent of full scale."""
        self.require_connected()
        checked = _LIMITS["intensity_percent"].check(self.name, "intensity_percent", value)
        with self._bench.lock:
            self._bench.beam.intensity_percent = checked

    def set_emission(self, on: bool) -> None:
        """Switch the emission; only with the interlock closed."""
        self.require_connected()
        with self._bench.lock:
            if on and not self._bench.beam.interlock_closed:
                raise InterlockError(self.name, "the interlock is open; close it before switching the emission on")
            self._bench.beam.emission = on

    def status(self) -> LaserStatus:
        """Read the state back."""
        self.require_connected()
        with self._bench.lock:
            beam = self._bench.beam
            return LaserStatus(beam.repetition_rate_hz, beam.intensity_percent, beam.emission, beam.interlock_closed)

    def settings(self) -> Mapping[str, PlainValue]:
        """Return repetition rate, intensity and emission as set."""
        with self._bench.lock:
            beam = self._bench.beam
            return {
                "repetition_rate_hz": beam.repetition_rate_hz,
                "intensity_percent": beam.intensity_percent,
                "emission": beam.emission,
            }

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the laser reports now."""
        status = self.status()
        return {
            "repetition_rate_hz": status.repetition_rate_hz,
            "intensity_percent": status.intensity_percent,
            "emission": status.emission,
            "interlock_closed": status.interlock_closed,
        }
