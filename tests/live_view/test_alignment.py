"""The numbers by which an emitter is found are those of the photons, with the error of counting."""

import numpy as np
import pytest

from acquisition.live_view import PANELS, Scene
from acquisition.live_view.alignment import AlignmentMeter
from acquisition.live_view.drifting import bleaching, rate_share_per_min
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo

INFO = PhotonStreamInfo(period_ps=1e6, pulsed=True, delay_resolution_ps=20.0, pixel_count=8)
PULSES = 50_000  # 50 ms


class Wall:
    time_s = 7.0

    def now(self):
        return self.time_s


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def meter(wall):
    found = AlignmentMeter(8, np.linspace(600.0, 700.0, 8), wall.now)
    found.begin(INFO, lit=True)
    return found


def block(number, photons, pixel=3, gaps=()):
    first = number * PULSES
    pulse = first + np.linspace(0, PULSES - 1, photons).astype(np.int64)
    pixels = np.full(photons, pixel, dtype=np.uint16)
    return PhotonBlock(pulse, pixels, np.zeros(photons, dtype=np.uint32), first, first + PULSES, gaps)


def feed(meter, wall, rates_cps, start=0):
    for number, rate_cps in enumerate(rates_cps, start):
        wall.time_s += 0.05
        meter.append(block(number, round(rate_cps * 0.05)))
    return meter.seen().content


def test_the_rate_is_that_of_the_last_tenth_of_a_second(meter, wall):
    seen = feed(meter, wall, [1000] * 20 + [20_000, 40_000])
    assert seen["rate_cps"] == pytest.approx(30_000)
    assert seen["rate_error_cps"] == pytest.approx(np.sqrt(3000) / 0.1)


def test_the_history_is_that_of_the_last_minute(meter, wall):
    seen = feed(meter, wall, [2000] * 2000)
    assert seen["history_time_s"][-1] == pytest.approx(100.0)
    assert seen["history_time_s"][0] >= 40.0 - 1e-6
    assert len(seen["history_time_s"]) == pytest.approx(600, abs=2)
    assert np.allclose(seen["rate_history_cps"], 2000)


def test_the_spectrum_is_that_of_the_last_second(meter, wall):
    feed(meter, wall, [10_000] * 40)
    for number in range(40, 60):
        meter.append(block(number, 100, pixel=5))
    seen = meter.seen().content
    assert seen["spectrum_counts"].tolist() == [0, 0, 0, 0, 0, 2000, 0, 0]
    assert seen["spectrum_s"] == pytest.approx(1.0)
    assert len(seen["wavelength_nm"]) == 8


def test_what_was_lost_counts_neither_as_light_nor_as_time(meter):
    meter.append(block(0, 500, gaps=(Gap(0, PULSES // 2, "overflow"),)))
    seen = meter.seen().content
    assert seen["rate_cps"] == pytest.approx(10_000, rel=0.01)
    assert seen["spectrum_s"] == pytest.approx(0.025)


def test_bleaching_compares_with_the_first_five_seconds_less_the_background(meter, wall):
    assert feed(meter, wall, [11_000] * 99)["bleaching"] is None
    meter.know_background("dark", 1000.0, 0.0)
    found = feed(meter, wall, [11_000] + [6000] * 40, start=99)["bleaching"]
    assert found["value"] == pytest.approx(0.5, abs=1e-6)
    assert found["error"] == pytest.approx(np.hypot(np.sqrt(6000), 0.5 * np.sqrt(55_000) / 5) / 10_000)


def test_a_background_beside_the_emitter_holds_for_this_light_and_place_only(meter):
    meter.know_background("dark", 100.0, 3.0)
    meter.know_background("off_dot", 1000.0, 10.0)
    seen = meter.seen().content
    assert (seen["background_cps"], seen["background_error_cps"], seen["background_mode"]) == (1000.0, 10.0, "off_dot")
    assert seen["background_time_s"] == 0.0
    meter.compare_anew()
    seen = meter.seen().content
    assert (seen["background_cps"], seen["background_error_cps"], seen["background_mode"]) == (100.0, 3.0, "dark")


def test_the_error_of_bleaching_holds_that_of_the_background():
    rng = np.random.default_rng(8)
    pulls = []
    for now, then, dark in zip(rng.poisson(3000, 4000), rng.poisson(25_000, 4000), rng.poisson(500, 4000), strict=True):
        found = bleaching(now, 1.0, then, 5.0, dark / 0.5, np.sqrt(dark) / 0.5)
        pulls.append((found["value"] - 0.5) / found["error"])
    assert np.std(pulls) == pytest.approx(1.0, abs=4 / np.sqrt(2 * 4000) + 0.01)


def test_another_place_is_compared_anew(meter, wall):
    feed(meter, wall, [11_000] * 120)
    meter.compare_anew()
    assert feed(meter, wall, [500] * 50, start=120)["bleaching"] is None
    assert feed(meter, wall, [500] * 60, start=170)["bleaching"]["value"] == pytest.approx(1.0)


def test_without_light_nothing_bleaches_or_drifts(meter, wall):
    meter.begin(INFO, lit=False)
    seen = feed(meter, wall, [1000] * 200)
    assert seen["bleaching"] is None
    assert seen["drift"]["rate_share_per_min"] is None


def test_drift_tells_how_fast_the_rate_falls_and_how_far_the_focus_is(meter, wall):
    meter.know(focus_um=10.0)
    seen = feed(meter, wall, 10_000 * (1 - 0.1 * np.arange(600) / 600))  # 10 % in half a minute
    meter.know(focus_um=10.3)
    assert seen["drift"]["rate_share_per_min"] == pytest.approx(-0.2 / 0.95, rel=0.02)
    assert seen["drift"]["rate_share_per_min_error"] < 0.01
    assert meter.seen().content["drift"]["focus_um"] == pytest.approx(0.3)


def test_the_error_of_a_drift_is_that_of_the_scatter():
    rng = np.random.default_rng(5)
    found = [
        rate_share_per_min(np.array([(0.1 * n, c, 0.1) for n, c in enumerate(rng.poisson(100, 200))]))
        for _ in range(400)
    ]
    pulls = [each["rate_share_per_min"] / each["rate_share_per_min_error"] for each in found]
    assert np.std(pulls) == pytest.approx(1.0, abs=4 / np.sqrt(2 * 400))
    assert np.mean(pulls) == pytest.approx(0.0, abs=4 / np.sqrt(400))


def test_nothing_bleaches_where_no_light_was():
    assert bleaching(100.0, 1.0, 500.0, 5.0, background_cps=100.0) is None


def test_the_panel_shows_nothing_without_an_alignment(meter, wall):
    assert PANELS["alignment"].compute(Scene()) is None
    feed(meter, wall, [1000])
    assert PANELS["alignment"].compute(Scene(alignment=meter.seen()))["background_cps"] is None
