"""A drive that moves the focus along the optical axis."""

import threading
from abc import abstractmethod

from drivers.interfaces.device import Device


class FocusDrive(Device):
    """A focus drive. It is no source; safe means: it does not move.

    `limits` has the key ``z_um``.
    """

    @abstractmethod
    def move_to_um(self, z_um: float, interrupt: threading.Event | None = None) -> bool:
        """Move and wait, for a bounded time, until it is there and at rest.

        Returns
        -------
        bool
            Whether it arrived; False if `interrupt`, `stop`, `make_safe` or `close` cut it short.

        Raises
        ------
        RangeError
            If the place is outside the limits; nothing moves.
        StateError
            If not connected, or if it is moving already.
        DeviceTimeoutError
            If it does not arrive; it is stopped.
        """

    @abstractmethod
    def position_um(self) -> float:
        """Read z back, also while it moves. Raises `StateError` if not connected."""

    @abstractmethod
    def stop(self) -> None:
        """Stop where it is, from any thread; no effect at rest."""
