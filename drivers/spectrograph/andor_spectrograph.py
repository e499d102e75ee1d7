"""An Andor spectrograph (Shamrock, Kymera) through the vendor's library; unverified on hardware."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import (
    CommunicationError,
    DeviceError,
    DeviceTimeoutError,
    FaultError,
    RangeError,
    StateError,
)
from drivers.interfaces.spectrograph import Grating, Spectrograph, SpectrographStatus
from drivers.spectrograph import atspectrograph
from drivers.spectrograph.andor_settings import AndorSpectrographSettings
from drivers.spectrograph.shamrock_move import Move
from drivers.spectrograph.shamrock_wire import FEWEST_PIXELS, ShamrockWire
from drivers.wire.sdk import BoundedCalls
from drivers.wire.whose import check_whose

SLITS = {"side": 1, "direct": 2}
SHUTTER_CLOSED, SHUTTER_OPEN, SHUTTER_BY_LINE = 0, 1, 2

CENTRE_TOLERANCE_NM = 1.0
SLIT_TOLERANCE_UM = 5.0
"""Largest difference between what was set and what is read back after a move."""

LOCK_TIMEOUT_S = 1.0


class AndorSpectrograph(Spectrograph):
    """A spectrograph whose every move is verified by reading back, as its library reports errors that are none.

    Parameters
    ----------
    name : str
        In its rig.
    settings : AndorSpectrographSettings
        From the rig file.
    library : object, optional
        Double of the library, where the settings say ``library: simulated``.
    """

    def __init__(self, name: str, settings: AndorSpectrographSettings, *, library: Any = None) -> None:
        super().__init__(name)
        self._settings, self._given = settings, library
        self._lock = threading.RLock()
        self._calls = BoundedCalls(name)
        self._wire: ShamrockWire | None = None
        self._moving = False
        self._serial = ""
        self._gratings: tuple[Grating, ...] = ()
        self._limits: dict[str, Limits] = {}
        self._has_slit = self._has_shutter = False

    @property
    def identity(self) -> Identity:
        """Who the instrument says it is; its library tells no model."""
        self.require_connected()
        return Identity("Andor", "Shamrock or Kymera", self._serial, "", simulated=self._settings.simulated)

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed centre wavelength with the grating that is in, and slit width if the slit is motorised."""
        return MappingProxyType(dict(self._limits))

    @property
    def gratings(self) -> Sequence[Grating]:
        """The gratings of the turret."""
        self.require_connected()
        return self._gratings

    @property
    def on_camera_bus(self) -> bool:
        """Whether it cannot be reached while the camera acquires."""
        return self._settings.on_camera_bus

    @property
    def library(self) -> Any:
        """The double of the library that was given, if any."""
        return self._given

    def connect(self) -> None:
        """Open the library, learn what the spectrograph has, and close its shutter."""
        with self._held():
            if self._connected:
                return
            self._leave()
            self._wire = wire = self._new_wire()
            try:
                wire.open(self._settings.sdk_folder)
                self._learn(wire)
                self._set_shutter_mode(wire, is_open=False)
            except BaseException:
                self._leave()
                raise
            self._connected = True

    def _new_wire(self) -> ShamrockWire:
        settings = self._settings
        try:
            library = self._given if self._given is not None else atspectrograph.load(settings.library)
        except (OSError, ValueError) as error:
            raise CommunicationError(
                self.name,
                f"the library of Andor's spectrographs cannot be loaded ({error}); install it, or give its path as "
                "`library`",
            ) from error
        return ShamrockWire(self.name, library, settings.device_index, self._calls, settings.move_timeout_s)

    def _learn(self, wire: ShamrockWire) -> None:
        self._serial = wire.serial()
        check_whose(self.name, self._serial, simulated=self._settings.simulated)
        expected = self._settings.serial_number
        if expected is not None and expected != self._serial:
            message = f"is spectrograph {self._serial!r}, but the rig file expects {expected!r}; correct one of them"
            raise StateError(self.name, message)
        numbers = range(1, wire.integer("ShamrockGetNumberGratings") + 1)
        self._gratings = tuple(wire.grating(number) for number in numbers)
        self._has_slit = bool(wire.integer("ShamrockAutoSlitIsPresent", self._slit))
        self._has_shutter = bool(wire.integer("ShamrockShutterIsPresent"))
        self._learn_limits(wire)

    def _learn_limits(self, wire: ShamrockWire) -> None:
        limits = {"centre_nm": Limits(*wire.wavelength_limits_nm(wire.integer("ShamrockGetGrating")))}
        if self._has_slit:
            limits["slit_um"] = Limits(self._settings.lowest_slit_um, self._settings.highest_slit_um)
        self._limits = limits

    @property
    def _slit(self) -> int:
        return SLITS[self._settings.entrance]

    def close(self) -> None:
        """Close its shutter and leave the library."""
        if self._wire is None:
            return
        try:
            if self._connected:
                self.make_safe()
        finally:
            with self._held():
                self._connected = False
                self._leave()

    def _leave(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def make_safe(self) -> None:
        """Close its own shutter; one that follows the camera's line is closed by the camera.

        During a move nothing is sent, as the library does not take it: the shutter stays closed or is closed by
        the camera and the shutter before the sample.
        """
        if self._moving or not (self._connected and self._has_shutter):
            return
        with self._held():
            if self._wire is not None:
                self._set_shutter_mode(self._wire, is_open=False)

    def set_shutter(self, is_open: bool) -> None:
        """Open or close the shutter inside.

        Raises
        ------
        StateError
            If there is none, or the rig file lets it follow the line of the camera.
        """
        with self._talking() as wire:
            if not self._has_shutter:
                raise StateError(self.name, "has no shutter")
            if self._settings.shutter == "camera_line":
                raise StateError(self.name, "its shutter follows the camera; write `shutter: software` to set it")
            self._set_shutter_mode(wire, is_open=is_open)

    def _set_shutter_mode(self, wire: ShamrockWire, *, is_open: bool) -> None:
        if not self._has_shutter:
            return
        by_line = self._settings.shutter == "camera_line"
        mode = SHUTTER_BY_LINE if by_line else SHUTTER_OPEN if is_open else SHUTTER_CLOSED
        wire.do("ShamrockSetShutter", mode)
        found = wire.integer("ShamrockGetShutter")
        if found != mode:
            message = f"its shutter was set to mode {mode} but reads {found}; take the light off and look at it"
            raise FaultError(self.name, message)

    @contextmanager
    def _held(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=LOCK_TIMEOUT_S):
            message = "is moving" if self._moving else "is in a call to its library that has not come back yet"
            raise StateError(self.name, f"{message}; wait and try again")
        try:
            yield
        except DeviceTimeoutError:
            self._connected = False
            self._wire = None  # a thread is inside the library, which must not be entered again
            raise
        finally:
            self._lock.release()

    @contextmanager
    def _talking(self) -> Iterator[ShamrockWire]:
        if self._moving:
            raise StateError(self.name, "is moving; wait until it has arrived")
        with self._held():
            self.require_connected()
            if self._wire is None:
                raise StateError(self.name, "is not connected; connect it first")
            yield self._wire

    def set_grating(self, number: int) -> None:
        """Turn to a grating and wait."""
        with self._talking() as wire:
            if number not in range(1, len(self._gratings) + 1):
                message = f"grating = {number} is not one of 1 ... {len(self._gratings)}"
                raise RangeError(self.name, message)
            self._move("ShamrockSetGrating", (number,), lambda: wire.integer("ShamrockGetGrating"), 0.0)
            self._learn_limits(wire)

    def set_centre_nm(self, value: float) -> None:
        """Turn the grating so that this wavelength lies in the middle, and wait."""
        with self._talking() as wire:
            self._limits["centre_nm"].check(self.name, "centre_nm", value)
            read = lambda: wire.real("ShamrockGetWavelength")  # noqa: E731
            self._move("ShamrockSetWavelength", (value,), read, CENTRE_TOLERANCE_NM)

    def set_slit_um(self, value: float) -> None:
        """Set the width of the entrance slit and wait."""
        with self._talking() as wire:
            if not self._has_slit:
                raise StateError(self.name, f"its {self._settings.entrance} slit is not motorised; set it by hand")
            self._limits["slit_um"].check(self.name, "slit_um", value)
            read = lambda: wire.real("ShamrockGetAutoSlitWidth", self._slit)  # noqa: E731
            self._move("ShamrockSetAutoSlitWidth", (self._slit, value), read, SLIT_TOLERANCE_UM)

    def _move(self, function: str, arguments: tuple[float, ...], read: Callable[[], float], tolerance: float) -> None:
        wire = self._wire
        if wire is None:
            raise StateError(self.name, "is not connected; connect it first")
        self._moving = True
        try:
            Move(wire, function, arguments, read, tolerance).make(lambda: self._reopen(wire))
        finally:
            self._moving = False

    def _reopen(self, wire: ShamrockWire) -> None:
        """Connect again, as the library asks for by its codes."""
        try:
            wire.close()
            wire.open(self._settings.sdk_folder)
        except DeviceError:
            self._connected = False
            raise

    def wavelength_nm(self, pixels: int, pixel_width_um: float) -> NDArray[np.float64]:
        """Return the wavelength at the centre of each pixel, as the spectrograph calculates it.

        Raises
        ------
        RangeError
            With fewer than 8 pixels, for which the library calculates nonsense.
        StateError
            If not connected, during a move (the library would block), or with a mirror.
        """
        if pixels < FEWEST_PIXELS or not 0 < pixel_width_um < 1000:
            raise RangeError(
                self.name,
                f"{pixels} pixels of {pixel_width_um:g} um: at least {FEWEST_PIXELS}, of less than 1 mm, are needed",
            )
        with self._talking() as wire:
            return wire.calibration(pixels, pixel_width_um)

    def status(self) -> SpectrographStatus:
        """Read the state back; the shutter is None if it follows the line of the camera."""
        with self._talking() as wire:
            slit_um = wire.real("ShamrockGetAutoSlitWidth", self._slit) if self._has_slit else None
            mode = wire.integer("ShamrockGetShutter") if self._has_shutter else SHUTTER_BY_LINE
            return SpectrographStatus(
                wire.integer("ShamrockGetGrating"),
                wire.real("ShamrockGetWavelength"),
                slit_um,
                None if mode == SHUTTER_BY_LINE else mode == SHUTTER_OPEN,
            )

    def settings(self) -> Mapping[str, PlainValue]:
        """Return how it is wired; all that is set can be read back."""
        settings = self._settings
        return settings.model_dump(include={"library", "entrance", "shutter", "on_camera_bus"})

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the spectrograph reports now, and how many communication errors passed since it was connected."""
        status = self.status()
        lines = {grating.number: grating.lines_per_mm for grating in self._gratings}
        return {
            "grating": status.grating,
            "lines_per_mm": lines.get(status.grating),
            "centre_nm": status.centre_nm,
            "slit_um": status.slit_um,
            "shutter_open": status.shutter_open,
            "communication_errors": 0 if self._wire is None else self._wire.communication_errors,
        }
