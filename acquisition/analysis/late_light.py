"""Light of the neutral dot that comes late after the laser pulse, when only single excitons are left.

A charged dot lives shorter and sends less of it, so that only the time in which the dot was neutral counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.accumulators import SurveyAccumulator
from acquisition.analysis.passes import AnalysisError, Passes, run_passes
from acquisition.analysis.recording import PhotonRecording
from acquisition.analysis.settings import AnalysisSettings

WELL_KNOWN = 0.2
"""Largest relative error of a share of light that others are compared with."""

SHORTER = 0.4
"""Relatively, the later half of the gate holds at least so much less of the light of a charged dot."""


@dataclass(frozen=True, slots=True)
class LateLight:
    """Late counts of several recordings, in the same pixels and delays.

    Attributes
    ----------
    counts, pulses : tuple of int
        Of each recording, the dark one first; 0 if the dot was never neutral in it. Dark counts come at any delay, so
        all those of the dark recording are counted, and its pulses are as many as would see them within the gate.
    """

    counts: tuple[int, ...]
    pulses: tuple[int, ...]

    def plain(self) -> dict[str, Any]:
        """Return plain data, by the names of values of a step."""
        return {"late_counts": list(self.counts), "late_pulses": list(self.pulses)}


def late_light(dark: PhotonRecording, lit: Sequence[PhotonRecording], after_ns: float, until_ns: float) -> LateLight:
    """Count the photons of recordings between two delays after time zero, while the dot is neutral.

    Region of pixels and time zero are found in the brightest recording. Of a recording in which no charge states
    can be told apart, all the time counts.

    Parameters
    ----------
    dark : PhotonRecording
        Without light, pulsed or not.
    lit : sequence of PhotonRecording
        All with the same laser period.
    after_ns, until_ns : float
        The gate.

    Raises
    ------
    AnalysisError
        If periods differ, there is no light, or the period ends before the gate.
    """
    if any(recording.info.period_ps != lit[0].info.period_ps for recording in lit):
        raise AnalysisError("the laser period differs between the recordings; measure all with one repetition rate")
    passes = [run_passes(recording, AnalysisSettings(), lambda text: None) for recording in lit]
    brightest = max(passes, key=lambda one: one.photons / max(one.pulses, 1))
    selection, survey = brightest.selection, brightest.survey
    if not selection.has_light:
        raise AnalysisError("there is no light in the brightest of the recordings; look at shutter, laser and place")
    first, end = (selection.time_zero_bin + round(delay_ns / survey.bin_ns) for delay_ns in (after_ns, until_ns))
    if end >= survey.pixel_delay.shape[1]:
        period_ns = 1e-3 * lit[0].info.period_ps
        raise AnalysisError(f"the gate ends {until_ns:g} ns after time zero, beyond the period of {period_ns:g} ns")
    pixel = np.arange(len(survey.mask))
    used = survey.mask & (pixel >= selection.region[0]) & (pixel < selection.region[1])
    dark_map, dark_pulses = _dark(dark)
    gates_in_period = 1e-3 * dark.info.period_ps / ((end - first) * survey.bin_ns)
    dark_counts, dark_gates = int(dark_map[used].sum()), round(dark_pulses * gates_in_period)
    neutral = [(found[used, first:end].sum(axis=0), pulses) for found, pulses in map(_neutral, passes)]
    kept = _longest_lived(neutral, dark_counts / max(dark_gates, 1))
    return LateLight(
        (dark_counts, *(int(gate.sum()) if keep else 0 for (gate, _), keep in zip(neutral, kept, strict=True))),
        (dark_gates, *(pulses if keep else 0 for (_, pulses), keep in zip(neutral, kept, strict=True))),
    )


def _longest_lived(neutral: Sequence[tuple[NDArray[np.int64], int]], dark_per_pulse: float) -> list[bool]:
    """Return which gates hold light as long-lived as the longest.

    A recording in which the dot was never neutral has a charged state first, with about half the lifetime.
    """
    shares, errors = [], []
    for gate, pulses in neutral:
        half = len(gate) // 2
        early, late = (float(part.sum()) - dark_per_pulse * pulses / 2 for part in (gate[:half], gate[half:]))
        light = max(early + late, 1.0)
        shares.append(late / light)
        errors.append(sqrt(max(float(gate.sum()), 1.0)) / light)
    known = [share for share, error in zip(shares, errors, strict=True) if error < WELL_KNOWN * share]
    if not known:
        return [True] * len(neutral)
    longest = max(known)
    return [longest - share < max(3 * error, SHORTER * longest) for share, error in zip(shares, errors, strict=True)]


def _neutral(passes: Passes) -> tuple[NDArray[np.int64], int]:
    """Return the pixel x delay map of the neutral dot and its laser pulses."""
    if passes.by_state is None or len(passes.charge_states.names) < 2:
        return passes.survey.pixel_delay, passes.survey.pulses
    pulses = int(np.sum(passes.charge_states.labels == 0)) * passes.pulses_per_bin
    return passes.by_state.pixel_delay[0], pulses


def _dark(recording: PhotonRecording) -> tuple[NDArray[np.int64], int]:
    accumulator = SurveyAccumulator(recording.info, recording.calibration)
    for block in recording.blocks():
        accumulator.update(block)
    survey = accumulator.snapshot()
    return survey.pixel_delay, survey.pulses
