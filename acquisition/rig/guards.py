"""Instruments with the limits of their rig: whoever calls, a value beyond them is refused."""

from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from types import MappingProxyType

from acquisition.rig.limits import RigLimits
from drivers.interfaces.device import Device, Identity, Limits, PlainValue
from drivers.interfaces.errors import FaultError
from drivers.interfaces.heater import HeatedSubstrate, HeaterStatus
from drivers.interfaces.laser import LaserStatus, PulsedLaser
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo
from drivers.interfaces.spad_array import SpadArray


class _Guard(Device):
    """What all guards pass on to the instrument."""

    def __init__(self, device: Device) -> None:
        super().__init__(device.name)
        self._device = device

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

    def close(self) -> None:
        """Make the instrument safe and close the connection."""
        self._device.close()

    def make_safe(self) -> None:
        """Switch off every source of light, heat or gain."""
        self._device.make_safe()

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what has been set."""
        return self._device.settings()

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the instrument reports now."""
        return self._device.readings()


class GuardedLaser(_Guard, PulsedLaser):
    """A laser whose intensity the rig limits."""

    def __init__(self, laser: PulsedLaser, limits: RigLimits) -> None:
        super().__init__(laser)
        self._laser = laser
        self._highest_percent = limits.laser_intensity_percent

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed range of each numeric setting; of the intensity the lower of laser and rig."""
        limits = dict(self._laser.limits)
        if self._highest_percent is not None:
            own = limits.get("intensity_percent", Limits(0.0, 100.0))
            limits["intensity_percent"] = Limits(own.low, min(own.high, self._highest_percent))
        return MappingProxyType(limits)

    def set_repetition_rate_hz(self, value: float) -> None:
        """Set the pulse repetition rate."""
        self._laser.set_repetition_rate_hz(value)

    def set_intensity_percent(self, value: float) -> None:
        """Set the intensity. Raises `RangeError` beyond the limits of laser or rig."""
        if "intensity_percent" in self.limits:
            self.limits["intensity_percent"].check(self.name, "intensity_percent", value)
        self._laser.set_intensity_percent(value)

    def set_emission(self, on: bool) -> None:
        """Switch emission."""
        self._laser.set_emission(on)

    def status(self) -> LaserStatus:
        """Read the state back."""
        return self._laser.status()


class GuardedHeater(_Guard, HeatedSubstrate):
    """A heater beside parts that stand less than it can do."""

    def __init__(self, heater: HeatedSubstrate, limits: RigLimits) -> None:
        super().__init__(heater)
        self._heater = heater
        self._rig_limits = limits

    def heat_to_c(self, temperature_c: float) -> None:
        """Start to control the temperature. Raises `RangeError` with the part of the rig that does not stand it."""
        self._rig_limits.check_temperature_c(temperature_c, self._heater)
        self._heater.heat_to_c(temperature_c)

    def stop_heating(self) -> None:
        """Switch the heating off."""
        self._heater.stop_heating()

    def status(self) -> HeaterStatus:
        """Read the state back."""
        return self._heater.status()


class GuardedSpadArray(_Guard, SpadArray):
    """A SPAD array that is protected from too much light.

    Parameters
    ----------
    spad_array : SpadArray
        The instrument.
    limits : RigLimits
        With the highest count rate of the whole array, over one block.
    darken : callable
        Switches the light off.
    """

    def __init__(self, spad_array: SpadArray, limits: RigLimits, darken: Callable[[], None]) -> None:
        super().__init__(spad_array)
        self._array = spad_array
        self._highest_cps = limits.count_rate_cps
        self._darken = darken

    @property
    def pixel_count(self) -> int:
        """Number of physical pixels."""
        return self._array.pixel_count

    def set_bias(self, on: bool) -> None:
        """Switch the bias of the diodes."""
        self._array.set_bias(on)

    def stream_info(self) -> PhotonStreamInfo:
        """Return what holds for the next stream."""
        return self._array.stream_info()

    def photons(self, duration_s: float) -> Generator[PhotonBlock, None, None]:
        """Yield blocks of photons.

        Raises
        ------
        FaultError
            After the block in which the count rate was above the limit; light and bias are off then.
        """
        period_s = self._array.stream_info().period_ps * 1e-12
        with closing(self._array.photons(duration_s)) as stream:
            for block in stream:
                yield block
                self._check(block, period_s)

    def _check(self, block: PhotonBlock, period_s: float) -> None:
        duration_s = (block.end_pulse - block.first_pulse) * period_s
        if self._highest_cps is None or len(block) <= self._highest_cps * duration_s:
            return
        try:
            self._darken()
        finally:
            self._array.make_safe()
        rate_cps = len(block) / duration_s
        raise FaultError(
            self.name,
            f"{rate_cps:.3g} counts per second are above the limit of {self._highest_cps:.3g} of this rig; "
            "light and bias were switched off. Lower the laser intensity, look for stray light",
        )
