"""What the figures of a report are drawn from: named arrays and plain values, small enough to keep with a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.analyze import Analysis
from acquisition.analysis.results import results_of
from acquisition.analysis.spectra import pixel_edges_ev
from acquisition.report.state_arrays import decay_arrays, emission_arrays, spectrum_arrays

Array = NDArray[Any]

LEAST_LIGHT = 5.0
"""A trace bin gets a mean delay if its light is at least so many standard deviations of its counts."""


@dataclass(frozen=True, slots=True, eq=False)
class FigureData:
    """Everything that the figures of one point need.

    Attributes
    ----------
    arrays : mapping of str to array
        ``trace/...`` (per bin of the count trace), ``survey/...`` (per pixel and per delay),
        ``spectrum/<state>/...`` (per pixel of the region), ``emission/<charge>/...`` (pixel x delay),
        ``decay/<charge>/...``, ``g2/<charge>/pairs_counts`` (by pulse lag from 0). The unit is the end of the name.
    values : mapping of str to plain data
        ``results`` as in results.json, and what belongs to the arrays: bin widths, levels, lines.
    """

    arrays: Mapping[str, Array]
    values: Mapping[str, Any]

    @property
    def results(self) -> dict[str, Any]:
        """The content of results.json."""
        results: dict[str, Any] = self.values["results"]
        return results

    @property
    def charges(self) -> tuple[str, ...]:
        """Charge states that were found: ``neutral``, ``minus1``, ``minus2``."""
        return tuple(self.values["charges"])

    def group(self, name: str) -> dict[str, Array]:
        """Return the arrays of a group by their names in it; empty if there is no such group."""
        start = name + "/"
        return {key.removeprefix(start): array for key, array in self.arrays.items() if key.startswith(start)}

    def estimate(self, state: str, quantity: str) -> tuple[float, float] | None:
        """Return value and error of a quantity of a state as in results.json; None if it was not found."""
        found = self.results.get("states", {}).get(state, {}).get(quantity)
        return None if found is None else (float(found["value"]), float(found["error"]))


def figure_data(analysis: Analysis) -> FigureData:
    """Take from an analysis what the figures need: below 5 MB for ten minutes, 9 bytes per bin of the count trace."""
    passes, info = analysis.passes, analysis.info
    arrays: dict[str, Array] = {}
    arrays |= _named("trace", _trace(analysis))
    arrays |= _named("survey", _survey(analysis))
    for index, name in enumerate(passes.charge_states.names):
        fit = analysis.fits.get(name)
        if fit is None:
            continue
        arrays |= _named(f"decay/{name}", decay_arrays(analysis, index, fit))
        arrays[f"g2/{name}/pairs_counts"] = fit.counts.pair_lag.sum(axis=1)
        arrays |= _named(f"emission/{name}", emission_arrays(analysis, index, fit))
        for state, spectrum in spectrum_arrays(analysis, name).items():
            arrays |= _named(f"spectrum/{state}", spectrum)
    values = {
        "results": results_of(analysis),
        "charges": list(passes.charge_states.names),
        "pulsed": info.pulsed,
        "has_light": passes.selection.has_light,
        "period_ns": info.period_ps / 1e3,
        "pixel_count": info.pixel_count,
        "map_bin_ns": passes.survey.bin_ns,
        "trace_bin_s": passes.pulses_per_bin * info.period_ps * 1e-12,
        "trace_background_counts": _background_per_trace_bin(analysis),
        "time_zero_ns": analysis.time_zero.time_ns,
        "temperature_k": analysis.temperature_k,
        "response_known": analysis.calibration.relative_efficiency is not None,
        "region_pixels": list(passes.selection.region),
        "window_bins": list(passes.selection.window),
    }
    return FigureData(arrays, values)


def _named(group: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {f"{group}/{name}": array for name, array in arrays.items()}


def _background_per_trace_bin(analysis: Analysis) -> float:
    passes = analysis.passes
    region, (start, end) = slice(*passes.selection.region), passes.selection.window
    return float(analysis.background[region].sum() * (end - start) * passes.pulses_per_bin)


def _trace(analysis: Analysis) -> dict[str, Array]:
    """Return counts of region and window per whole bin, mean delay of the light among them, and charge state."""
    passes = analysis.passes
    whole = passes.pulses // passes.pulses_per_bin
    counts = passes.all_states.trace.sum(axis=1)[:whole]
    found: dict[str, Array] = {
        "counts": counts.astype(np.int32),
        "charge": passes.charge_states.labels[:whole].astype(np.int8),
    }
    if analysis.info.pulsed and passes.selection.has_light:
        background = _background_per_trace_bin(analysis)
        middle_ns = 0.5 * sum(passes.selection.window) * passes.survey.bin_ns
        light = counts - background
        sum_ns = passes.all_states.trace_delay_ps[:whole] / 1e3 - background * middle_ns
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.where(light > LEAST_LIGHT * np.sqrt(counts), sum_ns / light, np.nan)
        found["mean_delay_ns"] = (mean - analysis.time_zero.time_ns).astype(np.float32)
    return found


def _survey(analysis: Analysis) -> dict[str, Array]:
    """Return counts per pixel and per delay of the whole stream, before anything is selected."""
    survey, selection = analysis.passes.survey, analysis.passes.selection
    used = survey.pixel_delay[slice(*selection.region)] * survey.mask[slice(*selection.region), None]
    found: dict[str, Array] = {
        "pixel_counts": survey.pixel_delay.sum(axis=1),
        "pixel_background_counts": analysis.background * survey.pixel_delay.shape[1] * survey.pulses,
        "used": survey.mask.astype(np.int8),
        "delay_counts": used.sum(axis=0),
        "background_delay": selection.background.astype(np.int8),
    }
    wavelength_nm = analysis.calibration.wavelength_nm
    if wavelength_nm is not None:
        found["wavelength_nm"] = wavelength_nm
        found["low_ev"], found["high_ev"] = pixel_edges_ev(wavelength_nm)
    return found
