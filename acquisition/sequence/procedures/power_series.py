"""Measuring how many excitations a laser pulse makes, from how the light saturates with the intensity."""

from collections.abc import Generator, Mapping
from math import sqrt
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from acquisition.config import Nanoseconds, Percent
from acquisition.sequence.errors import StepError
from acquisition.sequence.procedures.looking import Darkness, Procedure
from acquisition.sequence.steps.base import Duration
from acquisition.sequence.steps.block import Values
from acquisition.sequence.steps.counting import CountLateLight, StoreTable
from acquisition.sequence.steps.instruments import SetLaser, SetShutter
from acquisition.sequence.steps.measuring import AcquirePhotons

if TYPE_CHECKING:
    from acquisition.analysis.saturation import Saturation

LEAST_POINTS = 3
TRIEXCITON_OVER_BIEXCITON = 0.37
"""Lifetimes by the microstate model: 4.1 over 11.2 ns."""

COLUMNS = ("intensity_percent", "late_counts", "pulses", "late_counts_per_pulse", "error")

WHERE = ("x_um", "y_um", "transmission_percent")
"""Values of the steps before that the result belongs to."""

Yielded: TypeAlias = SetLaser | SetShutter | AcquirePhotons | CountLateLight | StoreTable


def _several(intensities: tuple[float, ...]) -> tuple[float, ...]:
    if len(set(intensities)) < LEAST_POINTS:
        raise ValueError(f"needs at least {LEAST_POINTS} different intensities, for example [5 %, 20 %, 50 %, 100 %]")
    if min(intensities) <= 0:
        raise ValueError("must be above 0 %; the dark point is made by itself")
    return intensities


