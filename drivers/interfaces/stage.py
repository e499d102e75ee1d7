"""A stage that moves the sample in the plane of focus."""

import threading
from abc import abstractmethod

from drivers.interfaces.device import Device


class XYStage(Device):
    """A stage in x and y. It is no source; safe means: it does not move.

    `limits` has the keys ``x_um`` and ``y_um``. A position is the place on the sample that lies in
    the excitation spot, so that moving to where an emitter is brings it into the light.
    """

    @abstractmethod
    def move_to_um(self, x_um: float, y_um: float, interrupt: threading.Event | None = None) -> bool:
        """Move and wait, for a bounded time, until the stage is there and at rest.

        Parameters
        ----------
        x_um, y_um : float
            Where to.
        interrupt : Event, optional
            Cuts the move short when it is set; the stage then rests where it is.

        Returns
        -------
        bool
            Whether it arrived; False if `interrupt`, `stop`, `make_safe` or `close` cut it short.

        Raises
        ------
        RangeError
            If the place is outside the limits; the stage does not move.
        StateError
            If not connected, or if it is moving already.
        DeviceTimeoutError
            If it does not arrive; it is stopped.
        """

    @abstractmethod
    def position_um(self) -> tuple[float, float]:
        """Read x and y back, also while it moves. Raises `StateError` if not connected."""

    @abstractmethod
    def is_moving(self) -> bool:
        """Whether it is on its way. Raises `StateError` if not connected."""

    @abstractmethod
    def stop(self) -> None:
        """Stop where it is, from any thread; no effect at rest. A move that was going on returns False."""
