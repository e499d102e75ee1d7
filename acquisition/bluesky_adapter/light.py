"""The light of a rig while Bluesky pauses: off at once, and back as it was when the plan goes on."""

import threading

from acquisition.rig import Rig


class Light:
    """Laser emission and shutter, taken off the sample for a pause.

    A RunEngine tells a pause to each device that it has seen, whatever the plan did with the laser:
    the first one that hears of it takes the light off, the first that hears of the end brings it back.
    """

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._lock = threading.Lock()
        self._before: tuple[bool, bool] | None = None

    def pause(self) -> None:
        """Switch the emission off and close the shutter, and remember how they were; bias and heating stay."""
        with self._lock:
            if self._before is None:
                shutter = self._rig.shutter
                self._before = self._rig.laser.status().emission, shutter is not None and shutter.is_open()
            self._rig.make_dark()

    def resume(self) -> None:
        """Bring back what `pause` found.

        Raises
        ------
        StateError
            If the rig was made safe meanwhile; it stays dark.
        """
        with self._lock:
            before, self._before = self._before, None
            if before is None:
                return
            emission, is_open = before
            if is_open and self._rig.shutter is not None:
                self._rig.shutter.set_open(True)
            if emission:
                self._rig.laser.set_emission(True)

    def forget(self) -> None:
        """Forget a pause that was never resumed: the plan was aborted, and what comes now is another one."""
        with self._lock:
            self._before = None