class PowerSeries(Procedure):
    """Record a dark point and one at each intensity, and fit how the late light of the neutral dot saturates.

    Each excited pulse ends in one single exciton, so that light later than a few biexciton lifetimes follows
    ``1 - exp(-mu)``, but for the later birth of an exciton that a biexciton has left, which is corrected. Early
    light does not. Only the time in which the dot was neutral counts: charged, it sends less late light. What the
    points still scatter, beyond counting, is estimated from the fit and is part of the errors; take points so long
    that the dot is neutral for several seconds in each: one in which it never was is left out.

    Its values are ``excitations_per_pulse_per_percent`` and ``excitations_per_pulse`` at the intensity before the
    series, which is set again afterwards; ``late_counts_per_exciton``, each with its error (``..._error``);
    ``scatter``, and ``chi2_per_degree`` of the fit without it. The first two are missing if the light does not
    saturate enough to tell. Later points at the same place carry the measured number among their conditions.

    Attributes
    ----------
    intensities_percent : tuple of float
        At least three; the highest should make one excitation per pulse or more.
    duration_s : float
        Of each point, the dark one included.
    after_ns, until_ns : float
        Which light is late: delays after time zero. After 60 ns 0.5 % of a biexciton of 11 ns is left.
    biexciton_share : float
        Lifetime of the biexciton over that of the exciton; where an `analyze` before has found both, theirs is taken.
    most_error_percent : float
        Largest relative error with which a number of excitations is given at all.
    """

    kind: Literal["power_series"] = "power_series"
    intensities_percent: Annotated[tuple[Annotated[Percent, Field(le=100)], ...], AfterValidator(_several)]
    duration_s: Duration
    after_ns: Annotated[Nanoseconds, Field(gt=0)] = 60.0
    until_ns: Annotated[Nanoseconds, Field(gt=0)] = 250.0
    biexciton_share: Annotated[float, Field(gt=0, le=0.5)] = 0.19
    most_error_percent: Annotated[Percent, Field(gt=0, le=100)] = 30.0

    @model_validator(mode="after")
    def _has_a_gate(self) -> Self:
        if self.until_ns <= self.after_ns:
            raise ValueError(f"until ({self.until_ns:g} ns) must lie after `after` ({self.after_ns:g} ns)")
        return self

    def unfold(self, values: Mapping[str, Any]) -> Generator[Yielded, Values, Values]:
        """Yield the points, and what is made of them."""
        before_percent = values.get("intensity_percent")
        place = {f"excitations_per_pulse_{name}": values[name] for name in WHERE if name in values}
        darkness, births = Darkness(values), self._births(values)
        yield darkness.off
        yield AcquirePhotons(duration_s=self.duration_s, label="power series: dark", background="dark")
        yield darkness.on
        for percent in self.intensities_percent:
            yield SetLaser(intensity_percent=percent)
            yield self._point(percent)
        if before_percent is not None:
            yield SetLaser(intensity_percent=before_percent)
        points = len(self.intensities_percent) + 1
        late = yield CountLateLight(points=points, after_ns=self.after_ns, until_ns=self.until_ns)
        table = yield StoreTable(title="power series", columns=COLUMNS, rows=self._rows(late))
        return {**self._found(self._fit(late, births), before_percent), **place, "table": table["table"]}

    def _point(self, percent: float) -> AcquirePhotons:
        return AcquirePhotons(duration_s=self.duration_s, label=f"power series: {percent:g} %")

    def _rows(self, late: Values) -> tuple[tuple[float | None, ...], ...]:
        rows = zip((0.0, *self.intensities_percent), late["late_counts"], late["late_pulses"], strict=True)
        return tuple(
            (percent, n, pulses, n / pulses if pulses else None, sqrt(max(n, 1)) / pulses if pulses else None)
            for percent, n, pulses in rows
        )

    def _fit(self, late: Values, births: tuple[float, float]) -> "Saturation":
        from acquisition.analysis.saturation import Births, fit_saturation  # loads scipy

        counts, pulses = (np.array(late[name], dtype=np.float64) for name in ("late_counts", "late_pulses"))
        error = sqrt(max(counts[0], 1.0)) / pulses[0]
        seen = pulses[1:] > 0
        percent = np.array(self.intensities_percent)[seen]
        try:
            return fit_saturation(
                percent, counts[1:][seen], pulses[1:][seen], float(counts[0] / pulses[0]), error, Births(*births)
            )
        except ValueError as why:
            raise StepError(f"the power series cannot be used: {why}") from why

    def _births(self, values: Mapping[str, Any]) -> tuple[float, float]:
        """Return the lifetimes of biexciton and triexciton over that of the exciton: measured ones if there are any."""
        exciton_ns, biexciton_ns = values.get("X.lifetime_ns"), values.get("BX.lifetime_ns")
        if exciton_ns is None or biexciton_ns is None or not 0 < biexciton_ns < 0.5 * exciton_ns:
            return self.biexciton_share, TRIEXCITON_OVER_BIEXCITON * self.biexciton_share
        return biexciton_ns / exciton_ns, TRIEXCITON_OVER_BIEXCITON * biexciton_ns / exciton_ns

    def _found(self, fit: "Saturation", before_percent: float | None) -> Values:
        slope, saturated = fit.excitations_per_pulse_per_percent, fit.counts_per_exciton
        found: Values = {
            "late_counts_per_exciton": saturated.value,
            "late_counts_per_exciton_error": saturated.error,
            "scatter": fit.scatter,
            "chi2_per_degree": fit.chi2 / fit.degrees_of_freedom,
        }
        if slope.error > self.most_error_percent / 100 * slope.value:
            return found
        found |= {
            "excitations_per_pulse_per_percent": slope.value,
            "excitations_per_pulse_per_percent_error": slope.error,
        }
        if before_percent is not None:
            found["excitations_per_pulse"] = slope.value * before_percent
            found["excitations_per_pulse_error"] = slope.error * before_percent
        return found

    def needs(self) -> tuple[Yielded, ...]:
        """Return the intensities and the points."""
        return tuple(
            step
            for percent in self.intensities_percent
            for step in (SetLaser(intensity_percent=percent), self._point(percent))
        )
