"""Guard of the spectrograph, whose moves light lamps inside that harm a detector that looks into it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from acquisition.rig.guards.guard import Guard
from acquisition.rig.latch import SafetyLatch
from drivers.interfaces.errors import InterlockError
from drivers.interfaces.spectrograph import Grating, Spectrograph, SpectrographStatus


class GuardedSpectrograph(Guard, Spectrograph):
    """A spectrograph whose slit and grating move only while no detector could be harmed.

    Parameters
    ----------
    spectrograph : Spectrograph
        The instrument.
    latch : SafetyLatch
        Of the rig; while latched the shutter inside stays closed.
    harms : callable
        Returns why a move would do harm now, as a sentence; None if it would not.
    """

    def __init__(self, spectrograph: Spectrograph, latch: SafetyLatch, harms: Callable[[], str | None]) -> None:
        super().__init__(spectrograph, latch)
        self._spectrograph, self._harms = spectrograph, harms
        self._moves = 0

    @property
    def moving(self) -> bool:
        """Whether a move has begun and not ended."""
        return self._moves > 0

    @property
    def gratings(self) -> Sequence[Grating]:
        """The gratings of the turret."""
        return self._spectrograph.gratings

    def set_grating(self, number: int) -> None:
        """Turn to a grating. Raises `InterlockError` while that would do harm."""
        with self._harmless_move():
            self._spectrograph.set_grating(number)

    def set_centre_nm(self, value: float) -> None:
        """Turn the grating. Raises `InterlockError` while that would do harm."""
        with self._harmless_move():
            self._spectrograph.set_centre_nm(value)

    def set_slit_um(self, value: float) -> None:
        """Set the slit. Raises `InterlockError` while that would do harm."""
        with self._harmless_move():
            self._spectrograph.set_slit_um(value)

    @contextmanager
    def _harmless_move(self) -> Iterator[None]:
        """Say that a move has begun, then look: who switches a detector on does it the other way round."""
        self._moves += 1
        try:
            reason = self._harms()
            if reason is not None:
                raise InterlockError(
                    self.name, f"does not move, as the lights of a move would harm a detector: {reason}; switch it off"
                )
            yield
        finally:
            self._moves -= 1

    def set_shutter(self, is_open: bool) -> None:
        """Open or close the shutter inside; raises `StateError` if it is to be opened while the rig is latched."""
        if is_open:
            self._latch.switch_on(self._spectrograph, lambda: self._spectrograph.set_shutter(True))
        else:
            self._spectrograph.set_shutter(False)

    def wavelength_nm(self, pixels: int, pixel_width_um: float) -> NDArray[np.float64]:
        """Return the wavelength at the centre of each pixel of a detector in the focal plane."""
        return self._spectrograph.wavelength_nm(pixels, pixel_width_um)

    def status(self) -> SpectrographStatus:
        """Read the state back."""
        return self._spectrograph.status()
