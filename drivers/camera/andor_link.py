"""The connection to an Andor camera: opened or not, who uses it now, and how it is made safe from any thread."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from drivers.camera.andor_codes import CameraVanishedError
from drivers.camera.andor_cooling import Cooling
from drivers.camera.andor_facts import CameraFacts, open_camera, set_gain_off, set_shutter, set_up
from drivers.camera.andor_series import stop
from drivers.camera.andor_settings import AndorSdk2Settings
from drivers.camera.andor_wire import AndorWire
from drivers.interfaces.errors import CommunicationError, DeviceError, DeviceTimeoutError, StateError
from drivers.wire.sdk import BoundedCalls

LOCK_TIMEOUT_S = 1.0


class AndorLink:
    """Holds the wire of one camera, its lock and its only acquisition.

    Parameters
    ----------
    name : str
        Of the camera in its rig.
    settings : AndorSdk2Settings
        From the rig file.

    Attributes
    ----------
    connected : bool
        False also when the camera has vanished; it can then be closed and opened again.
    lost : CameraVanishedError or None
        What was said when the camera vanished, until it is opened again.
    facts : CameraFacts or None
        What it has said of itself when it was last opened.
    cooling : Cooling or None
        Its cooler, while it is open.
    running : Event or None
        What cuts the running acquisition short.
    shutter_open : bool
        As it was set.
    times_made_safe : int
        Tells whoever is about to switch something on that it may not.
    """

    def __init__(self, name: str, settings: AndorSdk2Settings) -> None:
        self.name, self._settings = name, settings
        self.lock = threading.RLock()
        self.connected = self.shutter_open = self._opening = False
        self.lost: CameraVanishedError | None = None
        self.facts: CameraFacts | None = None
        self.cooling: Cooling | None = None
        self.running: threading.Event | None = None
        self.times_made_safe = 0
        self._gain_up = self._shutter_up = False
        self._library: Callable[[], Any] | None = None
        self._wire: AndorWire | None = None
        self._bounded = BoundedCalls(name)

    def open(self, library: Callable[[], Any]) -> None:
        """Open the camera and put it into a known, safe state; no effect if connected.

        Raises
        ------
        DeviceError
            If that fails; the SDK is shut down again.
        """
        with self.held():
            if self.connected:
                return
            self._opening, before = True, self.lost
            try:
                self._open(library)
            except BaseException:
                self.lost = before  # still the reason why it is not connected
                raise
            finally:
                self._opening = False

    def _open(self, library: Callable[[], Any]) -> None:
        self._shut_down()
        self._library = library
        self._wire = wire = AndorWire(self.name, library(), self._bounded)
        self.running, self.lost, self.shutter_open = None, None, False
        try:
            open_camera(wire, self._settings)
            self.facts = set_up(wire, self._settings)
            self.facts.temperature_c.check(self.name, "temperature", self._settings.temperature_c)
            self.cooling = Cooling(wire, self._settings)
            self.cooling.begin()
        except DeviceTimeoutError:
            self._wire = None  # a thread is inside the SDK, which must not be entered again
            raise
        except BaseException:
            with suppress(DeviceError):  # what went wrong first is told
                self._shut_down()
            raise
        self._gain_up = self._shutter_up = False
        self.connected = True

    @property
    def may_be_on(self) -> bool:
        """Whether EM gain or shutter were switched on, and not off for certain since."""
        return self._gain_up or self._shutter_up

    def close(self) -> None:
        """Make the camera safe, leave its cooler as the settings say, and shut the SDK down.

        A camera that has vanished with its gain up or its shutter open is opened anew for that.

        Raises
        ------
        DeviceError
            If the camera is not safe for certain; it is closed nevertheless.
        """
        lost, self.lost = not self.connected, None
        if self._wire is not None:
            self._close(lost=lost)
        if lost and self.may_be_on:
            self._open_anew()
            self._close(lost=False)

    def _open_anew(self) -> None:
        """Open it, which makes it safe. Raises `CommunicationError` if that is not possible."""
        try:
            with self.held():
                if self._library is not None:
                    self._open(self._library)
        except DeviceError as error:
            raise self._not_safe(error.message) from error

    def _not_safe(self, why: str) -> CommunicationError:
        return CommunicationError(
            self.name,
            f"its EM gain may be up or its shutter open, and it cannot be told otherwise: {why}. Take its "
            "light off, and switch it off",
        )

    def _close(self, *, lost: bool) -> None:
        try:
            self.make_safe()
        except DeviceError:
            if not lost:  # else it was told already that the camera has vanished
                raise
        finally:
            with self.held():
                self.connected = False
                try:
                    if not lost and self.cooling is not None:
                        self.cooling.end()
                finally:
                    self._shut_down()

    def _shut_down(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.call("ShutDown")

    def make_safe(self) -> None:
        """Abort, switch the gain off, close the shutter: all is tried, then the first error raised.

        A camera that is just being opened is not touched, as opening leaves it safe.
        """
        self.times_made_safe += 1
        if self.running is not None:
            self.running.set()
        if self._opening:
            return
        with self.held():
            wire = self._wire
            if self.running is not None:
                self.running.set()  # one that has begun since
            if wire is not None:
                self.shutter_open = False
                do_all(lambda: stop(wire), lambda: self.gain_off(wire), lambda: self._shut(wire))
            elif self.may_be_on:
                raise self._not_safe("it is not connected")

    def gain_off(self, wire: AndorWire) -> None:
        """Switch the multiplication off; whoever calls holds the wire."""
        set_gain_off(wire)
        self._gain_up = False

    def set_gain(self, wire: AndorWire, gain: int) -> None:
        """Set a gain above 1; whoever calls holds the wire."""
        self._gain_up = True
        wire.do("SetEMCCDGain", gain)

    def _shut(self, wire: AndorWire) -> None:
        set_shutter(wire, self._settings, is_open=False)
        self._shutter_up = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; whoever would wait for it longer than a moment is told."""
        if not self.lock.acquire(timeout=LOCK_TIMEOUT_S):
            raise DeviceTimeoutError(
                self.name,
                f"a call to its SDK has not come back for {LOCK_TIMEOUT_S:g} s: EM gain and shutter unknown; take the "
                "light off, switch the camera off and on, then reconnect it",
            )
        try:
            yield
        except CameraVanishedError as error:
            self.connected, self.lost = False, error
            if self.running is not None:
                self.running.set()
            raise
        finally:
            self.lock.release()

    def require_connected(self) -> CameraFacts:
        """Return what the camera has said of itself.

        Raises
        ------
        StateError
            If not connected.
        CameraVanishedError
            With the words of the first time, if it is not connected because it has vanished.
        """
        return self._required()[1]

    def _required(self) -> tuple[AndorWire, CameraFacts]:
        if self.lost is not None:
            raise CameraVanishedError(self.name, self.lost.message)
        if self.facts is None or self._wire is None or not self.connected:
            raise StateError(self.name, "is not connected; connect it first")
        return self._wire, self.facts

    @contextmanager
    def talking(self) -> Iterator[AndorWire]:
        """Hold the wire; errors as `require_connected`."""
        with self.held():
            yield self._required()[0]

    @contextmanager
    def idle(self) -> Iterator[AndorWire]:
        """Hold the wire. Raises `StateError` unless connected and not acquiring."""
        with self.talking() as wire:
            if self.running is not None:
                raise StateError(self.name, "is acquiring; close the running acquisition first")
            yield wire

    def begin(self) -> threading.Event:
        """Occupy the camera, open its shutter, and return what cuts the acquisition short."""
        with self.idle() as wire:
            if self.cooling is not None:
                self.cooling.read()  # what is told while the camera does not tell it
            self._shutter_up = True
            set_shutter(wire, self._settings, is_open=True)
            self.running, self.shutter_open = threading.Event(), True
            return self.running

    def end(self, cut: threading.Event) -> None:
        """Leave the camera idle, its shutter closed, unless it is gone or in other hands already."""
        with self.held():
            if self.running is not cut:
                return
            self.running, self.shutter_open = None, False
            wire = self._wire
            if self.connected and wire is not None:
                do_all(lambda: stop(wire), lambda: self._shut(wire))


def do_all(*acts: Callable[[], None]) -> None:
    """Do all, whatever fails; then raise the first error."""
    errors: list[DeviceError] = []
    for act in acts:
        try:
            act()
        except DeviceError as error:
            errors.append(error)
    if errors:
        raise errors[0]
