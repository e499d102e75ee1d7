import numpy as np
import pytest
from scipy import stats

from simulators.avalanches import Tags
from simulators.detector import Detector, DetectorSettings, alias_table, personality
from tests.simulators.worlds import QUIET, sigmas

PIXELS = 320
PERIOD_PS = 1e6
NONE = (np.empty(0), np.empty(0, np.int64))


def times_ps(tags: Tags, period_ps: float = PERIOD_PS) -> np.ndarray:
    return tags.pulse * period_ps + tags.delay_ps


def one_photon_per_pulse(pulses: int, pixel: int, delay_ps: float = 3e5) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(pulses) * PERIOD_PS + delay_ps, np.full(pulses, pixel)


def detect(settings: DetectorSettings, photons=NONE, pulses: int = 1_000_000, seed: int = 1) -> Tags:
    return Detector(settings, PIXELS, PERIOD_PS).detect(np.random.default_rng(seed), *photons, pulses)


def test_a_device_is_the_same_in_every_run() -> None:
    one, other = (personality(DetectorSettings(serial=4, dead_time_ns=dead), PIXELS) for dead in (10, 11))
    assert np.array_equal(one.dark_rate_cps, other.dark_rate_cps)
    assert np.array_equal(one.offset_ps, other.offset_ps)
    assert not np.array_equal(one.offset_ps, personality(DetectorSettings(serial=5), PIXELS).offset_ps)


@pytest.mark.parametrize("serial", range(1, 6))
def test_pixels_are_dark_around_the_median_with_some_hot_ones(serial: int) -> None:
    rates_cps = np.sort(personality(DetectorSettings(serial=serial), PIXELS).dark_rate_cps)
    assert np.all(rates_cps[-3:] > 3e3)
    assert np.median(rates_cps) == pytest.approx(250, rel=4 * 0.3 * 1.25 / PIXELS**0.5)
    assert np.log(rates_cps[:-3]).std() == pytest.approx(0.3, rel=4 / (2 * PIXELS) ** 0.5)


def test_offsets_of_pixels_are_normal() -> None:
    offset_ps = personality(DetectorSettings(), PIXELS).offset_ps
    assert stats.kstest(offset_ps / 150.0, "norm").pvalue > 1e-3


def test_dark_counts_are_poisson_in_each_pixel() -> None:
    settings = DetectorSettings(crosstalk_probability=0, dead_time_ns=0)
    rates_cps = personality(settings, PIXELS).dark_rate_cps
    counts = np.bincount(detect(settings, pulses=4_000_000).pixel, minlength=PIXELS)
    chi2 = ((counts - 4 * rates_cps) ** 2 / (4 * rates_cps)).sum()
    assert 1e-3 < stats.chi2(PIXELS).sf(chi2) < 1 - 1e-3


