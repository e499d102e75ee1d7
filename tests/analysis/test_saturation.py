"""The number of excitations per pulse follows from how late light saturates, with an error that is right."""

import numpy as np
import pytest

from acquisition.analysis.saturation import Births, fit_saturation

INTENSITY = np.array([10.0, 20.0, 35.0, 50.0, 70.0, 100.0])
SLOPE, PER_EXCITON, DARK = 0.012, 0.008, 0.0004
PULSES = np.full(6, 3e6)


def series(seed, scatter=0.0, intensity=INTENSITY, births=None):
    rng = np.random.default_rng(seed)
    light = PER_EXCITON * (births or Births()).late_light(SLOPE * intensity)
    light = light * (1 + scatter * rng.standard_normal(len(intensity)))
    pulses = np.full(len(intensity), 3e6)
    dark = rng.poisson(DARK * 3e7)
    counts = rng.poisson(pulses * (light + DARK)).astype(float)
    return intensity, counts, pulses, dark / 3e7, np.sqrt(dark) / 3e7


def pulls(scatter, count=100):
    fits = [fit_saturation(*series(seed, scatter)).excitations_per_pulse_per_percent for seed in range(count)]
    return np.array([(fit.value - SLOPE) / fit.error for fit in fits])


def test_the_slope_is_right_within_its_error_for_poisson_counts():
    found = pulls(0.0)
    assert abs(found.mean()) < 4 / np.sqrt(len(found))
    assert 0.7 < found.std() < 1.1  # where chance looks like scatter, the error is wider


def test_scatter_from_point_to_point_is_part_of_the_error():
    found = pulls(0.02)
    assert abs(found.mean()) < 4.5 / np.sqrt(len(found))
    assert 0.6 < found.std() < 1.3
    assert np.mean(np.abs(found) < 2) > 0.9


def test_the_scatter_is_found():
    scatter = [fit_saturation(*series(seed, 0.05)).scatter for seed in range(40)]
    assert 0.03 < np.mean(scatter) < 0.06
    assert np.mean([fit_saturation(*series(seed)).scatter for seed in range(40)]) < 0.005


def test_an_exciton_that_others_have_left_sends_more_late_light():
    """In the limit of equal lifetimes the late part of two decays one after the other would grow without bound."""
    rng = np.random.default_rng(1)
    tau_ns, tau_bx_ns, gate_ns, decays = 59.0, 11.2, 80.0, 400_000
    alone = np.mean(rng.exponential(tau_ns, decays) > gate_ns)
    after = np.mean(rng.exponential(tau_ns, decays) + rng.exponential(tau_bx_ns, decays) > gate_ns)
    mean = np.array([1e-4])
    births = Births(biexciton=tau_bx_ns / tau_ns)
    two_over_one = (births.late_light(mean) - mean * np.exp(-mean)) / (mean**2 / 2)
    assert two_over_one[0] == pytest.approx(after / alone, rel=0.01)


def test_without_higher_excitons_that_matter_the_law_is_that_of_poisson():
    mean = np.linspace(0.01, 3, 50)
    none = Births(biexciton=1e-9, triexciton=1e-9)
    assert none.late_light(mean) == pytest.approx(1 - np.exp(-mean), rel=1e-6)


def test_light_that_does_not_saturate_gives_a_large_error():
    fit = fit_saturation(*series(3, intensity=np.array([0.5, 1.0, 1.5, 2.0])))
    assert fit.excitations_per_pulse_per_percent.error > 0.3 * fit.excitations_per_pulse_per_percent.value


def test_too_few_intensities_and_too_little_light_are_told():
    intensity, counts, pulses, *dark = series(1)
    with pytest.raises(ValueError, match="at least 3 different intensities"):
        fit_saturation(intensity[:2], counts[:2], pulses[:2], *dark)
    with pytest.raises(ValueError, match="no late light above the dark counts"):
        fit_saturation(intensity, DARK * pulses, pulses, *dark)
