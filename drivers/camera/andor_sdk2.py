"""An Andor EMCCD behind a spectrograph, through the vendor's SDK2; unverified on hardware."""

from collections.abc import Generator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers.camera import atmcd
from drivers.camera.andor_codes import Code
from drivers.camera.andor_cooling import Cooling
from drivers.camera.andor_exposing import Exposing, gain_of
from drivers.camera.andor_facts import CameraFacts
from drivers.camera.andor_link import AndorLink
from drivers.camera.andor_series import set_timings
from drivers.camera.andor_settings import AndorSdk2Settings
from drivers.interfaces.camera import CameraLight, CameraStatus, Frame, SpectrographCamera
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import CommunicationError, StateError
from drivers.interfaces.rescue import Rescue
from drivers.interfaces.spectrograph import Spectrograph

RESCUE_WAIT_S = 15.0
"""How long a rescue waits until the SDK lets go of the camera of a dead process."""


class AndorSdk2Camera(SpectrographCamera):
    """An EMCCD whose gain rises only after a frame at gain 1 has shown that there is room.

    `set_em_gain` takes that frame itself if there is none since exposure, declared light or shutter were set
    otherwise: the shutter opens for one exposure. A frame with gain that is saturated switches the gain off and
    ends the acquisition. Gain and shutter can be changed only while the camera is idle, so `make_safe` aborts first.

    Parameters
    ----------
    name : str
        In its rig.
    settings : AndorSdk2Settings
        From the rig file.
    spectrograph : Spectrograph, optional
        Tells the wavelengths of the columns.
    library : object, optional
        Double of the SDK, where the settings say ``library: simulated``.
    """

    def __init__(
        self,
        name: str,
        settings: AndorSdk2Settings,
        *,
        spectrograph: Spectrograph | None = None,
        library: Any = None,
    ) -> None:
        super().__init__(name)
        self._settings, self._spectrograph, self._given = settings, spectrograph, library
        self._link = AndorLink(name, settings)
        self._exposing = Exposing(self._link, settings)

    @property
    def connected(self) -> bool:
        """Whether the camera can be talked to; false also when it has vanished."""
        return self._link.connected

    @property
    def identity(self) -> Identity:
        """Who the instrument says it is."""
        facts = self._facts
        return Identity("Andor", facts.model, facts.serial, facts.firmware, simulated=self._settings.simulated)

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed exposure, and, once it was connected, EM gain and temperature of the sensor."""
        limits, facts = {"exposure_s": Limits(0.0, self._settings.longest_exposure_s)}, self._link.facts
        if facts is not None:
            limits |= {"em_gain": facts.em_gain, "temperature_c": facts.temperature_c}
        return MappingProxyType(limits)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns of a frame. Raises `StateError` if not connected."""
        return self._facts.shape

    @property
    def _facts(self) -> CameraFacts:
        return self._link.require_connected()

    @property
    def _cooling(self) -> Cooling:
        if self._link.cooling is None:
            raise StateError(self.name, "is not connected; connect it first")
        return self._link.cooling

    def connect(self) -> None:
        """Open the SDK, put the camera into a known, safe state, and switch its cooler as the settings say."""
        if self.connected:
            return
        self._link.open(self._library)
        exposing = Exposing(self._link, self._settings, self._exposing.light)
        try:
            with self._link.idle() as wire:
                exposing.timings = set_timings(wire, exposing.asked_s, 1)
        except BaseException:
            self._link.close()
            raise
        self._exposing = exposing

    def _library(self) -> Any:
        if self._given is not None:
            return self._given
        try:
            return atmcd.load(self._settings.library)
        except (OSError, ValueError) as error:
            raise CommunicationError(
                self.name,
                f"the library of Andor's SDK2 cannot be loaded ({error}); install it, or give its path as `library`",
            ) from error

    def close(self) -> None:
        """Make the camera safe, leave the cooler as the settings say, and shut the SDK down."""
        self._link.close()

    def make_safe(self) -> None:
        """Abort a running acquisition, switch the gain off and close the shutter; the cooler stays as it is.

        Raises
        ------
        DeviceError
            The first of what failed, after all has been tried.
        """
        self._exposing.forget()
        self._link.make_safe()

    def wavelength_nm(self) -> NDArray[np.float64]:
        """Return the wavelength at the centre of each column, from the spectrograph or the fixed calibration.

        Raises
        ------
        StateError
            If neither is there.
        DeviceError
            If the spectrograph does not tell.
        """
        facts, fixed = self._facts, self._settings.wavelength
        if self._spectrograph is not None:
            return self._spectrograph.wavelength_nm(facts.shape[1], facts.pixel_width_um)
        if fixed is None:
            raise StateError(
                self.name,
                "its wavelengths are not known; give the rig a spectrograph, or the camera "
                "`wavelength: {first_column: 570 nm, column_step: 0.5 nm}` as measured with a lamp",
            )
        return fixed.first_column_nm + fixed.column_step_nm * np.arange(facts.shape[1], dtype=np.float64)

    def set_exposure_s(self, value: float) -> None:
        """Set the exposure time; the camera rounds it. A longer one switches the gain off: set it anew then."""
        self._exposing.set_exposure_s(self.limits["exposure_s"].check(self.name, "exposure_s", value))

    def set_em_gain(self, value: float) -> None:
        """Set the EM gain, in whole numbers; above 1 only if a frame at gain 1, which it may take, leaves room.

        Raises
        ------
        RangeError
            Outside the limits.
        StateError
            If not connected, during an acquisition, if other light than the sample's was declared, or if the
            gain would bring the brightest pixel too close to what fits.
        """
        self._exposing.set_gain(round(self._facts.em_gain.check(self.name, "em_gain", value)))

    def declare_light(self, light: CameraLight) -> None:
        """Say what light falls on the camera; with other light than the sample's the gain goes, and stays, off."""
        self._exposing.declare_light(light)

    def set_temperature_c(self, value: float) -> None:
        """Set what the cooler controls to, in whole degrees; some cameras refuse it during an acquisition."""
        self._facts.temperature_c.check(self.name, "temperature_c", value)
        with self._link.talking():
            self._cooling.set_temperature_c(value)

    def set_cooler(self, on: bool) -> None:
        """Switch the cooler; some cameras refuse it during an acquisition."""
        with self._link.talking():
            self._cooling.switch(on=on)

    def frames(self, count: int) -> Generator[Frame, None, None]:
        """Yield `count` frames.

        Raises
        ------
        FaultError
            After a saturated frame with EM gain; the gain is off by then.
        CommunicationError
            If frames were lost or the camera has vanished; those before stay valid.
        """
        return self._exposing.frames(count)

    def status(self) -> CameraStatus:
        """Read the state back; the shutter as it was set, and during an acquisition the temperature before it."""
        with self._link.talking() as wire:
            sensor = self._cooling.read()
            return CameraStatus(
                self._exposing.timings.exposure_s,
                gain_of(wire),
                sensor.temperature_c,
                float(self._cooling.setpoint_c),
                self._cooling.is_on(),
                sensor.stable,
                self._link.shutter_open,
                self._link.running is not None,
            )

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what was set; `requested_exposure_s` is what was asked for, not what the camera made of it."""
        cooling = self._link.cooling
        return {
            "requested_exposure_s": self._exposing.asked_s,
            "setpoint_c": None if cooling is None else float(cooling.setpoint_c),
            "shutter_open": self._link.shutter_open,
            "light": self._exposing.light.value,
            "gain_lowered_by": self._exposing.gain_lowered_by,
            "library": self._settings.library,
            **self._settings.readout.model_dump(),
            **self._settings.gain.model_dump(),
        }

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the camera reports now; None for the cooling while it does not tell it."""
        with self._link.talking() as wire:
            sensor = self._cooling.read()
            (state,) = wire.ints("GetStatus", 1)
            return {
                "temperature_c": sensor.temperature_c if sensor.current else None,
                "temperature_state": sensor.state if sensor.current else None,
                "cooler": wire.cooler_on(),
                "em_gain": gain_of(wire),
                "exposure_s": self._exposing.timings.exposure_s,
                "cycle_s": self._exposing.timings.cycle_s,
                "acquiring": state == Code.ACQUIRING,
            }

    def rescue(self) -> Rescue:
        """Return how the guardian switches the gain off and closes the shutter when this process has died."""
        settings = self._settings
        arguments: dict[str, str | float | int | bool | None] = {
            "library": settings.library,
            "sdk_folder": settings.sdk_folder,
            "camera_index": settings.camera_index,
            "shutter_open_high": settings.shutter_open_high,
            "shutter_closing_ms": settings.shutter_closing_ms,
            "shutter_opening_ms": settings.shutter_opening_ms,
            "keep_cooler": settings.cooler_on_close == "keep",
            "wait_s": RESCUE_WAIT_S,
        }
        return Rescue(self.name, "andor", arguments)