def test_dark_counts_are_uniform_in_delay() -> None:
    tags = detect(DetectorSettings(crosstalk_probability=0), pulses=4_000_000)
    counts = np.bincount(tags.delay_ps // 20_000, minlength=50)
    assert len(counts) == 50
    assert stats.chisquare(counts).pvalue > 1e-3


def test_dark_counts_are_a_poisson_process_in_time() -> None:
    tags = detect(DetectorSettings(crosstalk_probability=0, dead_time_ns=0))
    gaps_ps = np.diff(np.sort(times_ps(tags)))
    assert stats.kstest(gaps_ps / gaps_ps.mean(), "expon").pvalue > 1e-3


def test_each_pixel_is_dead_for_its_dead_time() -> None:
    rate_cps, dead_ns = 1e6, 10.0
    settings = QUIET.model_copy(
        update={
            "dark_rate_median_cps": rate_cps,
            "dark_rate_log_sigma": 0.0,
            "dead_time_ns": dead_ns,
            "tdc_resolution_ps": 1.0,
        }
    )
    tags = detect(settings, pulses=10_000)
    order = np.lexsort((times_ps(tags), tags.pixel))
    same = np.diff(tags.pixel[order].astype(int)) == 0
    gaps_ps = np.diff(times_ps(tags)[order])[same]
    assert len(gaps_ps) > 1_000_000
    assert gaps_ps.min() >= 1e3 * dead_ns - 1
    assert stats.kstest(gaps_ps[:20_000] - 1e3 * dead_ns, "expon", args=(0, 1e12 / rate_cps)).pvalue > 1e-3
    expected = PIXELS * 0.01 * rate_cps / (1 + rate_cps * 1e-9 * dead_ns)
    assert sigmas(len(tags.pixel), expected) < 4


def test_dead_time_does_not_act_between_pixels() -> None:
    photons = np.repeat(np.arange(1000) * PERIOD_PS + 1e5, 3), np.tile([7, 9, 11], 1000)
    tags = detect(QUIET.model_copy(update={"dead_time_ns": 10.0}), photons, 1000)
    assert len(tags.pixel) == 3000


def test_crosstalk_goes_to_both_neighbours_at_the_same_moment() -> None:
    settings, pulses = QUIET.model_copy(update={"crosstalk_probability": 0.01}), 300_000
    tags = detect(settings, one_photon_per_pulse(pulses, 100), pulses)
    counts = np.bincount(tags.pixel, minlength=PIXELS)
    assert counts[100] == pulses
    assert sigmas(counts[99], 0.01 * pulses) < 4
    assert sigmas(counts[101], 0.01 * pulses) < 4
    assert counts.sum() == counts[99:102].sum()
    assert len(np.unique(tags.delay_ps)) == 1


def test_default_crosstalk_is_a_thousandth_to_each_neighbour() -> None:
    assert DetectorSettings().crosstalk_probability == 1e-3


@pytest.mark.parametrize(("pixel", "neighbour"), [(0, 1), (PIXELS - 1, PIXELS - 2)])
def test_the_outermost_pixels_have_one_neighbour(pixel: int, neighbour: int) -> None:
    settings, pulses = QUIET.model_copy(update={"crosstalk_probability": 0.05}), 100_000
    counts = np.bincount(detect(settings, one_photon_per_pulse(pulses, pixel), pulses).pixel, minlength=PIXELS)
    assert counts[pixel] == pulses
    assert sigmas(counts[neighbour], 0.05 * pulses) < 4
    assert counts.sum() == counts[pixel] + counts[neighbour]


def test_crosstalk_does_not_fire_a_dead_neighbour() -> None:
    settings, pulses = QUIET.model_copy(update={"crosstalk_probability": 0.05, "dead_time_ns": 10.0}), 10_000
    time_ps = np.repeat(np.arange(pulses) * PERIOD_PS + 1e5, 2) + np.tile([0.0, 100.0], pulses)
    tags = detect(settings, (time_ps, np.tile([100, 101], pulses)), pulses)
    # where 100 already fired 101 by crosstalk, the photon on 101 is lost: one count either way
    # and 100, which fired just before 101, cannot be fired again by it
    assert np.bincount(tags.pixel)[100:102].tolist() == [pulses, pulses]


def test_jitter_and_offset_act_on_each_tag() -> None:
    settings = QUIET.model_copy(update={"jitter_fwhm_ps": 120.0, "offset_sigma_ps": 150.0, "tdc_resolution_ps": 1.0})
    offset_ps, pulses = personality(settings, PIXELS).offset_ps, 100_000
    for pixel in (3, 250):
        delay_ps = detect(settings, one_photon_per_pulse(pulses, pixel), pulses).delay_ps.astype(float)
        sigma_ps = 120.0 / 2.3548
        # the time bin of 1 ps is cut off, half a picosecond on average
        expected_ps = 3e5 + 21_300 + offset_ps[pixel] - 0.5
        assert abs(delay_ps.mean() - expected_ps) < 4 * sigma_ps / pulses**0.5
        assert delay_ps.std() == pytest.approx(sigma_ps, rel=4 / (2 * pulses) ** 0.5)


@pytest.mark.parametrize("resolution_ps", [20.0, 17.86, 1000.0])
def test_delays_are_whole_steps_of_the_clock(resolution_ps: float) -> None:
    delay_ps = detect(DetectorSettings(tdc_resolution_ps=resolution_ps)).delay_ps.astype(float)
    steps = np.rint(delay_ps / resolution_ps)
    assert np.all(abs(delay_ps - steps * resolution_ps) <= 0.5)


@pytest.mark.parametrize("rate_hz", [10e6, 78e6, 80e6])
def test_tags_roll_over_into_later_pulses(rate_hz: float) -> None:
    period_ps, pulses = 1e12 / rate_hz, 100_000
    photon_ps = np.arange(0, pulses, 50) * period_ps + 5_000.0
    detector = Detector(QUIET, PIXELS, period_ps)
    tags = detector.detect(np.random.default_rng(1), photon_ps, np.zeros(len(photon_ps), np.int64), pulses)
    assert np.array_equal(tags.pulse, np.arange(0, pulses, 50) + int(26_300 / period_ps))
    assert np.all(tags.delay_ps < period_ps)
    assert np.all(abs(times_ps(tags, period_ps) - photon_ps - 21_300) <= 20)


def test_tags_beyond_the_end_come_in_the_next_interval() -> None:
    detector, rng = Detector(QUIET, PIXELS, PERIOD_PS), np.random.default_rng(1)
    late_ps = 10 * PERIOD_PS - 5_000.0
    first = detector.detect(rng, np.array([1e5, late_ps]), np.array([1, 2]), 10)
    second = detector.detect(rng, np.array([1e3]), np.array([3]), 10)
    assert first.pixel.tolist() == [1]
    assert second.pulse.tolist() == [0, 0]
    assert sorted(zip(second.pixel.tolist(), second.delay_ps.tolist(), strict=True)) == [(2, 16_300), (3, 22_300)]


def test_a_pixel_stays_dead_across_intervals() -> None:
    detector, rng = (
        Detector(QUIET.model_copy(update={"dead_time_ns": 10.0}), PIXELS, PERIOD_PS),
        np.random.default_rng(1),
    )
    detector.detect(rng, np.array([10 * PERIOD_PS - 1_000.0]), np.array([5]), 10)
    tags = detector.detect(rng, np.array([5_000.0, 9_500.0]), np.array([5, 5]), 10)
    assert tags.delay_ps.tolist() == [20_300, 30_800]


def test_afterpulses_follow_in_the_same_pixel_after_the_dead_time() -> None:
    settings = QUIET.model_copy(
        update={
            "dead_time_ns": 10.0,
            "afterpulse_probability": 0.05,
            "afterpulse_lifetime_ns": 50.0,
            "tdc_resolution_ps": 1.0,
        }
    )
    pulses = 200_000
    tags = detect(settings, one_photon_per_pulse(pulses, 60, 1e4), pulses)
    assert set(tags.pixel.tolist()) == {60}
    extra = np.flatnonzero(np.diff(tags.pulse) == 0)
    assert sigmas(len(tags.pulse) - pulses, pulses * 0.05 / 0.95) < 4
    _, begin, count = np.unique(tags.pulse, return_index=True, return_counts=True)
    two = begin[count == 2]
    waited_ps = tags.delay_ps[two + 1].astype(float) - tags.delay_ps[two] - 10_000.0
    assert len(extra) > 9_000
    assert waited_ps.min() >= 0
    # pulses with a second afterpulse are left out, which takes as much from every delay
    assert stats.kstest(waited_ps, "expon", args=(0, 50_000.0)).pvalue > 1e-3


def test_afterpulses_are_off_by_default() -> None:
    assert DetectorSettings().afterpulse_probability == 0.0


def test_a_detector_without_dark_counts_shows_nothing_in_the_dark() -> None:
    assert len(detect(QUIET).pulse) == 0


def test_an_alias_table_keeps_the_distribution() -> None:
    weights = np.random.default_rng(2).pareto(1.0, 50)
    share, other = alias_table(weights)
    found = share / 50
    np.add.at(found, other, (1 - share) / 50)
    assert found == pytest.approx(weights / weights.sum())
