"""Instruments with the limits and the latch of their rig: whoever calls, what they do not allow is refused."""

from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from types import MappingProxyType

from acquisition.rig.latch import SafetyLatch
from acquisition.rig.limits import RigLimits
from drivers.interfaces.device import Device, Identity, Limits, PlainValue
from drivers.interfaces.errors import FaultError
from drivers.interfaces.heater import HeatedSubstrate, HeaterStatus
from drivers.interfaces.laser import LaserStatus, PulsedLaser
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo
from drivers.interfaces.shutter import Shutter
from drivers.interfaces.spad_array import SpadArray


class _Guard(Device):
    """What all guards pass on to the instrument."""

    def __init__(self, device: Device, latch: SafetyLatch) -> None:
        super().__init__(device.name)
        self._device = device
        self._latch = latch

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
        self._latch.switch_off(self._device, self._device.close)

    def make_safe(self) -> None:
        """Switch off every source of light, heat or gain, also one that is just being switched on."""
        self._latch.switch_off(self._device, self._device.make_safe)

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what has been set."""
        return self._device.settings()

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the instrument reports now."""
        return self._device.readings()


class GuardedLaser(_Guard, PulsedLaser):
    """A laser whose intensity the rig limits, and that stays dark while the rig is latched."""

    def __init__(self, laser: PulsedLaser, limits: RigLimits, latch: SafetyLatch) -> None:
        super().__init__(laser, latch)
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
        """Switch emission. Raises `StateError` if it is to go on while the rig is latched."""
        if on:
            self._latch.switch_on(self._laser, lambda: self._laser.set_emission(True))
        else:
            self._laser.set_emission(False)

    def status(self) -> LaserStatus:
        """Read the state back."""
        return self._laser.status()


class GuardedShutter(_Guard, Shutter):
    """A shutter that stays closed while the rig is latched."""

    def __init__(self, shutter: Shutter, latch: SafetyLatch) -> None:
        super().__init__(shutter, latch)
        self._shutter = shutter

    def set_open(self, is_open: bool) -> None:
        """Open or close the shutter. Raises `StateError` if it is to open while the rig is latched."""
        if is_open:
            self._latch.switch_on(self._shutter, lambda: self._shutter.set_open(True))
        else:
            self._shutter.set_open(False)

    def is_open(self) -> bool:
        """Read the position back."""
        return self._shutter.is_open()


class GuardedHeater(_Guard, HeatedSubstrate):
    """A heater beside parts that stand less than it can do, and that stays off while the rig is latched."""

    def __init__(self, heater: HeatedSubstrate, limits: RigLimits, latch: SafetyLatch) -> None:
        super().__init__(heater, latch)
        self._heater = heater
        self._rig_limits = limits

    def heat_to_c(self, temperature_c: float) -> None:
        """Start to control the temperature.

        Raises
        ------
        RangeError
            With the part of the rig that does not stand it.
        StateError
            If the rig is latched.
        """
        self._rig_limits.check_temperature_c(temperature_c, self._heater)
        self._latch.switch_on(self._heater, lambda: self._heater.heat_to_c(temperature_c))

    def stop_heating(self) -> None:
        """Switch the heating off."""
        self._heater.stop_heating()

    def status(self) -> HeaterStatus:
        """Read the state back."""
        return self._heater.status()


class GuardedSpadArray(_Guard, SpadArray):
    """A SPAD array that is protected from too much light, and whose bias stays off while the rig is latched.

    Parameters
    ----------
    spad_array : SpadArray
        The instrument.
    limits : RigLimits
        With the highest count rate of the whole array, over one block.
    latch : SafetyLatch
        Of the rig; too much light latches it.
    darken : callable
        Switches the light off.
    """

    def __init__(
        self, spad_array: SpadArray, limits: RigLimits, latch: SafetyLatch, darken: Callable[[], None]
    ) -> None:
        super().__init__(spad_array, latch)
        self._array = spad_array
        self._highest_cps = limits.count_rate_cps
        self._darken = darken

    @property
    def pixel_count(self) -> int:
        """Number of physical pixels."""
        return self._array.pixel_count

    def set_bias(self, on: bool) -> None:
        """Switch the bias of the diodes. Raises `StateError` if it is to go on while the rig is latched."""
        if on:
            self._latch.switch_on(self._array, lambda: self._array.set_bias(True))
        else:
            self._array.set_bias(False)

    def stream_info(self) -> PhotonStreamInfo:
        """Return what holds for the next stream."""
        return self._array.stream_info()

    def photons(self, duration_s: float) -> Generator[PhotonBlock, None, None]:
        """Yield blocks of photons.

        Raises
        ------
        FaultError
            After the block in which the count rate was above the limit, also if the stream is closed
            there; light and bias are off before that block is given out.
        """
        period_s = self._array.stream_info().period_ps * 1e-12
        with closing(self._array.photons(duration_s)) as stream:
            for block in stream:
                fault = self._protect(block, period_s)
                try:
                    yield block
                finally:
                    if fault is not None:
                        raise fault

    def _protect(self, block: PhotonBlock, period_s: float) -> FaultError | None:
        """Switch light and bias off if a block is too bright, and return what to tell."""
        duration_s = (block.end_pulse - block.first_pulse) * period_s
        if self._highest_cps is None or len(block) <= self._highest_cps * duration_s:
            return None
        self._latch.latch()
        failed = []
        for act in (self._darken, self._array.make_safe):
            try:
                act()
            except Exception as error:  # told below; the bias goes off although the light does not
                failed.append(str(error))
        result = (
            f"NOT all could be switched off ({'; '.join(failed)})" if failed else "light and bias were switched off"
        )
        return FaultError(
            self.name,
            f"{len(block) / duration_s:.3g} counts per second are above the limit of {self._highest_cps:.3g} of this "
            f"rig; {result}. Lower the laser intensity, look for stray light",
        )
