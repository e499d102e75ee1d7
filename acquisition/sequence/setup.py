"""How the instruments are meant to be set at a place in a sequence, so that it can be set again after a break."""

from dataclasses import dataclass, replace
from typing import Any

from acquisition.sequence.steps import (
    CalibrateDetector,
    HeatWithPower,
    MoveStage,
    PlainStep,
    RampTemperature,
    SetAttenuator,
    SetCameraLight,
    SetFocus,
    SetLaser,
    SetShutter,
    SetSpectrograph,
    SetTemperature,
    WaitUntilStable,
)
from drivers.interfaces.camera import CameraLight


@dataclass(frozen=True, slots=True)
class Setup:
    """What the steps so far have set; None where they have set nothing.

    Attributes
    ----------
    repetition_rate_hz, intensity_percent : float or None
        Of the laser.
    emission, shutter_open : bool or None
        Whether light falls on the sample.
    heating : SetTemperature or None
        Temperature, and what becomes of it during a pause.
    stable : WaitUntilStable or None
        How it was waited for since.
    x_um, y_um : float or None
        Place of the stage.
    z_um : float or None
        Height of the focus.
    transmission_percent : float or None
        What passes the attenuator.
    spectrograph : SetSpectrograph or None
        Grating, centre and slit.
    camera_light : CameraLight or None
        What light falls on the camera.
    ramping : bool
        Whether the heater is on its way in a ramp, which goes on by itself.
    """

    repetition_rate_hz: float | None = None
    intensity_percent: float | None = None
    emission: bool | None = None
    shutter_open: bool | None = None
    heating: SetTemperature | None = None
    stable: WaitUntilStable | None = None
    x_um: float | None = None
    y_um: float | None = None
    z_um: float | None = None
    transmission_percent: float | None = None
    spectrograph: SetSpectrograph | None = None
    camera_light: CameraLight | None = None
    ramping: bool = False

    def after(self, step: PlainStep, values: dict[str, Any]) -> "Setup":
        """Return the setup once `step` has been carried out and has given `values`."""
        match step:
            case SetLaser():
                given = {
                    "repetition_rate_hz": step.repetition_rate_hz,
                    "intensity_percent": step.intensity_percent,
                    "emission": step.emission,
                }
                return replace(self, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
            case SetShutter():
                return replace(self, shutter_open=step.open)
            case SetTemperature():
                return self.heated(step, ramping=False)
            case RampTemperature():
                return self.heated(heating_of(step, step.temperature_c), ramping=False)
            case HeatWithPower():
                return self.heated(None, ramping=False)
            case SetSpectrograph():
                return replace(self, spectrograph=_joined(self.spectrograph, step))
            case SetCameraLight():
                return replace(self, camera_light=step.light)
            case CalibrateDetector():
                return replace(self, emission=False, shutter_open=None if self.shutter_open is None else False)
            case WaitUntilStable():
                return replace(self, stable=step if values.get("stable", True) else None)
            case MoveStage():
                return replace(self, x_um=values.get("x_um"), y_um=values.get("y_um"))
            case SetFocus():
                return replace(self, z_um=values.get("z_um"))
            case SetAttenuator():
                return replace(self, transmission_percent=step.transmission_percent)
            case _:
                return self

    def heated(self, heating: SetTemperature | None, *, ramping: bool) -> "Setup":
        """Return the setup as soon as the heater is being set to a temperature, or controls none (None)."""
        return replace(self, heating=heating, stable=None, ramping=ramping)


def heating_of(step: RampTemperature, setpoint_c: float) -> SetTemperature:
    """Return what a ramp has the heater do when its setpoint is at `setpoint_c`."""
    return SetTemperature(temperature_c=setpoint_c, on_pause=step.on_pause, max_hold_s=step.max_hold_s)


def _joined(before: SetSpectrograph | None, step: SetSpectrograph) -> SetSpectrograph:
    """Return all that is set of the spectrograph; what a step does not say stays."""
    said = {name: getattr(step, name) for name in ("grating", "centre_nm", "slit_um")}
    known = {} if before is None else {name: getattr(before, name) for name in said}
    return SetSpectrograph(**{**known, **{name: value for name, value in said.items() if value is not None}})
