"""The whole analysis of a photon recording: states, spectra, lifetimes, efficiencies, g2, rates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.contamination import with_contamination
from acquisition.analysis.efficiencies import Efficiencies
from acquisition.analysis.emitters import GATE_LIFETIMES, MOST_OVER_MODEL, EmitterCount, count_emitters
from acquisition.analysis.explain import state_warnings, stream_warnings
from acquisition.analysis.passes import Passes, background_per_pulse, run_passes
from acquisition.analysis.rate_model import RateModelFit, fit_rate_model
from acquisition.analysis.recording import Calibration, PhotonRecording
from acquisition.analysis.settings import AnalysisSettings
from acquisition.analysis.state_fits import (
    ROUNDS,
    START_EXCITATIONS_PER_PULSE,
    StateAnalysis,
    StateFits,
    lifetimes_only,
)
from acquisition.analysis.state_spectra import StateSpectra, detected_shares, fit_state_spectra
from acquisition.analysis.state_table import StateValues, state_values
from acquisition.analysis.time_zero import TimeZero, fit_time_zero
from acquisition.photophysics.microstates import ROOM_TEMPERATURE_K, Levels
from drivers.interfaces.photons import PhotonStreamInfo

ZERO_CELSIUS_K = 273.15


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """Everything the analysis found in a recording.

    Attributes
    ----------
    info, calibration, simulated
        As the recording says.
    settings : AnalysisSettings
    temperature_k : float
        Temperature that the model used, in K.
    passes : Passes
        Histograms, count trace, charge states, selection.
    background : float64 array, shape (pixels,)
        Background counts per pulse and bin of the map.
    time_zero : TimeZero
    fits, spectra : dict by charge state
    efficiencies : Efficiencies or None
    states : dict of StateValues by state (X, X-, ...)
    model : RateModelFit or None
    emitters : EmitterCount
    warnings : tuple of str
        What could not be had from the recording, and why; what was assumed.
    """

    info: PhotonStreamInfo
    calibration: Calibration
    simulated: bool | None
    settings: AnalysisSettings
    temperature_k: float
    passes: Passes
    background: NDArray[np.float64]
    time_zero: TimeZero
    fits: dict[str, StateFits]
    spectra: dict[str, StateSpectra]
    efficiencies: Efficiencies | None
    states: dict[str, StateValues]
    model: RateModelFit | None
    emitters: EmitterCount
    warnings: tuple[str, ...]


def analyze(
    recording: PhotonRecording,
    settings: AnalysisSettings | None = None,
    progress: Callable[[str], None] | None = None,
) -> Analysis:
    """Analyse a photon recording.

    Parameters
    ----------
    recording : PhotonRecording
    settings : AnalysisSettings or None
        None for the defaults: region and window chosen from the data.
    progress : callable or None
        Is told in words what is being done.
    """
    settings = settings or AnalysisSettings()
    report = progress or (lambda text: None)
    info, calibration = recording.info, recording.calibration
    warnings: list[str] = []
    temperature_k = _temperature(recording, settings, warnings)
    passes = run_passes(recording, settings, report)
    level = background_per_pulse(passes.survey, passes.selection, calibration.dark_rate_cps)
    zero = fit_time_zero(passes.all_states.fine_delay, passes.all_states.fine_bin_ns)
    report("fitting decays, spectra and efficiencies")
    states = StateAnalysis(passes, level, zero, info.period_ps / 1e3, temperature_k, Levels(), settings)
    fits, spectra, efficiencies = _fit_rounds(states, calibration, recording, temperature_k, settings)
    slow = _slow_biexcitons(states, fits)
    emitters = count_emitters_of(states, fits).with_slow_pairs(tuple(slow))
    warnings += slow.values()
    known = bool(passes.selection.background.any()) or calibration.dark_rate_cps is not None
    if not known:
        fits, spectra, efficiencies, emitters = lifetimes_only(fits), {}, None, EmitterCount("undecided", None)
    values = state_values(fits, spectra, efficiencies, one_emitter=known and emitters.verdict != "several")
    warnings += stream_warnings(recording, passes, fits) + state_warnings(fits, efficiencies, emitters)
    return Analysis(
        info=info,
        calibration=calibration,
        simulated=recording.simulated,
        settings=settings,
        temperature_k=temperature_k,
        passes=passes,
        background=level,
        time_zero=zero,
        fits=fits,
        spectra=spectra,
        efficiencies=efficiencies,
        states=values,
        model=rate_model_of(values, temperature_k),
        emitters=emitters,
        warnings=tuple(warnings),
    )


def _temperature(recording: PhotonRecording, settings: AnalysisSettings, warnings: list[str]) -> float:
    if settings.temperature_k is not None:
        return settings.temperature_k
    if "temperature_c" in recording.conditions:
        return recording.conditions["temperature_c"] + ZERO_CELSIUS_K
    warnings.append(f"the recording does not say its temperature: {ROOM_TEMPERATURE_K:g} K assumed")
    return ROOM_TEMPERATURE_K


def _fit_rounds(
    states: StateAnalysis,
    calibration: Calibration,
    recording: PhotonRecording,
    temperature_k: float,
    settings: AnalysisSettings,
) -> tuple[dict[str, StateFits], dict[str, StateSpectra], Efficiencies | None]:
    """Fit until the mean excitation, on which small corrections rest, has settled."""
    mu = recording.conditions.get("excitations_per_pulse", START_EXCITATIONS_PER_PULSE)
    ratio: dict[str, float] = {}
    fits: dict[str, StateFits] = {}
    spectra: dict[str, StateSpectra] = {}
    efficiencies: Efficiencies | None = None
    for _ in range(ROUNDS):
        fits = with_contamination(states.fit(mu, ratio), states.passes.charge_states.confusion)
        if calibration.wavelength_nm is not None:
            spectra = fit_state_spectra(states, fits, calibration, mu, temperature_k, settings)
        efficiencies = states.efficiencies(fits, detected_shares(states.passes, calibration, spectra), mu)
        if efficiencies is None or efficiencies.excitations_per_pulse is None:
            break
        mu = float(np.clip(efficiencies.excitations_per_pulse.value, 0.001, 3.0))
        ratio = {
            name: bx.value / (efficiencies.efficiency_x[name].value if name in efficiencies.efficiency_x else 1.0)
            for name, bx in efficiencies.efficiency_bx.items()
        }
    return fits, spectra, efficiencies


def _slow_biexcitons(states: StateAnalysis, fits: dict[str, StateFits]) -> dict[str, str]:
    """Return a warning for each biexciton that lives longer than any should, by three standard errors."""
    warnings: dict[str, str] = {}
    for name, fit in fits.items():
        if fit.decay is None or fit.decay.lifetime_bx_ns is None:
            continue
        bx, expected = fit.decay.lifetime_bx_ns, states.multi[name].bx_over_x * fit.decay.lifetime_x_ns.value
        if bx.value - 3.0 * bx.error > MOST_OVER_MODEL * expected:
            warnings[name] = (
                f"{name}: pairs decay with {bx.value:.3g} ns, which is long for a biexciton (the model expects "
                f"{expected:.2g} ns); uncorrelated pairs of several emitters would"
            )
    return warnings


def rate_model_of(values: Mapping[str, StateValues], temperature_k: float) -> RateModelFit | None:
    """Fit the rate constants to the rates of the states that have any; None if they do not suffice."""
    return fit_rate_model(
        {name: v.k_rad_per_us for name, v in values.items() if v.k_rad_per_us is not None},
        {name: v.k_nonrad_per_us for name, v in values.items() if v.k_nonrad_per_us is not None},
        temperature_k,
        Levels(),
    )


def count_emitters_of(states: StateAnalysis, fits: Mapping[str, StateFits]) -> EmitterCount:
    """Tell one emitter from several by the pairs whose earlier photon comes after most biexcitons have decayed."""
    gated = []
    for name, fit in fits.items():
        if fit.decay is None:
            continue
        bx, expected = fit.decay.lifetime_bx_ns, states.multi[name].bx_over_x * fit.decay.lifetime_x_ns.value
        lifetime = bx.value if bx is not None and bx.value < MOST_OVER_MODEL * expected else expected
        edges = states.data[name].first_edges_ns
        gate = int(np.searchsorted(edges, GATE_LIFETIMES * lifetime))
        if gate < len(edges) - 2:
            gated.append((fit.counts, gate, float(np.exp(-edges[gate] / lifetime))))
    return count_emitters(gated) if gated else EmitterCount("undecided", None)
