"""Guard of the SPAD array, which too much light would harm."""

from collections.abc import Callable, Generator
from contextlib import closing

from acquisition.rig.guards.guard import Guard
from acquisition.rig.latch import SafetyLatch
from acquisition.rig.limits import RigLimits
from drivers.interfaces.errors import FaultError, InterlockError
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo
from drivers.interfaces.pixel_calibration import PixelCalibration
from drivers.interfaces.spad_array import SpadArray


class GuardedSpadArray(Guard, SpadArray):
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

    Attributes
    ----------
    harmed_by : callable
        Returns what would harm the array now if its bias went on, as a sentence; None if nothing would.
    """

    def __init__(
        self, spad_array: SpadArray, limits: RigLimits, latch: SafetyLatch, darken: Callable[[], None]
    ) -> None:
        super().__init__(spad_array, latch)
        self.harmed_by: Callable[[], str | None] = lambda: None
        self._bias_may_be_on = True
        self._array = spad_array
        self._highest_cps = limits.count_rate_cps
        self._darken = darken

    @property
    def pixel_count(self) -> int:
        """Number of physical pixels."""
        return self._array.pixel_count

    @property
    def pixel_calibration(self) -> PixelCalibration | None:
        """What the array knows of its pixels."""
        return self._array.pixel_calibration

    def set_bias(self, on: bool) -> None:
        """Switch the bias of the diodes.

        Raises
        ------
        StateError
            If it is to go on while the rig is latched.
        InterlockError
            If something would harm the array.
        """
        if not on:
            self._array.set_bias(False)
            self._latch.is_off(self._array)
            self._bias_may_be_on = False
            return
        before, self._bias_may_be_on = self._bias_may_be_on, True  # first: what harms it looks after it has begun
        reason = self.harmed_by()
        if reason is not None:
            self._bias_may_be_on = before
            raise InterlockError(self.name, f"keeps its bias off: {reason}; wait for the end of it")
        self._latch.switch_on(self._array, lambda: self._array.set_bias(True))

    @property
    def bias_may_be_on(self) -> bool:
        """Whether the bias was not switched off for sure since it was last to go on."""
        return self._bias_may_be_on

    def connect(self) -> None:
        """Open the connection and make the instrument safe."""
        was_connected = self.connected
        super().connect()
        if not was_connected:
            self._bias_may_be_on = False

    def make_safe(self) -> None:
        """Switch the bias off, also one that is just being switched on."""
        super().make_safe()
        self._bias_may_be_on = False

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
