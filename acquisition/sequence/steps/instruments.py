"""Steps that set instruments, and those that wait for them."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from acquisition.config import Celsius, CelsiusDifference, CelsiusPerMinute, Hertz, Micrometres, Nanometres, Percent
from acquisition.sequence.steps.base import Duration, PlainStepModel
from drivers.interfaces.camera import CameraLight


class SetLaser(PlainStepModel):
    """Set what is given of the laser: rate and intensity first, then emission (off before the others)."""

    kind: Literal["set_laser"] = "set_laser"
    repetition_rate_hz: Hertz | None = None
    intensity_percent: Percent | None = None
    emission: bool | None = None

    @model_validator(mode="after")
    def _sets_something(self) -> Self:
        if self.repetition_rate_hz is None and self.intensity_percent is None and self.emission is None:
            raise ValueError("sets nothing; give repetition_rate (1 MHz), intensity (20 %) or emission (true or false)")
        return self


class SetShutter(PlainStepModel):
    """Open or close the shutter in the excitation path."""

    kind: Literal["set_shutter"] = "set_shutter"
    open: bool


class SetAttenuator(PlainStepModel):
    """Set the share of the laser light that passes the attenuator, and wait until it is reached."""

    kind: Literal["set_attenuator"] = "set_attenuator"
    transmission_percent: Annotated[Percent, Field(ge=0, le=100)]


class SetTemperature(PlainStepModel):
    """Start to heat the substrate to a temperature; does not wait.

    Attributes
    ----------
    on_pause : str
        Whether the heater goes on to ``hold`` the temperature while the run is paused, or is switched ``off``.
    max_hold_s : float
        Longest time that it holds while the run is paused; then it is switched off.
    """

    kind: Literal["set_temperature"] = "set_temperature"
    temperature_c: Celsius
    on_pause: Literal["hold", "off"] = "hold"
    max_hold_s: Duration = 7200.0


class RampTemperature(PlainStepModel):
    """Move the setpoint of the heater to a temperature at a constant rate, and return when it is there."""

    kind: Literal["ramp_temperature"] = "ramp_temperature"
    temperature_c: Celsius
    rate_c_per_min: Annotated[CelsiusPerMinute, Field(gt=0)]
    on_pause: Literal["hold", "off"] = "hold"
    max_hold_s: Duration = 7200.0


class HeatWithPower(PlainStepModel):
    """Heat with a share of full power for a time, without control of the temperature; the heating is off afterwards.

    Only as strong and long as the rig file permits of the heater. It stops before a part of the rig gets too hot.

    Attributes
    ----------
    shock : bool
        Whether the heater is to end it by itself (mode SHOCK of a VAHEAT) rather than the program (DIRECT).
    repeatable : bool
        False by default, as it may change the sample for good.
    """

    kind: Literal["heat_with_power"] = "heat_with_power"
    power_percent: Annotated[Percent, Field(gt=0, le=100)]
    duration_s: Duration
    shock: bool = False
    repeatable: bool = False


class WaitUntilStable(PlainStepModel):
    """Wait until the substrate has stayed within `tolerance_c` of its setpoint for `window_s`.

    Attributes
    ----------
    on_timeout : str
        What follows if that has not happened after `timeout_s`: ``fail`` the run, ``continue`` and
        say so in the journal, or ``ask`` a person.
    """

    kind: Literal["wait_until_stable"] = "wait_until_stable"
    tolerance_c: Annotated[CelsiusDifference, Field(gt=0)] = 0.2
    window_s: Duration = 30.0
    timeout_s: Duration = 1800.0
    on_timeout: Literal["fail", "continue", "ask"] = "fail"

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.timeout_s < self.window_s:
            raise ValueError(f"timeout ({self.timeout_s:g} s) must not be shorter than window ({self.window_s:g} s)")
        return self


class Soak(PlainStepModel):
    """Wait for a time, as the instruments are set."""

    kind: Literal["soak"] = "soak"
    duration_s: Duration


class MoveStage(PlainStepModel):
    """Go to a place in the plane of the sample, or, with `relative`, by a distance."""

    kind: Literal["move_stage"] = "move_stage"
    x_um: Micrometres | None = None
    y_um: Micrometres | None = None
    relative: bool = False

    @model_validator(mode="after")
    def _moves_something(self) -> Self:
        if self.x_um is None and self.y_um is None:
            raise ValueError("goes nowhere; give x (3.5 um), y or both")
        return self


class SetFocus(PlainStepModel):
    """Bring the focus to a height, or, with `relative`, move it by a distance."""

    kind: Literal["set_focus"] = "set_focus"
    z_um: Micrometres
    relative: bool = False


class SetSpectrograph(PlainStepModel):
    """Set what is given of the spectrograph: grating first, then centre wavelength, then entrance slit.

    Lights inside would harm a SPAD array that looks into it: its bias goes off before, and on with the next
    acquisition.
    """

    kind: Literal["set_spectrograph"] = "set_spectrograph"
    grating: Annotated[int, Field(ge=1, le=10)] | None = None
    centre_nm: Annotated[Nanometres, Field(gt=0)] | None = None
    slit_um: Annotated[Micrometres, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _sets_something(self) -> Self:
        if self.grating is None and self.centre_nm is None and self.slit_um is None:
            raise ValueError("sets nothing; give grating (2), centre (650 nm) or slit (100 um)")
        return self


class SetCameraLight(PlainStepModel):
    """Say what light falls on the camera: with any but that of the sample its EM gain stays at the minimum."""

    kind: Literal["set_camera_light"] = "set_camera_light"
    light: CameraLight


class CalibrateDetector(PlainStepModel):
    """Let the SPAD array calibrate its time-to-digital converters, which takes minutes, in the dark.

    Laser emission and bias are off and the shutter is closed before, and stay so until something switches them
    on. A pause waits for the end of it.
    """

    kind: Literal["calibrate_detector"] = "calibrate_detector"
    timeout_s: Annotated[Duration, Field(le=3600)] = 900.0
