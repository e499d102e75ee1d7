"""Region, window, hot pixels and time zero, chosen from pixel x delay maps drawn by counting statistics."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from acquisition.analysis.accumulators import SurveyAccumulator, bin_ps_for
from acquisition.analysis.recording import Calibration
from acquisition.analysis.selection import (
    Selection,
    Survey,
    background_bins,
    bins_without_light,
    choose_region,
    choose_selection,
    find_time_zero_bin,
    hot_pixels,
)
from acquisition.analysis.settings import AnalysisSettings
from acquisition.analysis.time_zero import fit_time_zero
from drivers.interfaces.photons import PhotonStreamInfo
from tests.analysis.recordings import dark_stream

PIXELS, BIN_NS, SECONDS = 120, 0.5, 60.0
LIGHT_CPS, DARK_CPS = 8000.0, 250.0
CENTER, FWHM = 50, 9.0


def expected_map(
    *, period_ns: float = 1000.0, zero_ns: float = 21.3, light_cps: float = LIGHT_CPS, lifetime_ns: float = 40.0
) -> NDArray[np.float64]:
    """Mean counts of one bright line over pixels and a periodic decay, on dark counts."""
    bins = round(period_ns / BIN_NS)
    edges_ns = np.arange(bins + 1) * BIN_NS - zero_ns
    k = 1.0 / lifetime_ns
    # integral of the periodic decay; each full period since time zero adds one
    turns = np.floor(edges_ns / period_ns)
    integral = turns + (1 - np.exp(-k * (edges_ns - turns * period_ns))) / (1 - np.exp(-k * period_ns))
    half = FWHM / 2
    line = np.diff(np.arctan((np.arange(PIXELS + 1) - CENTER) / half)) / np.pi
    dark = np.full(PIXELS, DARK_CPS * SECONDS / bins)
    return light_cps * SECONDS * line[:, None] * np.diff(integral)[None, :] + dark[:, None]


def drawn_survey(seed: int, expected: NDArray[np.float64], masked: tuple[int, ...] = ()) -> Survey:
    drawn = np.random.default_rng(seed).poisson(expected).astype(np.int64)
    mask = np.ones(PIXELS, dtype=bool)
    mask[list(masked)] = False
    return Survey(drawn, BIN_NS, round(SECONDS * 1e6), mask)


def chosen(seed: int = 1, settings: AnalysisSettings | None = None, **line: float) -> Selection:
    return choose_selection(drawn_survey(seed, expected_map(**line)), settings or AnalysisSettings())


def test_the_region_holds_most_of_the_light_and_little_of_the_array() -> None:
    selection = chosen()
    expected = expected_map() - expected_map(light_cps=0.0)
    share = expected[slice(*selection.region)].sum() / expected.sum()
    assert selection.has_light
    assert selection.region[0] < CENTER < selection.region[1]
    assert share > 0.75
    assert selection.region[1] - selection.region[0] < 70


def test_the_region_has_more_information_than_its_neighbours() -> None:
    rng = np.random.default_rng(4)
    signal = 1e-3 * np.exp(-(((np.arange(100) - 40) / 8.0) ** 2)) + 1e-7 * rng.standard_normal(100)
    background = np.full(100, 3e-5)

    def merit(first: int, end: int) -> float:
        s, b = signal[first:end].sum(), background[first:end].sum()
        pairs = 0.35 * s**2
        return float(pairs**2 / (pairs + s * b + 0.5 * b**2))

    first, end = choose_region(signal, background)
    others = [merit(a, b) for a in range(100) for b in range(a + 1, 101)]
    assert merit(first, end) == pytest.approx(max(others), rel=1e-9)


def test_the_window_begins_before_time_zero_and_holds_most_of_the_decay() -> None:
    selection = chosen()
    assert selection.window[0] * BIN_NS == pytest.approx(21.3 - 2.0, abs=1.0)
    assert (selection.window[1] - selection.time_zero_bin) * BIN_NS > 3 * 40.0


def test_more_light_opens_region_and_window() -> None:
    dim, bright = chosen(light_cps=3000.0), chosen(light_cps=200_000.0)
    assert bright.region[1] - bright.region[0] > dim.region[1] - dim.region[0]
    assert bright.window[1] > dim.window[1]


def test_settings_overrule_the_choice() -> None:
    selection = chosen(settings=AnalysisSettings(region=(20, 80), window_ns=80.0))
    assert selection.region == (20, 80)
    assert selection.window[1] - selection.time_zero_bin == 160


@pytest.mark.parametrize("zero_ns", [0.0, 0.2, 5.0, 21.3, 399.9, 700.0, 850.0])
def test_time_zero_is_found_anywhere_in_the_period(zero_ns: float) -> None:
    selection = chosen(zero_ns=zero_ns)
    assert selection.has_light
    assert selection.time_zero_bin * BIN_NS == pytest.approx(zero_ns, abs=1.5 * BIN_NS)
    assert 0 <= selection.window[0] < selection.window[1] <= 2000
    assert selection.region[0] < CENTER < selection.region[1]


@pytest.mark.parametrize("zero_ns", [0.0, 21.3, 500.0, 850.0])
def test_background_bins_hold_no_light(zero_ns: float) -> None:
    selection = chosen(zero_ns=zero_ns)
    light = (expected_map(zero_ns=zero_ns) - expected_map(light_cps=0.0)).sum(axis=0)
    assert selection.background.sum() > 300
    assert light[selection.background].sum() < 1e-5 * light.sum()
    assert not selection.background[slice(*selection.window)].any()


def test_the_last_bin_is_no_background_since_it_may_be_cut_short() -> None:
    assert not background_bins(2017, 0.496, 40)[-1]
    assert background_bins(2017, 0.496, 40)[-2]


def test_a_short_period_has_light_but_no_background_bins() -> None:
    selection = chosen(period_ns=25.0, zero_ns=6.0, lifetime_ns=8.0)
    assert selection.has_light
    assert not selection.background.any()
    assert selection.time_zero_bin == 12
    assert selection.window[1] <= 50


def test_hot_pixels_are_masked_and_only_those() -> None:
    expected = expected_map()
    for pixel, factor in ((45, 40.0), (80, 12.0), (110, 30.0)):
        expected[pixel] += (factor - 1.0) * DARK_CPS * SECONDS / expected.shape[1]
    drawn = np.random.default_rng(2).poisson(expected).astype(np.int64)
    hot = hot_pixels(drawn, background_bins(2000, BIN_NS, 42))
    assert np.flatnonzero(hot).tolist() == [45, 80, 110]


def test_no_pixel_is_called_hot_by_the_luck_of_few_counts() -> None:
    background = np.ones(2000, dtype=bool)
    hot = [
        hot_pixels(np.random.default_rng(seed).poisson(0.0005, (PIXELS, 2000)).astype(np.int64), background).sum()
        for seed in range(10)
    ]
    assert sum(hot) == 0


def test_masked_pixels_do_not_draw_the_region() -> None:
    expected = expected_map()
    expected[100] += 50 * expected_map()[CENTER]
    selection = choose_selection(drawn_survey(1, expected, masked=(100,)), AnalysisSettings())
    assert selection.region[1] < 100


def test_dark_arrays_have_no_light() -> None:
    # 2,000 places at which a rise of 5 sigma may happen by chance: 0.0006 false alarms per stream
    rng = np.random.default_rng(8)
    alarms = 0
    for mean in np.repeat([0.05, 2.0, 30.0, 1000.0], 25):
        drawn = rng.poisson(mean / 4, (4, 2000)).astype(np.int64)
        survey = Survey(drawn, BIN_NS, 1_000_000, np.ones(4, dtype=bool))
        alarms += choose_selection(survey, AnalysisSettings()).has_light
    assert alarms == 0


@pytest.mark.parametrize("photons", [0, 1, 2, 10])
def test_a_stream_of_next_to_nothing_has_no_light(photons: int) -> None:
    info = PhotonStreamInfo(1e6, pulsed=True, delay_resolution_ps=20.0, pixel_count=PIXELS)
    surveyor = SurveyAccumulator(info, Calibration())
    for block in dark_stream(3, info=info, pulses=1000, photons=photons).cut():
        surveyor.update(block)
    selection = choose_selection(surveyor.snapshot(), AnalysisSettings())
    assert not selection.has_light
    assert selection.region == (0, PIXELS)


@pytest.mark.parametrize("resolution_ps", [4.0, 16.0, 20.0])
def test_dark_counts_of_a_coarse_detector_show_no_beat(resolution_ps: float) -> None:
    info = PhotonStreamInfo(1e6, pulsed=True, delay_resolution_ps=resolution_ps, pixel_count=4)
    surveyor = SurveyAccumulator(info, Calibration())
    for block in dark_stream(3, info=info, pulses=1000, photons=1_000_000).cut():
        surveyor.update(block)
    whole = surveyor.snapshot().pixel_delay.sum(axis=0)[:-1]
    mean = 1e6 * bin_ps_for(info, 500.0) / 1e6
    assert np.var(whole) / mean == pytest.approx(1.0, abs=5 * np.sqrt(2 / len(whole)))


def test_the_rise_is_found_on_a_ring() -> None:
    delay = np.full(200, 50, dtype=np.int64)
    delay[198:] = delay[:40] = 400
    assert find_time_zero_bin(delay)[0] == 198


def rising(seed: int, zero_ns: float, sigma_ns: float, bin_ns: float = 0.1) -> NDArray[np.int64]:
    """Delay histogram of a fast and a slow decay behind a Gaussian response, on dark counts."""
    rng = np.random.default_rng(seed)
    lifetime_ns = np.where(rng.random(400_000) < 0.1, 11.2, 59.0)
    delay_ns = zero_ns + lifetime_ns * rng.standard_exponential(400_000) + sigma_ns * rng.standard_normal(400_000)
    delay_ns = np.mod(np.concatenate([delay_ns, 1000 * rng.random(300_000)]), 1000.0)
    return np.histogram(delay_ns, np.arange(0.0, 1000.0 + bin_ns / 2, bin_ns))[0].astype(np.int64)


def test_time_zero_and_response_are_fitted_within_their_errors() -> None:
    pulls, widths = [], []
    for seed in range(20):
        found = fit_time_zero(rising(seed, 21.3, 0.16), 0.1)
        pulls.append((found.time_ns - 21.3) / found.error_ns)
        widths.append(found.irf_sigma_ns)
    assert abs(np.mean(pulls)) < 4 / np.sqrt(20)
    assert 0.55 < np.std(pulls) < 1.5
    assert np.mean(widths) == pytest.approx(0.16, abs=0.02)


def test_a_rise_that_is_too_weak_gives_its_bin() -> None:
    found = fit_time_zero(np.random.default_rng(1).poisson(5.0, 10_000).astype(np.int64), 0.1)
    assert found.error_ns == 0.05
    assert 0.0 <= found.time_ns < 1000.0


@pytest.mark.parametrize("zero_ns", [0.0, 0.25, 999.8])
def test_a_rise_at_the_end_of_the_period_gives_its_bin(zero_ns: float) -> None:
    found = fit_time_zero(rising(1, zero_ns, 0.05), 0.1)
    distance = abs(found.time_ns - zero_ns)
    assert min(distance, 1000 - distance) < 0.3


def test_windows_are_never_empty() -> None:
    for first, end in pairwise(range(0, 1000, 240)):
        selection = chosen(zero_ns=(first + end) / 2, settings=AnalysisSettings(window_ns=0.01))
        assert selection.window[1] > selection.window[0]


def drawn_period(period_ns: float, light_per_pixel: float, level: float, seed: int) -> NDArray[np.int64]:
    """Pixel x delay map of 20 pixels over one period: a decay of 59 ns from 21 ns on, and a level, wrapped."""
    edges = np.arange(0.0, period_ns + BIN_NS / 2, BIN_NS)
    position = np.mod(edges[:-1] - 21.0, period_ns)
    decay = np.exp(-position / 59.0) * (1.0 - np.exp(-BIN_NS / 59.0)) / (1.0 - np.exp(-period_ns / 59.0))
    expected = np.repeat((light_per_pixel * decay + level)[None, :], 20, axis=0)
    return np.random.default_rng(seed).poisson(expected)


@pytest.mark.parametrize("seed", range(5))
def test_a_period_of_eight_lifetimes_gives_background_before_the_next_pulse(seed: int) -> None:
    drawn = drawn_period(500.0, 20_000.0, 20.0, seed)
    found = bins_without_light(drawn, BIN_NS, 42)
    level = drawn[:, found].mean()
    assert found.sum() > 100
    assert abs(level - 20.0) < 0.01 * 20.0 + 4.0 * np.sqrt(20.0 / drawn[:, found].size)


@pytest.mark.parametrize("period_ns", [100.0, 200.0])
def test_a_period_of_few_lifetimes_has_no_bins_without_light(period_ns: float) -> None:
    assert not bins_without_light(drawn_period(period_ns, 50_000.0, 20.0, 1), BIN_NS, 42).any()
