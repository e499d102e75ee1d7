"""Steps in words, for a person who watches."""

from acquisition.sequence.steps import (
    AcquirePhotons,
    AcquireSpectra,
    Analyze,
    CalibrateDetector,
    CountLateLight,
    CountPhotons,
    HeatWithPower,
    MeasurePower,
    MoveStage,
    PlainStep,
    Prompt,
    RampTemperature,
    SetAttenuator,
    SetCameraLight,
    SetFocus,
    SetLaser,
    SetShutter,
    SetSpectrograph,
    SetTemperature,
    Soak,
    StoreTable,
    WaitUntilStable,
)
from acquisition.sequence.steps.goals import describe as describe_goal
from acquisition.sequence.steps.preview import PreviewPhotons


def describe(step: PlainStep) -> str:
    """Return a step in words."""
    match step:
        case SetLaser():
            return _laser(step)
        case SetShutter():
            return f"{'open' if step.open else 'close'} shutter"
        case SetAttenuator():
            return f"set attenuator: {step.transmission_percent:g} % pass"
        case SetTemperature():
            return f"set temperature: {step.temperature_c:g} degC"
        case RampTemperature():
            return f"ramp temperature to {step.temperature_c:g} degC at {step.rate_c_per_min:g} degC/min"
        case HeatWithPower():
            how = " (shock)" if step.shock else ""
            return f"heat with {step.power_percent:g} % of full power for {step.duration_s:g} s{how}"
        case WaitUntilStable():
            return f"wait until the temperature is within {step.tolerance_c:g} degC for {step.window_s:g} s"
        case Soak():
            return f"soak for {step.duration_s:g} s"
        case MoveStage():
            return _stage(step)
        case SetFocus():
            return f"move focus {'by' if step.relative else 'to'} z {step.z_um:{'+' if step.relative else ''}g} um"
        case SetSpectrograph():
            return _spectrograph(step)
        case SetCameraLight():
            return f"camera: light of the {step.light}"
        case CalibrateDetector():
            return "calibrate the time-to-digital converters of the SPAD array, in the dark"
        case MeasurePower():
            return f"measure the laser power in {step.readings} readings"
        case AcquirePhotons():
            until = "" if step.until is None else f" or until {describe_goal(step.until)}"
            label = f" ({step.label})" if step.label else ""
            return f"acquire photons for {step.duration_s:g} s{until}{label}"
        case AcquireSpectra():
            label = f" ({step.label})" if step.label else ""
            return f"take {step.frames} frames of {step.exposure_s:g} s at EM gain {step.em_gain:g}{label}"
        case PreviewPhotons():
            return "look at the photons"
        case CountPhotons():
            label = f" ({step.label})" if step.label else ""
            return f"count photons for {step.duration_s:g} s{label}"
        case CountLateLight():
            return f"count light from {step.after_ns:g} to {step.until_ns:g} ns after the pulse in {step.points} points"
        case StoreTable():
            return f"store table: {step.title}"
        case Analyze():
            return "analyse the newest point"
        case Prompt():
            return f"ask: {step.text}"


def _laser(step: SetLaser) -> str:
    parts = [
        None if step.repetition_rate_hz is None else f"{step.repetition_rate_hz / 1e6:g} MHz",
        None if step.intensity_percent is None else f"{step.intensity_percent:g} %",
        None if step.emission is None else f"emission {'on' if step.emission else 'off'}",
    ]
    return f"set laser: {', '.join(part for part in parts if part)}"


def _stage(step: MoveStage) -> str:
    sign = "+" if step.relative else ""
    parts = [f"{axis} {value:{sign}g} um" for axis, value in (("x", step.x_um), ("y", step.y_um)) if value is not None]
    return f"move stage {'by' if step.relative else 'to'} {', '.join(parts)}"


def _spectrograph(step: SetSpectrograph) -> str:
    parts = [
        None if step.grating is None else f"grating {step.grating}",
        None if step.centre_nm is None else f"centre {step.centre_nm:g} nm",
        None if step.slit_um is None else f"slit {step.slit_um:g} um",
    ]
    return f"set spectrograph: {', '.join(part for part in parts if part)}"
