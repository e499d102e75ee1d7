"""Steps that measure, and those that decide by what was measured: acquire, analyse, ask a person."""

from typing import Annotated, Literal

from pydantic import Field

from acquisition.config import Nanometres
from acquisition.sequence.steps.base import Duration, PlainStepModel
from acquisition.sequence.steps.goals import Goal


class AcquirePhotons(PlainStepModel):
    """Record photons for `duration_s`, or until the goal `until` is reached if that comes first.

    Each such step is one point of the run, and `label` is what the point is called.

    Attributes
    ----------
    background : str or None
        ``dark`` (no light) or ``off_dot`` (light beside the emitter) if the point is no measurement of an emitter.
    """

    kind: Literal["acquire_photons"] = "acquire_photons"
    duration_s: Duration
    until: Goal | None = None
    label: Annotated[str, Field(max_length=200)] = ""
    background: Literal["dark", "off_dot"] | None = None


class Analyze(PlainStepModel):
    """Analyse the newest point as the end of the run would do, so that later steps can decide by its results.

    Its values are those of results.json by their place: ``BX-.lifetime_ns``, ``BX-.lifetime_ns.error``, ...
    """

    kind: Literal["analyze"] = "analyze"


class MeasurePower(PlainStepModel):
    """Read the power meter several times, with the light as it is.

    Its values are ``power_uw``, the mean, and ``power_error_uw``, its standard error from the scatter of the readings.
    Points that begin later with the same laser and attenuator carry them among their conditions.

    Attributes
    ----------
    readings : int
        How many.
    wavelength_nm : float or None
        For which the response of the sensor is corrected; None: as the meter is set.
    """

    kind: Literal["measure_power"] = "measure_power"
    readings: Annotated[int, Field(ge=2, le=10_000)] = 10
    wavelength_nm: Annotated[Nanometres, Field(gt=0)] | None = None


class Prompt(PlainStepModel):
    """Ask a person and wait for the answer, in the dark by default.

    Attributes
    ----------
    text : str
        What is asked.
    choices : tuple of str
        Allowed answers; the first one is meant unless another is chosen.
    light : bool
        Whether light stays on the sample while nobody answers.
    timeout_s : float or None
        Longest wait; None waits for ever.
    on_timeout : str
        What then: ``fail`` the run, or ``continue`` with the first choice.
    """

    kind: Literal["prompt"] = "prompt"
    text: Annotated[str, Field(min_length=1, max_length=2000)]
    choices: Annotated[tuple[str, ...], Field(min_length=1, max_length=10)] = ("continue",)
    light: bool = False
    timeout_s: Duration | None = None
    on_timeout: Literal["fail", "continue"] = "fail"
