"""Emitters are found in a map of counts, and their places have errors that are right."""

import numpy as np
import pytest

from acquisition.analysis.spots import CountMap, count_map, find_spots, fit_spot

FWHM_UM = 0.3


def counted(emitters, seed, background_cps=3000.0, time_s=0.05, size_um=3.0, pitch_um=0.15):
    axis = np.arange(-size_um / 2, size_um / 2 + 1e-9, pitch_um)
    x_um, y_um = (part.ravel() for part in np.meshgrid(axis, axis))
    rate = np.full(x_um.shape, background_cps)
    for at_x, at_y, cps in emitters:
        rate += cps * np.exp(-4 * np.log(2) * ((x_um - at_x) ** 2 + (y_um - at_y) ** 2) / FWHM_UM**2)
    rng = np.random.default_rng(seed)
    return CountMap(x_um, y_um, rng.poisson(rate * time_s).astype(float), np.full(x_um.shape, time_s))


def test_places_and_brightness_are_right_within_their_errors():
    pulls = []
    for seed in range(100):
        emitter = (0.04 * (seed % 5), -0.03 * (seed % 7), 6000.0)
        [spot] = find_spots(counted([emitter], seed), FWHM_UM, 6)
        pulls.append(
            [
                (spot.x_um - emitter[0]) / spot.x_error_um,
                (spot.y_um - emitter[1]) / spot.y_error_um,
                (spot.count_rate_cps - emitter[2]) / spot.count_rate_error_cps,
            ]
        )
    assert np.all(np.abs(np.mean(pulls, axis=0)) < 0.4)
    assert np.all(np.abs(np.std(pulls, axis=0) - 1) < 0.25)


def test_each_of_several_emitters_is_found_and_the_brightest_comes_first():
    spots = find_spots(counted([(-0.8, 0.3, 5000.0), (0.7, -0.6, 9000.0), (0.2, 1.0, 3000.0)], 2), FWHM_UM, 6)
    assert [round(spot.x_um, 1) for spot in spots] == [0.7, -0.8, 0.2]


def test_nothing_is_found_where_nothing_is():
    assert sum(len(find_spots(counted([], seed), FWHM_UM, 6)) for seed in range(50)) == 0


def test_an_emitter_that_flickers_gets_wider_errors():
    steady = fit_spot(counted([(0, 0, 6000.0)], 4), FWHM_UM, (0.0, 0.0))
    flickers = fit_spot(counted([(0, 0, 6000.0)], 4), FWHM_UM, (0.0, 0.0), flicker=0.1)
    assert flickers.x_error_um > 1.1 * steady.x_error_um


def test_a_fit_gives_nothing_where_there_is_nothing_to_fit():
    few = count_map([(0.0, 0.0, 5.0, 0.1)] * 4)
    assert fit_spot(few, FWHM_UM, (0.0, 0.0)) is None
    with pytest.raises(ValueError, match="for some time"):
        count_map([(0.0, 0.0, 5.0, 0.0)])
