"""Checks the steps of a sequence against the limits of a rig, before anything is switched on."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from acquisition.config import ConfigError, ConfigProblem, position_in_file
from acquisition.sequence.errors import SequenceError
from acquisition.sequence.sequence import Sequence, place_text
from acquisition.sequence.steps import (
    AcquireSpectra,
    CalibrateDetector,
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
    WaitUntilStable,
)
from acquisition.sequence.steps.tree import Place, walk, walk_conditions
from drivers.interfaces.attenuator import Attenuator
from drivers.interfaces.camera import SpectrographCamera
from drivers.interfaces.clock import Clock
from drivers.interfaces.device import Device
from drivers.interfaces.errors import InterlockError, RangeError
from drivers.interfaces.focus import FocusDrive
from drivers.interfaces.heater import HeatedSubstrate, PoweredHeater
from drivers.interfaces.laser import PulsedLaser
from drivers.interfaces.power_meter import PowerMeter
from drivers.interfaces.shutter import Shutter
from drivers.interfaces.spad_array import CalibratingSpadArray, SpadArray
from drivers.interfaces.spectrograph import Spectrograph
from drivers.interfaces.stage import XYStage


class SequenceRig(Protocol):
    """What a sequence needs of a rig; all but clock, laser and SPAD array may be missing."""

    @property
    def clock(self) -> Clock:
        """The time of the rig."""

    @property
    def laser(self) -> PulsedLaser:
        """The excitation laser."""

    @property
    def spad_array(self) -> SpadArray:
        """The detector."""

    @property
    def heater(self) -> HeatedSubstrate | None:
        """The heated substrate."""

    @property
    def shutter(self) -> Shutter | None:
        """The shutter in the excitation path."""

    @property
    def stage(self) -> XYStage | None:
        """The stage under the sample."""

    @property
    def camera(self) -> SpectrographCamera | None:
        """The camera behind a spectrograph."""

    @property
    def spectrograph(self) -> Spectrograph | None:
        """The spectrograph before camera or SPAD array."""

    @property
    def attenuator(self) -> Attenuator | None:
        """The attenuator in the excitation path."""

    @property
    def power_meter(self) -> PowerMeter | None:
        """The power meter for the laser."""

    @property
    def focus(self) -> FocusDrive | None:
        """The drive of the focus."""

    def check_temperature_c(self, temperature_c: float) -> object:
        """Raise `RangeError`, naming what sets the limit, if heater or rig do not stand the temperature."""

    def reconnect_lost(self) -> list[str]:
        """Connect those instruments anew whose connection was lost, safe, and return their roles."""

    def arm(self) -> None:
        """Allow sources to go on again after `make_safe`; raise `StateError` while that goes on."""

    def make_dark(self) -> None:
        """Take the light off the sample, from any thread; heat and bias stay. Raise only after all were tried."""

    def make_safe(self) -> None:
        """Make every instrument safe, and let no source go on before `arm`; raise only after all were tried."""


def check_step(step: PlainStep, rig: SequenceRig) -> None:
    """Check one step against the rig.

    Raises
    ------
    SequenceError
        If the rig lacks the instrument, or the value is outside its limits.
    """
    try:
        match step:
            case SetLaser():
                _check_limit(rig.laser, "repetition_rate_hz", step.repetition_rate_hz)
                _check_limit(rig.laser, "intensity_percent", step.intensity_percent)
            case SetShutter():
                require(rig.shutter, "shutter", step)
            case SetTemperature() | RampTemperature():
                require(rig.heater, "heater", step)
                rig.check_temperature_c(step.temperature_c)
            case WaitUntilStable():
                require(rig.heater, "heater", step)
            case AcquireSpectra():
                camera = require(rig.camera, "camera", step)
                _check_limit(camera, "exposure_s", step.exposure_s)
                _check_limit(camera, "em_gain", step.em_gain)
            case CountPhotons():
                _check_pixels(rig.spad_array, step)
            case MoveStage():
                _check_place(require(rig.stage, "stage", step), step)
            case HeatWithPower():
                powered(rig.heater, step).check_power(step.power_percent, step.duration_s, shock=step.shock)
            case SetSpectrograph():
                _check_spectrograph(require(rig.spectrograph, "spectrograph", step), step)
            case SetCameraLight():
                require(rig.camera, "camera", step)
            case CalibrateDetector():
                calibrating(rig.spad_array, step)
            case SetAttenuator() | MeasurePower() | SetFocus():
                _check_helper(step, rig)
    except (RangeError, InterlockError) as error:
        raise SequenceError(str(error)) from error


def check_steps(steps: Iterable[PlainStep], rig: SequenceRig) -> None:
    """Check steps that do not come from a file; the error names the number of the step."""
    for number, step in enumerate(steps, 1):
        try:
            check_step(step, rig)
        except SequenceError as error:
            raise SequenceError(f"step {number} ({step.kind}): {error}") from error


def check_sequence(sequence: Sequence, rig: SequenceRig, path: Path) -> None:
    """Check a sequence that was read from `path`.

    Raises
    ------
    ConfigError
        With file, line and step of everything that the rig does not allow.
    """
    problems = {}
    for place, step in [*walk(sequence.steps), *walk(sequence.cleanup, ("cleanup",))]:
        try:
            check_step(step, rig)
        except SequenceError as error:
            line, column = position_in_file(path, place)
            problems[place, str(error)] = ConfigProblem(f"{step.kind}: {error}", place_text(place), line, column)
    for place, reason in _impossible_answers(sequence):
        line, column = position_in_file(path, place)
        problems[place, reason] = ConfigProblem(reason, place_text(place), line, column)
    if problems:
        raise ConfigError(str(path), *problems.values())


def _impossible_answers(sequence: Sequence) -> Iterator[tuple[Place, str]]:
    """Yield place and reason of each condition on an answer that no prompt of the sequence offers."""
    prompts = [step for step in sequence.plain_steps if isinstance(step, Prompt)]
    offered = list(dict.fromkeys(choice for step in prompts for choice in step.choices))
    for place, condition in walk_conditions(sequence.steps):
        if condition.value != "answer" or condition.equals in offered:
            continue
        known = f"the prompts offer {', '.join(map(repr, offered))}" if offered else "no prompt of the sequence asks"
        yield place, f"answer is never {condition.equals!r}; {known}"


DeviceT = TypeVar("DeviceT", bound=Device)


def require(device: DeviceT | None, role: str, step: PlainStep) -> DeviceT:
    """Return the device; raises `SequenceError` if the rig has none in this role."""
    if device is None:
        raise SequenceError(f"this rig has no {role}, which {step.kind} needs; add it to the roles of the rig file")
    return device


def powered(heater: HeatedSubstrate | None, step: PlainStep) -> PoweredHeater:
    """Return the heater as one that heats with constant power; raises `SequenceError` if it does not."""
    heater = require(heater, "heater", step)
    if not isinstance(heater, PoweredHeater):
        raise SequenceError(f"{heater.name} does not heat with constant power, which {step.kind} needs")
    return heater


def calibrating(array: SpadArray, step: PlainStep) -> CalibratingSpadArray:
    """Return the array as one that calibrates itself; raises `SequenceError` if it does not."""
    if not isinstance(array, CalibratingSpadArray):
        raise SequenceError(f"{array.name} does not calibrate itself, which {step.kind} needs")
    return array


def _check_spectrograph(spectrograph: Spectrograph, step: SetSpectrograph) -> None:
    """Check what is known; the range of the centre depends on the grating and is known of the present one only."""
    if not spectrograph.connected:
        return
    count, present = len(spectrograph.gratings), spectrograph.status().grating
    if step.grating is not None and step.grating > count:
        raise SequenceError(f"{spectrograph.name} has no grating {step.grating}; its gratings are 1 ... {count}")
    if step.grating == present:  # without one, a step before may have turned to another
        _check_limit(spectrograph, "centre_nm", step.centre_nm)
    if step.slit_um is not None and "slit_um" not in spectrograph.limits:
        raise SequenceError(f"the slit of {spectrograph.name} is not motorised; leave slit out")
    _check_limit(spectrograph, "slit_um", step.slit_um)


def _check_pixels(array: SpadArray, step: CountPhotons) -> None:
    if step.pixels is not None and step.pixels[1] > array.pixel_count:
        raise SequenceError(
            f"pixels {list(step.pixels)} end beyond the {array.pixel_count} pixels of {array.name}; "
            f"the end may be {array.pixel_count} at most"
        )


def _check_place(stage: XYStage, step: MoveStage) -> None:
    if not step.relative:
        _check_limit(stage, "x_um", step.x_um)
        _check_limit(stage, "y_um", step.y_um)


def _check_helper(step: SetAttenuator | MeasurePower | SetFocus, rig: SequenceRig) -> None:
    match step:
        case SetAttenuator():
            attenuator = require(rig.attenuator, "attenuator", step)
            _check_limit(attenuator, "transmission", step.transmission_percent / 100)
        case MeasurePower():
            _check_limit(require(rig.power_meter, "power_meter", step), "wavelength_nm", step.wavelength_nm)
        case SetFocus():
            focus = require(rig.focus, "focus", step)
            _check_limit(focus, "z_um", None if step.relative else step.z_um)


def _check_limit(device: Device, name: str, value: float | None) -> None:
    if value is not None and name in device.limits:
        device.limits[name].check(device.name, name, value)
