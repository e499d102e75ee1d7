"""Guards of what is no source: attenuator, power meter and focus; they work while the rig is latched, too."""

import threading

from acquisition.rig.guards.guard import Guard
from acquisition.rig.latch import SafetyLatch
from drivers.interfaces.attenuator import Attenuator
from drivers.interfaces.focus import FocusDrive
from drivers.interfaces.power_meter import PowerMeter


class GuardedAttenuator(Guard, Attenuator):
    """An attenuator of a rig."""

    def __init__(self, attenuator: Attenuator, latch: SafetyLatch) -> None:
        super().__init__(attenuator, latch)
        self._attenuator = attenuator

    def set_transmission(self, value: float) -> None:
        """Set the share of the light that passes."""
        self._attenuator.set_transmission(value)

    def transmission(self) -> float:
        """Return the share of the light that passes."""
        return self._attenuator.transmission()


class GuardedPowerMeter(Guard, PowerMeter):
    """A power meter of a rig."""

    def __init__(self, meter: PowerMeter, latch: SafetyLatch) -> None:
        super().__init__(meter, latch)
        self._meter = meter

    def set_wavelength_nm(self, value: float) -> None:
        """Set the wavelength of the light."""
        self._meter.set_wavelength_nm(value)

    def power_w(self) -> float:
        """Measure the mean power."""
        return self._meter.power_w()


class GuardedFocus(Guard, FocusDrive):
    """A focus drive of a rig."""

    def __init__(self, focus: FocusDrive, latch: SafetyLatch) -> None:
        super().__init__(focus, latch)
        self._focus = focus

    def move_to_um(self, z_um: float, interrupt: threading.Event | None = None) -> bool:
        """Move and wait until the drive is at rest."""
        return self._focus.move_to_um(z_um, interrupt)

    def position_um(self) -> float:
        """Read z back."""
        return self._focus.position_um()

    def stop(self) -> None:
        """Stop where it is."""
        self._focus.stop()
