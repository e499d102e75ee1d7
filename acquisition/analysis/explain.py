"""What could not be had from a recording, and why: the warnings of an analysis."""

from collections.abc import Mapping

from acquisition.analysis.decays import POOR_FIT
from acquisition.analysis.efficiencies import Efficiencies
from acquisition.analysis.emitters import EmitterCount
from acquisition.analysis.passes import Passes
from acquisition.analysis.recording import PhotonRecording
from acquisition.analysis.state_fits import StateFits

MOST_REASONS = 3
"""A warning about gaps names so many different reasons; all are in the losses of the results."""


def stream_warnings(recording: PhotonRecording, passes: Passes, fits: Mapping[str, StateFits]) -> list[str]:
    """Return what the stream itself, or what is known of the detector, does not give."""
    info, calibration = recording.info, recording.calibration
    if passes.photons == 0:
        return ["the recording holds no photons"]
    warnings = []
    if not info.pulsed:
        warnings.append("the stream has no laser pulses: no delays, so no lifetimes, charge states or cascades")
    elif not passes.selection.has_light:
        warnings.append("no light found: the delays are uniform, as those of dark counts are")
    elif not passes.charge_states.names:
        warnings.append("the recording is too short or too dim to assign charge states")
    if not passes.charge_states.resolved:
        warnings.append("charge states switch faster than the bins can follow; bins that hold a switch are left out")
    if info.pixel_count == 1:
        warnings.append("no pixels are told apart: all photons are taken as those of one, and crosstalk is not cut")
    if calibration.wavelength_nm is None:
        warnings.append("no wavelength of the pixels: no spectra, energies or PP fractions")
    elif calibration.relative_efficiency is None and fits:
        warnings.append(
            "no relative detection efficiency: spectra are as detected, and efficiencies carry an error for it"
        )
    if info.pulsed and not passes.selection.background.any() and calibration.dark_rate_cps is None:
        warnings.append(
            "the background is not known (the laser period leaves no delays without light, and there are no dark "
            "rates): g2, biexcitons, spectra and efficiencies are left out; a slower laser or dark rates give them"
        )
    if passes.gaps:
        pulses = sum(gap.end_pulse - gap.first_pulse for gap in passes.gaps)
        reasons = "; ".join(list(dict.fromkeys(gap.reason for gap in passes.gaps))[:MOST_REASONS])
        warnings.append(f"{_what_is_missing(len(passes.gaps), pulses)}: {reasons}")
    return warnings


def _what_is_missing(gaps: int, pulses: int) -> str:
    if pulses == 0:
        return "the stream is not whole"
    if pulses == gaps:  # a part goes on one pulse after the one before, however long nothing was recorded between
        how_often = "once" if gaps == 1 else f"{gaps} times"
        return f"the stream was interrupted {how_often}; the bins of that are left out"
    what = "1 gap of" if gaps == 1 else f"{gaps} gaps of together"
    return f"{what} {pulses} pulses in the stream; their bins are left out"


def state_warnings(
    fits: Mapping[str, StateFits], efficiencies: Efficiencies | None, emitters: EmitterCount
) -> list[str]:
    """Return what the charge states that were found do not give."""
    warnings = []
    if 0 < len(fits) < 3:
        warnings.append(
            f"{len(fits)} of 3 charge states found; that the longest-lived is the neutral one is an assumption"
        )
    for name, fit in fits.items():
        photons, pairs = fit.counts.photons.sum(), fit.counts.cascades
        if fit.decay is None:
            warnings.append(f"{name}: no decay could be fitted to the {photons:.0f} photons in region and window")
            continue
        if fit.decay.lifetime_bx_ns is None:
            warnings.append(f"{name}: too few cascades for a biexciton ({pairs} pairs, accidental ones included)")
        if fit.decay.cash_per_bin > POOR_FIT:
            warnings.append(
                f"{name}: the decay is not that of an exciton with a biexciton (deviance per degree of freedom "
                f"{fit.decay.cash_per_bin:.3g}); its errors are widened accordingly"
            )
    if efficiencies is not None and efficiencies.excitations_per_pulse is None:
        warnings.append(
            "the mean excitation per pulse could not be measured; efficiencies rest on the declared or assumed one"
        )
    if emitters.verdict == "several":
        warnings.append(
            "several emitters: what rests on cascades of one (biexcitons, efficiencies, rates) is left out; "
            "lifetimes and spectra of the excitons are mixtures"
        )
    return warnings
