"""A simulated power meter at the place of the sample."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Percent, quantity
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.power_meter import PowerMeter
from drivers.interfaces.software import SoftwareDevice
from simulators.bench import Bench
from simulators.seeding import Purpose, generator

PicoJoules = Annotated[float, quantity("pJ", "an energy", "5 pJ")]
NanoWatts = Annotated[float, quantity("nW", "a light power", "1 nW")]

_LIMITS = MappingProxyType({"wavelength_nm": Limits(400.0, 1100.0)})


class PowerMeterSettings(ConfigModel):
    """Energy of a pulse at full intensity behind an open attenuator, and the noise of a reading."""

    pulse_energy_pj: PicoJoules = Field(gt=0, le=1e6, default=5.0)
    noise_percent: Percent = Field(ge=0, le=100, default=0.5)
    zero_noise_nw: NanoWatts = Field(ge=0, le=1e6, default=1.0)


class SimulatedPowerMeter(SoftwareDevice, PowerMeter):
    """Reads the mean power that reaches the sample: energy of a pulse times rate, intensity and transmission.

    What it reads is noisy; the noise depends on the seed, and on the acquisitions and readings before. A reading takes
    no time.
    """

    def __init__(self, name: str, bench: Bench, settings: PowerMeterSettings | None = None) -> None:
        super().__init__(name)
        self._bench = bench
        self._settings = settings or PowerMeterSettings()
        self._wavelength_nm = 405.0
        self._readings = 0

    @property
    def identity(self) -> Identity:
        """Who the instrument says it is."""
        self.require_connected()
        return Identity("cascadescope", "simulated power meter", "1", "1", simulated=True)

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed wavelength."""
        return _LIMITS

    def make_safe(self) -> None:
        """Do nothing: a power meter is no source."""

    def set_wavelength_nm(self, value: float) -> None:
        """Set the wavelength; the simulated sensor is as sensitive at each."""
        self.require_connected()
        self._wavelength_nm = _LIMITS["wavelength_nm"].check(self.name, "wavelength_nm", value)

    def power_w(self) -> float:
        """Measure the mean power in W."""
        self.require_connected()
        with self._bench.lock:
            self._readings += 1
            rng = generator(self._bench.seed, Purpose.POWER, self._bench.next_point, self._readings)
            true_w = 1e-12 * self._settings.pulse_energy_pj * self._bench.beam.repetition_rate_hz
            true_w *= self._bench.excitation().intensity
        relative, zero = rng.standard_normal(2)
        return float(
            true_w * (1 + 0.01 * self._settings.noise_percent * relative) + 1e-9 * self._settings.zero_noise_nw * zero
        )

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what has been set, and the model of the simulated device."""
        return {"wavelength_nm": self._wavelength_nm, **self._settings.model_dump()}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return the mean power now."""
        return {"power_w": self.power_w()}
