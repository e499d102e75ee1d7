"""The steps of a measurement, as frozen data that check themselves."""

from typing import Annotated, Literal, Self, TypeAlias, TypeVar

from pydantic import Field, field_validator, model_validator

from acquisition.config import Celsius, CelsiusDifference, ConfigModel, Hertz, Percent, Seconds
from acquisition.sequence.variables import without_variables

MAX_DURATION_S = 30 * 86_400.0

T = TypeVar("T")


def not_empty(items: tuple[T, ...]) -> tuple[T, ...]:
    """Return the items; raises `ValueError` if there is none."""
    if not items:
        raise ValueError("is an empty list; it must hold at least one item")
    return items


Duration = Annotated[Seconds, Field(gt=0, le=MAX_DURATION_S)]


class SetLaser(ConfigModel):
    """Set what is given of the laser: rate and intensity first, then emission (off before the others)."""

    kind: Literal["set_laser"] = "set_laser"
    repetition_rate_hz: Hertz | None = None
    intensity_percent: Percent | None = None
    emission: bool | None = None

    _known = field_validator("repetition_rate_hz", "intensity_percent", "emission", mode="before")(without_variables)

    @model_validator(mode="after")
    def _sets_something(self) -> Self:
        if self.repetition_rate_hz is None and self.intensity_percent is None and self.emission is None:
            raise ValueError("sets nothing; give repetition_rate (1 MHz), intensity (20 %) or emission (true or false)")
        return self


class SetShutter(ConfigModel):
    """Open or close the shutter in the excitation path."""

    kind: Literal["set_shutter"] = "set_shutter"
    open: bool

    _known = field_validator("open", mode="before")(without_variables)


class SetTemperature(ConfigModel):
    """Start to heat the substrate to a temperature; does not wait."""

    kind: Literal["set_temperature"] = "set_temperature"
    temperature_c: Celsius

    _known = field_validator("temperature_c", mode="before")(without_variables)


class WaitUntilStable(ConfigModel):
    """Wait until the substrate has stayed within `tolerance_c` of its setpoint for `window_s`.

    The run fails if that has not happened after `timeout_s`.
    """

    kind: Literal["wait_until_stable"] = "wait_until_stable"
    tolerance_c: Annotated[CelsiusDifference, Field(gt=0)] = 0.2
    window_s: Duration = 30.0
    timeout_s: Duration = 1800.0

    _known = field_validator("tolerance_c", "window_s", "timeout_s", mode="before")(without_variables)

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.timeout_s < self.window_s:
            raise ValueError(f"timeout ({self.timeout_s:g} s) must not be shorter than window ({self.window_s:g} s)")
        return self


class AcquirePhotons(ConfigModel):
    """Record photons for `duration_s`, or until so many cascades were seen if that comes first.

    Each such step is one point of the run, and `label` is what the point is called.
    """

    kind: Literal["acquire_photons"] = "acquire_photons"
    duration_s: Duration
    until_cascades: Annotated[int, Field(gt=0)] | None = None
    label: Annotated[str, Field(max_length=200)] = ""

    _known = field_validator("duration_s", "until_cascades", "label", mode="before")(without_variables)


PlainStep: TypeAlias = SetLaser | SetShutter | SetTemperature | WaitUntilStable | AcquirePhotons
"""A step that the engine carries out."""

CleanupStep: TypeAlias = Annotated[
    SetLaser | SetShutter | SetTemperature | WaitUntilStable, Field(discriminator="kind")
]
"""A step that may stand in the cleanup of a sequence."""


def describe(step: PlainStep) -> str:
    """Return a step in words for a person who watches."""
    match step:
        case SetLaser():
            parts = [
                None if step.repetition_rate_hz is None else f"{step.repetition_rate_hz / 1e6:g} MHz",
                None if step.intensity_percent is None else f"{step.intensity_percent:g} %",
                None if step.emission is None else f"emission {'on' if step.emission else 'off'}",
            ]
            return f"set laser: {', '.join(part for part in parts if part)}"
        case SetShutter():
            return f"{'open' if step.open else 'close'} shutter"
        case SetTemperature():
            return f"set temperature: {step.temperature_c:g} degC"
        case WaitUntilStable():
            return f"wait until the temperature is within {step.tolerance_c:g} degC for {step.window_s:g} s"
        case AcquirePhotons():
            until = "" if step.until_cascades is None else f" or {step.until_cascades} cascades"
            label = f" ({step.label})" if step.label else ""
            return f"acquire photons for {step.duration_s:g} s{until}{label}"
