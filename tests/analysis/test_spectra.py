"""Line energies, PP fractions and shares from spectra drawn from the forward model."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from acquisition.analysis.spectra import (
    HC_EV_NM,
    Admixture,
    Lines,
    SpectrumData,
    fit_spectrum,
    lorentzian_in_pixels,
    pixel_edges_ev,
)
from tests.analysis.pulls import Pulls

FloatArray = NDArray[np.float64]

WAVELENGTH_NM = 450.0 + 1.84 * np.arange(320)
REGION = slice(107, 151)
LOW_EV, HIGH_EV = (edges[REGION] for edges in pixel_edges_ev(WAVELENGTH_NM))
RESPONSE = np.linspace(1.0, 0.7, 44)
NEUTRAL = Lines(1.78, 1.837, 0.239, 0.05, 0.05)
BIEXCITON = Lines(1.774, 1.831, 0.314, 0.05, 0.05)


def data_of(
    lines: Lines, light: float, dark: float, seed: int | None, measured_for: float | None = None
) -> SpectrumData:
    """Spectrum of `light` photons on `dark` counts per pixel; the dark level is known, or measured so much longer."""
    shape = RESPONSE * lines.in_pixels(LOW_EV, HIGH_EV)
    level = np.full(len(shape), dark)
    counts, background = light * shape / shape.sum() + level, level
    if seed is not None:
        rng = np.random.default_rng(seed)
        counts = rng.poisson(counts).astype(float)
        if measured_for is not None:
            background = rng.poisson(level * measured_for) / measured_for
    variance = background / measured_for if measured_for is not None else np.zeros_like(level)
    return SpectrumData(LOW_EV, HIGH_EV, RESPONSE, counts, background, variance)


def mixed(light: float, share: float, seed: int | None) -> SpectrumData:
    """A biexciton spectrum with this share of triexcitons in it."""
    triexciton = BIEXCITON.shifted(-0.006, 0.4)
    shape = RESPONSE * (
        (1 - share) * BIEXCITON.in_pixels(LOW_EV, HIGH_EV) + share * triexciton.in_pixels(LOW_EV, HIGH_EV)
    )
    counts = light * shape / shape.sum() + 40.0
    drawn = counts if seed is None else np.random.default_rng(seed).poisson(counts).astype(float)
    return SpectrumData(LOW_EV, HIGH_EV, RESPONSE, drawn, np.full(44, 40.0), np.zeros(44))


def test_pixel_edges_meet_and_ascend_in_energy() -> None:
    low, high = pixel_edges_ev(WAVELENGTH_NM)
    assert low[:-1] == pytest.approx(high[1:])
    assert np.all(high > low)
    assert np.all((low < HC_EV_NM / WAVELENGTH_NM) & (high > HC_EV_NM / WAVELENGTH_NM))


def test_pixel_edges_do_not_depend_on_the_direction_of_the_axis() -> None:
    low, high = pixel_edges_ev(WAVELENGTH_NM)
    low_back, high_back = pixel_edges_ev(WAVELENGTH_NM[::-1].copy())
    assert low_back[::-1] == pytest.approx(low)
    assert high_back[::-1] == pytest.approx(high)


def test_a_line_is_a_density_per_ev_that_the_pixels_integrate() -> None:
    share = lorentzian_in_pixels(LOW_EV, HIGH_EV, 1.78, 0.05)
    center = 0.5 * (LOW_EV + HIGH_EV)
    density = 0.025 / np.pi / ((center - 1.78) ** 2 + 0.025**2)
    assert share == pytest.approx(density * (HIGH_EV - LOW_EV), rel=0.01)
    whole = lorentzian_in_pixels(np.array([-1e6]), np.array([1e6]), 1.78, 0.05)
    assert whole[0] == pytest.approx(1.0, abs=1e-6)


def test_lines_of_the_exciton_lie_within_their_errors() -> None:
    pulls, goodness = Pulls(), []
    for seed in range(80):
        fit = fit_spectrum(data_of(NEUTRAL, 600_000, 5000.0, seed, measured_for=12.0))
        assert fit is not None
        pulls.add("SS", fit.energy_ss_ev, NEUTRAL.energy_ss_ev)
        pulls.add("PP", fit.energy_pp_ev, NEUTRAL.energy_pp_ev)
        pulls.add("PP fraction", fit.pp_fraction, NEUTRAL.pp_fraction)
        goodness.append(fit.chi2_per_pixel)
    pulls.assert_right()
    assert np.mean(goodness) == pytest.approx(1.0, abs=5 * np.sqrt(2 / 40 / 80))


def test_lines_of_the_biexciton_lie_within_their_errors_with_triexcitons_in_the_spectrum() -> None:
    pulls = Pulls()
    for seed in range(80):
        admixture = Admixture(0.08, -0.006, 0.4 / BIEXCITON.pp_fraction)
        fit = fit_spectrum(mixed(3000, 0.08, seed), admixture=admixture, width_ev=0.05)
        assert fit is not None
        pulls.add("SS", fit.energy_ss_ev, BIEXCITON.energy_ss_ev)
        pulls.add("PP", fit.energy_pp_ev, BIEXCITON.energy_pp_ev)
        pulls.add("PP fraction", fit.pp_fraction, BIEXCITON.pp_fraction)
    pulls.assert_right()


def test_ignored_triexcitons_bias_the_biexciton_spectrum() -> None:
    fit = fit_spectrum(mixed(1e7, 0.2, None), width_ev=0.05)
    assert fit is not None
    assert fit.energy_ss_ev.value < BIEXCITON.energy_ss_ev - 3 * fit.energy_ss_ev.error
    assert fit.pp_fraction.value > BIEXCITON.pp_fraction + 3 * fit.pp_fraction.error


def test_a_response_that_is_not_corrected_biases_the_pp_fraction() -> None:
    right = data_of(NEUTRAL, 1e7, 5000.0, None)
    wrong = fit_spectrum(replace(right, response=np.ones(44)))
    fit = fit_spectrum(right)
    assert fit is not None
    assert wrong is not None
    assert fit.pp_fraction.value == pytest.approx(0.239, abs=1e-4)
    assert wrong.pp_fraction.value > 0.26


def test_two_widths_are_told_apart_if_asked_for() -> None:
    lines = Lines(1.78, 1.837, 0.3, 0.045, 0.07)
    fit = fit_spectrum(data_of(lines, 1e7, 5000.0, None), common_linewidth=False)
    assert fit is not None
    assert fit.lines.width_ss_ev == pytest.approx(0.045, rel=0.01)
    assert fit.lines.width_pp_ev == pytest.approx(0.07, rel=0.02)


def test_masked_pixels_are_not_looked_at() -> None:
    data = data_of(NEUTRAL, 600_000, 5000.0, 1)
    response, counts = RESPONSE.copy(), data.counts.copy()
    response[20], counts[20] = 0.0, 1e6
    fit = fit_spectrum(replace(data, response=response, counts=counts))
    assert fit is not None
    assert fit.energy_ss_ev.value == pytest.approx(1.78, abs=5 * fit.energy_ss_ev.error)


@pytest.mark.parametrize(("light", "dark"), [(0.0, 0.0), (0.0, 5000.0), (40.0, 0.0)])
def test_too_little_light_gives_no_fit(light: float, dark: float) -> None:
    assert fit_spectrum(data_of(NEUTRAL, light, dark, 3)) is None


def test_errors_shrink_with_the_root_of_the_light() -> None:
    dim, bright = (fit_spectrum(data_of(NEUTRAL, light, 0.0, None)) for light in (1e5, 1e7))
    assert dim is not None
    assert bright is not None
    assert dim.pp_fraction.error / bright.pp_fraction.error == pytest.approx(10.0, rel=0.05)


def test_lines_move_as_the_parameters_of_the_fit() -> None:
    assert NEUTRAL.moved(0, 0.01).energy_pp_ev == pytest.approx(1.847)
    assert NEUTRAL.moved(1, 0.01).energy_ss_ev == 1.78
    assert NEUTRAL.moved(1, 0.01).energy_pp_ev == pytest.approx(1.847)
    assert NEUTRAL.moved(2, 0.01).pp_fraction == pytest.approx(0.249)
    assert NEUTRAL.moved(3, 0.01).width_pp_ev == pytest.approx(0.06)
    assert NEUTRAL.mean_energy_ev == pytest.approx(1.78 + 0.239 * 0.057)
