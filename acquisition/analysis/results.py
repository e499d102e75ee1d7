"""The numbers of an analysis as plain data: what `results.json` holds."""

from typing import Any

from acquisition.analysis.analyze import Analysis
from acquisition.analysis.estimate import Estimate


def results_of(analysis: Analysis) -> dict[str, Any]:
    """Return the results as plain data; what was not found is absent.

    Returns
    -------
    dict
        ``simulated``, ``photons``, ``states``, ``assumed`` (numbers that were not measured, as
        ``state.name``), ``g2``, ``model``, ``emitters``, ``excitations_per_pulse``, ``charge_states``,
        ``selection``, ``losses``, ``warnings``, ``photons_by_pixel``.
    """
    passes = analysis.passes
    results: dict[str, Any] = {"photons": passes.photons}
    if analysis.simulated is not None:
        results["simulated"] = analysis.simulated
    results["duration_s"] = passes.pulses * analysis.info.period_ps * 1e-12
    results["states"] = {name: values.plain() for name, values in analysis.states.items()}
    numbers = [(state, name, one) for state, found in results["states"].items() for name, one in found.items()]
    results["assumed"] = [f"{state}.{name}" for state, name, one in numbers if one["error"] == 0]
    results["g2"] = _g2(analysis)
    if analysis.model is not None:
        model = analysis.model
        results["model"] = {
            "B_per_us": model.b_per_us.plain(),
            "C_minus_per_us": model.c_minus_per_us.plain(),
            "C_plus_per_us": model.c_plus_per_us.plain(),
            "occupations": "microstates",
            "temperature_k": analysis.temperature_k,
            "scatter": model.scatter,
        }
    emitters: dict[str, Any] = {"verdict": analysis.emitters.verdict}
    if analysis.emitters.g2_gated is not None:
        emitters["g2_gated"] = analysis.emitters.g2_gated.plain()
    if analysis.emitters.slow_pairs:
        emitters["slow_pairs"] = list(analysis.emitters.slow_pairs)
    results["emitters"] = emitters
    if analysis.efficiencies is not None and analysis.efficiencies.excitations_per_pulse is not None:
        results["excitations_per_pulse"] = analysis.efficiencies.excitations_per_pulse.plain()
    results["charge_states"] = _charge_states(analysis)
    results["selection"] = _selection(analysis)
    results["losses"] = _losses(analysis)
    results["warnings"] = list(analysis.warnings)
    results["photons_by_pixel"] = _photons_by_pixel(analysis)  # last, as it is long
    return results


def _photons_by_pixel(analysis: Analysis) -> dict[str, int]:
    """Photons of each pixel that has any, over all delays."""
    counts = analysis.passes.survey.pixel_delay.sum(axis=1)
    return {str(pixel): int(counts[pixel]) for pixel in counts.nonzero()[0]}


def _g2(analysis: Analysis) -> dict[str, Any]:
    """g2 by charge state, for an endless window; with pair counts and the finite-excitation correction."""
    found: dict[str, Any] = {}
    for name, fit in analysis.fits.items():
        if fit.g2 is None:
            continue
        ratio = fit.g2.center_over_side
        entry: dict[str, Any] = {}
        efficiencies = analysis.efficiencies
        if efficiencies is not None and name in efficiencies.window_share:
            share = efficiencies.window_share[name]
            ratio = Estimate(ratio.value * share, ratio.error * share)
            entry["center_over_side_per_efficiency_ratio"] = efficiencies.correction[name]
        found[name] = {"center_over_side": ratio.plain(), **entry}
        found[name] |= {
            "center_pairs": fit.g2.center_pairs,
            "accidental_pairs": fit.g2.accidental_pairs,
            "side_pairs_per_lag": fit.g2.side_pairs,
            "cascades": fit.counts.cascades,
        }
    return found


def _charge_states(analysis: Analysis) -> dict[str, Any]:
    passes, states = analysis.passes, analysis.passes.charge_states
    bin_s = passes.pulses_per_bin * analysis.info.period_ps * 1e-12
    found: dict[str, Any] = {"bin_width_s": bin_s, "bins": len(states.labels)}
    found["unassigned_bins"] = int((states.labels < 0).sum())
    for i, name in enumerate(states.names):
        bins = int((states.labels == i).sum())
        found[name] = {"bins": bins, "time_s": bins * bin_s, "contamination": 1.0 - float(states.confusion[i, i])}
        if states.dwell_s[i] < len(states.labels) * bin_s:
            found[name]["dwell_s"] = states.dwell_s[i]
    return found


def _selection(analysis: Analysis) -> dict[str, Any]:
    passes, settings = analysis.passes, analysis.settings
    selection, bin_ns = passes.selection, passes.survey.bin_ns
    return {
        "region_pixels": list(selection.region),
        "region_chosen": "automatically" if settings.region is None else "by settings",
        "window_ns": [bin_ns * edge for edge in selection.window],
        "window_chosen": "automatically" if settings.window_ns is None else "by settings",
        "time_zero_ns": {"value": analysis.time_zero.time_ns, "error": analysis.time_zero.error_ns},
        "irf_sigma_ns": analysis.time_zero.irf_sigma_ns,
        "unused_pixels": [int(p) for p in (~passes.survey.mask).nonzero()[0]],
        "crosstalk_cut": {"pixels": settings.crosstalk_pixels, "window_ns": settings.crosstalk_window_ns},
        "multiexciton": settings.multiexciton,
    }


def _losses(analysis: Analysis) -> dict[str, Any]:
    gaps = analysis.passes.gaps
    return {
        "gaps": [{"first_pulse": g.first_pulse, "end_pulse": g.end_pulse, "reason": g.reason} for g in gaps],
        "pulses_lost": sum(g.end_pulse - g.first_pulse for g in gaps),
    }
