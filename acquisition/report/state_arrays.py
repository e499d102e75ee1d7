"""Arrays of one charge state: decays, emission map and spectra, as the figures show them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.analyze import Analysis
from acquisition.analysis.spectra import SpectrumFit, lorentzian_in_pixels, pixel_edges_ev
from acquisition.analysis.state_fits import StateFits
from acquisition.analysis.state_table import BIEXCITON_OF, EXCITON_OF

Array = NDArray[Any]

MAP_STEPS_NS = ((0.0, 1.0), (30.0, 2.0), (60.0, 5.0), (120.0, 10.0))
"""Delay bins of the emission map: from this delay on, bins of this width."""


def decay_arrays(analysis: Analysis, index: int, fit: StateFits) -> dict[str, Array]:
    """Return the total decay over the whole period and the decay of first photons, with their fits.

    Delays count from time zero. Without a fit only the counts are there.
    """
    passes = analysis.passes
    assert passes.by_state is not None  # noqa: S101 - called for found states only
    region = slice(*passes.selection.region)
    counts = (passes.by_state.pixel_delay[index, region] * passes.survey.mask[region, None]).sum(axis=0)
    edges = np.arange(len(counts) + 1) * passes.survey.bin_ns - analysis.time_zero.time_ns
    level = float(analysis.background[region].sum()) * fit.counts.pulses
    found: dict[str, Array] = {
        "edges_ns": edges,
        "counts": counts,
        "background_counts": np.full(len(counts), level),
    }
    if fit.decay is not None:
        found |= {
            "fit_edges_ns": fit.decay.edges_ns,
            "fit_counts": fit.decay.counts,
            "fit_model_counts": fit.decay.model,
            "first_edges_ns": fit.decay.first_edges_ns,
            "first_counts": fit.decay.first_counts,
            "first_model_counts": fit.decay.first_model,
            "first_accidental_counts": fit.decay.first_accidental,
        }
    return found


def map_edges(end_ns: float, bin_ns: float) -> NDArray[np.int64]:
    """Return the edges of the emission map's delay bins, in bins of `bin_ns` from time zero to `end_ns`."""
    edges = [0]
    while edges[-1] * bin_ns < end_ns:
        position = edges[-1] * bin_ns
        step_ns = [step for start, step in MAP_STEPS_NS if start <= position + 1e-9][-1]
        edges.append(edges[-1] + max(1, round(step_ns / bin_ns)))
    last = int(end_ns / bin_ns)
    return np.array([edge for edge in edges if edge <= last], dtype=np.int64)


def emission_arrays(analysis: Analysis, index: int, fit: StateFits) -> dict[str, Array]:
    """Return the light of a charge state by pixel of the region and delay; nothing without a wavelength axis.

    ``light_counts`` has the shape (pixels, delays), background subtracted; ``variance_counts`` is its variance.
    Pixels that are not used hold NaN.
    """
    passes, wavelength_nm = analysis.passes, analysis.calibration.wavelength_nm
    assert passes.by_state is not None  # noqa: S101 - called for found states only
    zero, end = passes.selection.time_zero_bin, passes.selection.window[1]
    edges = zero + map_edges((end - zero) * passes.survey.bin_ns, passes.survey.bin_ns)
    if wavelength_nm is None or len(edges) < 3:
        return {}
    region = slice(*passes.selection.region)
    counts = np.add.reduceat(passes.by_state.pixel_delay[index, region, : edges[-1]], edges[:-1], axis=1)
    background = analysis.background[region, None] * np.diff(edges) * fit.counts.pulses
    unused = ~passes.survey.mask[region]
    light = counts - background
    light[unused] = np.nan
    low, high = pixel_edges_ev(wavelength_nm)
    return {
        "light_counts": light.astype(np.float32),
        "variance_counts": counts.astype(np.float32),
        "delay_edges_ns": edges * passes.survey.bin_ns - analysis.time_zero.time_ns,
        "low_ev": low[region],
        "high_ev": high[region],
        "response": _response(analysis)[region],
    }


def _response(analysis: Analysis) -> Array:
    efficiency = analysis.calibration.relative_efficiency
    if efficiency is None:
        return np.ones(analysis.info.pixel_count)
    return np.asarray(efficiency / efficiency.max())


def spectrum_arrays(analysis: Analysis, charge: str) -> dict[str, dict[str, Array]]:
    """Return counts and light per eV of the fitted spectra of exciton and biexciton, by state."""
    spectra = analysis.spectra.get(charge)
    if spectra is None:
        return {}
    fits = {EXCITON_OF[charge]: spectra.x, BIEXCITON_OF[charge]: spectra.bx}
    return {state: _spectrum(fit) for state, fit in fits.items() if fit is not None}


def _spectrum(fit: SpectrumFit) -> dict[str, Array]:
    """Light per eV is corrected for the response; the lines are shown as their shares of the fitted light."""
    data, lines = fit.data, fit.lines
    with np.errstate(divide="ignore", invalid="ignore"):
        per_ev = np.where(data.response > 0, 1.0 / (data.response * (data.high_ev - data.low_ev)), np.nan)
    ss = (1.0 - lines.pp_fraction) * lorentzian_in_pixels(
        data.low_ev, data.high_ev, lines.energy_ss_ev, lines.width_ss_ev
    )
    share_ss = ss / np.maximum(lines.in_pixels(data.low_ev, data.high_ev), 1e-12)
    model = (fit.model - data.background) * per_ev
    return {
        "low_ev": data.low_ev,
        "high_ev": data.high_ev,
        "response": data.response,
        "counts": data.counts,
        "background_counts": data.background,
        "model_counts": fit.model,
        "light_per_ev": (data.counts - data.background) * per_ev,
        "light_error_per_ev": np.sqrt(np.maximum(data.counts, 1.0) + data.background_variance) * per_ev,
        "model_per_ev": model,
        "ss_per_ev": model * share_ss,
        "pp_per_ev": model * (1.0 - share_ss),
    }
