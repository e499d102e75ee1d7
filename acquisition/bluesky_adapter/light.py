"""The light of a rig while Bluesky pauses: off at once, and back as it was when the plan goes on."""

import threading
from collections.abc import Hashable

from acquisition.rig import Rig


class Light:
    """Laser emission and shutter, taken off the sample for a pause.

    A RunEngine tells a pause to each device that it has seen, whatever the plan did with the laser:
    the first one that hears of it takes the light off, the first that hears of the end brings it back.
    Nobody tells a device that the plan was aborted instead. So whatever a plan does after a pause but to resume makes
    the pause forgotten: light never comes back in another plan than the one that was paused.
    """

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._lock = threading.Lock()
        self._before: tuple[bool, bool] | None = None
        self._told: set[Hashable] = set()

    def pause(self, device: Hashable) -> None:
        """Switch the emission off and close the shutter, and remember how they were; bias and heating stay.

        Parameters
        ----------
        device : hashable
            Which device was told; one that was told before, and of no end, is told of another pause.

        Raises
        ------
        DeviceError
            If an instrument does not say how it is; the light is off all the same, and stays off.
        NotSafeError
            If the light could not be taken off.
        """
        with self._lock:
            if device in self._told:
                self._forget()
            self._told.add(device)
            try:
                found = self._found() if self._before is None else self._before
            finally:
                self._rig.make_dark()
            self._before = found

    def resume(self) -> None:
        """Bring back what `pause` found.

        Raises
        ------
        StateError
            If the rig was made safe meanwhile; it stays dark.
        """
        with self._lock:
            before = self._before
            self._forget()
            if before is None:
                return
            emission, is_open = before
            if emission:
                self._rig.laser.set_emission(True)
            if is_open and self._rig.shutter is not None:
                self._rig.shutter.set_open(True)

    def forget(self) -> None:
        """Forget a pause that was never resumed: the plan was aborted, and what comes now is another one."""
        with self._lock:
            self._forget()

    def read_by_plan(self) -> None:
        """Forget such a pause if a plan reads: in the thread of its RunEngine, not somebody at the prompt."""
        if threading.current_thread() is not threading.main_thread():
            self.forget()

    def _found(self) -> tuple[bool, bool]:
        shutter = self._rig.shutter
        return self._rig.laser.status().emission, shutter is not None and shutter.is_open()

    def _forget(self) -> None:
        self._before = None
        self._told.clear()
