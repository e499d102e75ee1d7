"""What can go wrong with the simulated camera, and what it says then."""

import threading

from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError, StateError
from simulators.bench import Bench

PATIENCE_S = 5.0
"""How long a frame may be late."""

LOOK_S = 0.1


class CameraFaults:
    """Looks at the faults of a bench for its camera.

    Parameters
    ----------
    name : str
        Of the camera.
    bench : Bench
        Where faults are planned.
    """

    def __init__(self, name: str, bench: Bench) -> None:
        self._name, self._bench = name, bench

    @property
    def vanished(self) -> bool:
        """Whether the camera is gone."""
        return self._bench.faults.active("camera_vanished") is not None

    def gone(self) -> CommunicationError:
        """Return the error that says so."""
        return CommunicationError(
            self._name, "has vanished (its temperature reads -999): check its power and its cable, then reconnect it"
        )

    def check_idle(self) -> None:
        """Raise `StateError` if the camera says that it is acquiring."""
        if self._bench.faults.active("camera_acquiring") is not None:
            raise StateError(self._name, "says that it is acquiring (20072); abort its acquisition, or reconnect it")

    def wait_for_data(self, cut: threading.Event) -> bool:
        """Wait until there are data; return whether that was cut short.

        Raises
        ------
        DeviceTimeoutError
            If there are none for `PATIENCE_S`.
        """
        until_s = self._bench.clock.now() + PATIENCE_S
        while self._bench.faults.active("camera_no_new_data") is not None:
            if self._bench.clock.now() >= until_s:
                raise DeviceTimeoutError(
                    self._name,
                    f"has given no frame for {PATIENCE_S:g} s after the exposure (20024, no new data); frames before "
                    "are valid. Reconnect it if that does not pass",
                )
            if self._bench.clock.wait(cut, LOOK_S):
                return True
        return False
