"""The Thorlabs SC10 shutter controller."""

from collections.abc import Mapping
from contextlib import suppress

from pydantic import Field

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Seconds
from drivers.interfaces.device import Identity, PlainValue
from drivers.interfaces.errors import CommunicationError, DeviceError, FaultError, StateError
from drivers.interfaces.rescue import Rescue
from drivers.interfaces.shutter import Shutter
from drivers.shutter.sc10_wire import OpenPort, Sc10Wire, open_port
from drivers.wire.address import SerialAddress
from drivers.wire.whose import check_whose

MANUAL_MODE = "mode=1"
BY_HAND = "block the beam by hand, and look at the controller"


class Sc10Settings(ConfigModel):
    """Where the controller is: `address` is a serial port, or a URL of pyserial."""

    address: SerialAddress = Field(min_length=1)
    timeout_s: Seconds = Field(ge=0.02, le=0.2, default=0.2)
    simulated: bool = False


class Sc10Shutter(Shutter):
    """An SC10 in manual mode; unverified on hardware.

    Its only command for moving, ``ens``, toggles. So each move asks first, toggles if needed, and asks again; at
    any doubt it is closed and an error raised. ``ens?`` tells whether the shutter is enabled, which in manual mode
    means open; a blade that sticks is not noticed.

    Parameters
    ----------
    name : str
        Name in the rig.
    settings : Sc10Settings
        Where it is.
    open_wire : callable, optional
        Opens the port.
    """

    def __init__(self, name: str, settings: Sc10Settings, open_wire: OpenPort = open_port) -> None:
        super().__init__(name)
        self._settings = settings
        self._wire = Sc10Wire(name, settings.address, settings.timeout_s, open_wire)
        self._identity: Identity | None = None
        self._set_open = self._may_be_open = False

    @property
    def connected(self) -> bool:
        """Whether the controller can be talked to."""
        return self._connected and not self._wire.lost

    @property
    def identity(self) -> Identity:
        """What the controller says of itself."""
        self.require_connected()
        if self._identity is None:
            raise StateError(self.name, "has not said who it is; connect it again")
        return self._identity

    def connect(self) -> None:
        """Open the port, close the shutter, and take it into manual mode."""
        if self.connected:
            return
        self._wire.open()
        verified = False
        try:
            said = self._who()
            check_whose(self.name, said, simulated=self._settings.simulated)
            if "SC10" not in said:
                raise StateError(
                    self.name,
                    f"{said!r} answers at {self._settings.address}, which is no SC10; correct the rig file. "
                    "Nothing else was sent to it",
                )
            verified = self._may_be_open = True
            self._move(is_open=False)
            self._wire.ask(MANUAL_MODE)
            self._move(is_open=False)
        except BaseException:
            if verified:
                with suppress(DeviceError):  # the first error is the one to tell
                    self._wire.open()
                    self._move(is_open=False)
            self._wire.close()
            raise
        firmware = said.rpartition(" ")[2]
        self._identity = Identity("Thorlabs", "SC10", "", firmware, simulated=self._settings.simulated)
        self._set_open, self._connected = False, True

    def close(self) -> None:
        """Close the shutter and the port; a shutter that may be open also if the connection was lost before."""
        if not self._connected and not self._may_be_open:
            return
        try:
            self.make_safe()
        finally:
            self._connected = False
            self._wire.close()

    def make_safe(self) -> None:
        """Close the shutter, over a new connection if there is none or the old one broke.

        Raises
        ------
        CommunicationError
            If nobody answers; then it may be open, whether or not it was connected before.
        """
        self._set_open = False
        closed = not self._wire.is_open and not self._wire.lost
        if closed and not self._may_be_open:
            return
        try:
            self._close_surely(new=closed)
        finally:
            if closed:
                self._wire.close()

    def _close_surely(self, *, new: bool) -> None:
        try:
            if new or self._wire.lost:
                self._wire.open()
            self._move(is_open=False)
        except CommunicationError:
            if not self._wire.lost and not self._may_be_open:  # closed meanwhile by `close`, which had read it back
                return
            try:
                self._wire.open()
                self._move(is_open=False)
            except CommunicationError as error:
                message = f"could not be closed for certain: {error.message}; {BY_HAND}"
                raise CommunicationError(self.name, message) from error

    def set_open(self, is_open: bool) -> None:
        """Open or close the shutter and read it back; at any doubt it is closed.

        Raises
        ------
        CommunicationError
            If the controller does not answer, or something else.
        FaultError
            If it does not do what it is told.
        """
        self.require_connected()
        try:
            self._move(is_open=is_open)
        except DeviceError:
            self.make_safe()
            raise
        self._set_open = is_open

    def is_open(self) -> bool:
        """Read the position back."""
        self.require_connected()
        return self._enabled()

    def settings(self) -> Mapping[str, PlainValue]:
        """Return whether the shutter is set open."""
        return {"open": self._set_open}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return whether the shutter is open."""
        return {"open": self.is_open()}

    def rescue(self) -> Rescue:
        """Return how another process closes it."""
        return Rescue(self.name, "sc10", {"address": self._settings.address})

    def _who(self) -> str:
        """Return the identity; the first command on a line that was just opened may fail."""
        try:
            return self._wire.ask("*idn?")
        except CommunicationError:
            self._wire.open()
            return self._wire.ask("*idn?")

    def _move(self, *, is_open: bool) -> None:
        with self._wire.turn():
            self._may_be_open = True
            if self._enabled() == is_open:
                self._may_be_open = is_open
                return
            self._wire.ask("ens")
            if self._enabled() != is_open:
                wanted = "open" if is_open else "closed"
                message = f"was told to be {wanted} but says that it is not; {BY_HAND}: interlock, fuse or fault?"
                raise FaultError(self.name, message)
            self._may_be_open = is_open

    def _enabled(self) -> bool:
        with self._wire.turn():
            said = self._wire.ask("ens?")
            if said not in {"0", "1"}:
                self._wire.lose(f"'ens?' was answered by {said!r}")
                message = f"says {said!r} where 0 or 1 should stand; check the cable and connect it again"
                raise CommunicationError(self.name, message)
            return said == "1"
