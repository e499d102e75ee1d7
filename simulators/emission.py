"""Photons of a pulsed nanocrystal: Poisson excitation, cascades and detection, drawn without approximation.

Most pulses lead to no detected photon. The probability of any is known exactly, so those pulses
are skipped at once (geometric gaps), and what was detected is drawn given that something was.
"""

from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

from simulators.nanocrystal import state_properties
from simulators.optics import Optics
from simulators.sample import Emitter

CHARGES = (0, 1, 2)


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """The decay of the state with a given number of excitons, seen by the detector.

    Attributes
    ----------
    lifetime_ps : float
        Mean time until the state has decayed, with or without a photon.
    detection_probability : float
        Probability that the decay leads to a detected photon.
    pixel_cdf : float64 array, shape (pixels,)
        Cumulated share of each pixel in the detected photons; the last entry is 1.
    """

    lifetime_ps: float
    detection_probability: float
    pixel_cdf: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PulseTable:
    """Everything that a pulse can lead to in one charge state.

    Attributes
    ----------
    stages : tuple of Stage
        Stage of 1, 2, ... excitons.
    any_probability : float
        Probability that at least one photon of a pulse is detected.
    excitons, detected : int64 arrays, shape (patterns,)
        What can have happened if so: excitons made, and the detected stages as bits (bit 0: 1 exciton).
    pattern_cdf : float64 array, shape (patterns,)
        Cumulated probability of the patterns; the last entry is 1.
    """

    stages: tuple[Stage, ...]
    any_probability: float
    excitons: NDArray[np.int64]
    detected: NDArray[np.int64]
    pattern_cdf: NDArray[np.float64]


def stages(
    emitter: Emitter, charge: int, most_excitons: int, temperature_c: float, optics: Optics
) -> tuple[Stage, ...]:
    """Return the stages of 1 ... `most_excitons` excitons at one charge and temperature."""
    return tuple(_stage(emitter, n, charge, temperature_c, optics) for n in range(1, most_excitons + 1))


def _stage(emitter: Emitter, excitons: int, charge: int, temperature_c: float, optics: Optics) -> Stage:
    state = state_properties(emitter, excitons, charge, temperature_c)
    linewidth_ev = 1e-3 * emitter.spectrum.linewidth_mev
    shares = (1 - state.pp_fraction) * optics.lorentzian_shares(state.energy_ss_ev, linewidth_ev)
    shares += state.pp_fraction * optics.lorentzian_shares(state.energy_pp_ev, linewidth_ev)
    detected = np.cumsum(shares * optics.pixel_efficiency())
    total = float(detected[-1])
    cdf = detected / total if total > 0 else np.ones_like(detected)
    return Stage(1e3 * state.lifetime_ns, state.quantum_efficiency * total, cdf)


def exciton_number_probabilities(excitations_per_pulse: float, most_excitons: int) -> list[float]:
    """Return the probabilities of 0 ... `most_excitons` excitons after a pulse (Poisson, the rest in the last)."""
    probabilities = [exp(-excitations_per_pulse)]
    for n in range(1, most_excitons):
        probabilities.append(probabilities[-1] * excitations_per_pulse / n)
    return [*probabilities, max(0.0, 1.0 - sum(probabilities))]


def pulse_table(cascade: tuple[Stage, ...], excitations_per_pulse: float) -> PulseTable:
    """Return the table of all patterns of detected stages with their exact probabilities."""
    made = exciton_number_probabilities(excitations_per_pulse, len(cascade))
    excitons, detected, weights = [], [], []
    for n in range(1, len(cascade) + 1):
        for pattern in range(1, 1 << n):
            weight = made[n]
            for bit in range(n):
                seen = cascade[bit].detection_probability
                weight *= seen if pattern >> bit & 1 else 1.0 - seen
            excitons.append(n)
            detected.append(pattern)
            weights.append(weight)
    cumulated = np.cumsum(weights)
    total = float(cumulated[-1])
    cdf = cumulated / total if total > 0 else np.ones_like(cumulated)
    return PulseTable(cascade, total, np.array(excitons), np.array(detected), cdf)


def draw_photons(
    table: PulseTable, rng: np.random.Generator, begin_pulse: int, end_pulse: int, period_ps: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return times and pixels of the detected photons of the pulses [begin_pulse, end_pulse).

    Pulses are assumed to be so far apart that the nanocrystal is back in its ground state.

    Returns
    -------
    time_ps : float64 array, shape (n,)
        Time of emission after pulse 0; not sorted.
    pixel : int64 array, shape (n,)
        Pixel that absorbs the photon.
    """
    pulses = begin_pulse + draw_successes(rng, table.any_probability, end_pulse - begin_pulse)
    pattern = np.searchsorted(table.pattern_cdf, rng.random(len(pulses)), side="right")
    made, seen = table.excitons[pattern], table.detected[pattern]
    time_ps = pulses * period_ps
    times, pixels = [np.empty(0)], [np.empty(0, np.int64)]
    for bit in reversed(range(len(table.stages))):
        stage = table.stages[bit]
        passes = np.flatnonzero(made > bit)
        time_ps[passes] += stage.lifetime_ps * rng.standard_exponential(len(passes))
        detected = passes[(seen[passes] >> bit & 1).astype(bool)]
        times.append(time_ps[detected])
        pixels.append(draw_pixels(rng, stage.pixel_cdf, len(detected)))
    return np.concatenate(times), np.concatenate(pixels)


def draw_successes(rng: np.random.Generator, probability: float, trials: int) -> NDArray[np.int64]:
    """Return the positions of the successes, ascending, among `trials` independent trials."""
    if probability <= 0 or trials <= 0:
        return np.empty(0, np.int64)
    parts: list[NDArray[np.int64]] = []
    last = -1
    while last < trials:
        mean = (trials - last) * probability
        gaps = rng.geometric(probability, int(mean + 6 * mean**0.5) + 8)
        parts.append(last + np.cumsum(gaps))
        last = int(parts[-1][-1])
    positions = np.concatenate(parts)
    return positions[: np.searchsorted(positions, trials)]


def draw_pixels(rng: np.random.Generator, pixel_cdf: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return `count` pixels drawn from a cumulated distribution."""
    from simulators.pixel_search import first_above  # the compiled code is loaded only here

    found: NDArray[np.int64] = first_above(np.ascontiguousarray(pixel_cdf), rng.random(count))
    return found
