import json
import threading

import numpy as np
import pytest

from drivers.interfaces.errors import CommunicationError, RangeError, StateError
from simulators.bench import Bench
from simulators.detector import DetectorSettings, personality
from simulators.emission import exciton_number_probabilities, stages
from simulators.heater import HeaterSettings, SimulatedHeater
from simulators.light import Acquisition, Excitation, Interval, SampleLight
from simulators.optics import Optics
from simulators.sample import Background
from simulators.spad_array import SimulatedSpadArray
from simulators.stream import intervals
from tests.simulators.worlds import ALL_PHOTONS, QUIET, Photons, acquire, shining, shipped_sample, sigmas

SAMPLE = shipped_sample()


def same(one: Photons, other: Photons) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("pulse", "pixel", "delay_ps"))


def test_the_same_seed_gives_the_same_photons() -> None:
    assert same(acquire(shining(SAMPLE, 7).array, 2.3), acquire(shining(SAMPLE, 7).array, 2.3))


def test_photons_do_not_depend_on_the_thread_or_on_what_else_is_drawn() -> None:
    alone, results = acquire(shining(SAMPLE, 7).array, 2.0), []
    np.random.default_rng(7).random(10)
    thread = threading.Thread(target=lambda: results.append(acquire(shining(SAMPLE, 7).array, 2.0)))
    thread.start()
    other = acquire(shining(SAMPLE, 8).array, 2.0)
    thread.join(30.0)
    assert same(alone, results[0])
    assert not same(alone, other)


def test_a_longer_acquisition_begins_with_the_same_photons() -> None:
    short, long = (list(shining(SAMPLE, 7).array.photons(seconds)) for seconds in (2.0, 5.0))
    for one, other in zip(short, long, strict=False):
        assert np.array_equal(one.delay_ps, other.delay_ps)
        assert np.array_equal(one.pulse, other.pulse)


def test_the_next_acquisition_has_other_photons_whatever_became_of_the_first() -> None:
    whole, cut = shining(SAMPLE, 7), shining(SAMPLE, 7)
    first = acquire(whole.array, 3.0)
    running = cut.array.photons(3.0)
    next(running)
    running.close()
    assert not same(first, acquire(whole.array, 3.0))
    assert same(acquire(whole.array, 1.0), acquire_after(cut.array, skipped=1))


def acquire_after(array: SimulatedSpadArray, skipped: int) -> Photons:
    for _ in range(skipped):
        list(array.photons(0.1))
    return acquire(array, 1.0)


@pytest.mark.parametrize(
    ("duration_s", "rate_hz"), [(2.5, 1e6), (1.0, 80e6), (0.3, 31_250.0), (3.0, 76_543_210.5), (1e-9, 1e6)]
)
def test_intervals_are_whole_pulses_and_at_most_a_second(duration_s: float, rate_hz: float) -> None:
    parts = intervals(duration_s, rate_hz)
    assert parts[0].first_pulse == 0
    assert parts[-1].end_pulse == max(1, round(duration_s * rate_hz))
    assert all(0 < part.pulses <= rate_hz + 1 for part in parts)
    assert [part.number for part in parts] == list(range(len(parts)))


def test_a_neutral_dot_gives_three_hundred_counts_in_forty_milliseconds() -> None:
    photons = acquire(shining(shipped_sample("never_charges"), detector=QUIET).array, 10.0)
    assert len(photons.pulse) / 250 == pytest.approx(310, rel=0.03)


def test_light_and_dark_counts_add_up() -> None:
    dark_cps = personality(DetectorSettings(), 320).dark_rate_cps.sum()
    shut = shining(SAMPLE)
    shut.shutter.set_open(False)
    assert sigmas(len(acquire(shut.array, 4.0).pulse), 4 * dark_cps * 1.002) < 4
    assert shut.array.stream_info().pulsed


def test_a_stream_without_emission_is_not_pulsed_and_dark() -> None:
    instruments = shining(SAMPLE, detector=QUIET)
    instruments.laser.set_emission(False)
    info = instruments.array.stream_info()
    assert (info.pulsed, info.period_ps) == (False, 1e6)
    blocks = list(instruments.array.photons(2.0))
    assert blocks[-1].end_pulse == 2_000_000
    assert sum(len(block.pulse) for block in blocks) == 0


@pytest.mark.parametrize("stop", ["emission", "interlock", "shutter", "laser made safe"])
def test_the_light_goes_off_within_the_stream(stop: str) -> None:
    instruments = shining(SAMPLE, detector=QUIET)
    running = instruments.array.photons(3.0)
    assert len(next(running).pulse) > 1000
    match stop:
        case "emission":
            instruments.laser.set_emission(False)
        case "interlock":
            instruments.bench.set_interlock(closed=False)
        case "shutter":
            instruments.shutter.set_open(False)
        case _:
            instruments.laser.make_safe()
    assert [len(block.pulse) for block in running] == [0, 0]


def test_the_count_rate_follows_the_intensity() -> None:
    counts = [
        len(acquire(shining(shipped_sample("never_charges"), intensity_percent=p, detector=QUIET).array, 5.0).pulse)
        for p in (1, 2)
    ]
    assert counts[1] / counts[0] == pytest.approx(2.0, abs=0.1)


def test_an_empty_sample_is_dark() -> None:
    assert len(acquire(shining(shipped_sample("dark"), detector=QUIET).array, 2.0).pulse) == 0


def test_two_emitters_give_the_photons_of_two() -> None:
    pair = shipped_sample("two_emitters")
    one = pair.model_copy(update={"emitters": pair.emitters[:1]})
    counts = [len(acquire(shining(sample, detector=QUIET).array, 60.0).pulse) for sample in (pair, one)]
    assert counts[0] / counts[1] == pytest.approx(2.0, rel=0.1)


def test_background_follows_the_laser_pulse() -> None:
    glow = Background(photons_per_pulse_at_full_intensity=0.01, lifetime_ns=1.5)
    sample = shipped_sample("dark").model_copy(update={"background": glow})
    photons = acquire(shining(sample, detector=QUIET, intensity_percent=50.0).array, 4.0)
    delay_ns = photons.delay_ps / 1e3 - 21.3
    assert sigmas(len(delay_ns), 4e6 * 0.005) < 4
    assert abs(delay_ns.mean() + 0.01 - 1.5) < 4 * 1.5 / len(delay_ns) ** 0.5
    assert SAMPLE.background.photons_per_pulse_at_full_intensity == 0.0


def test_light_that_comes_late_is_found_in_later_intervals() -> None:
    glow = Background(photons_per_pulse_at_full_intensity=0.1, lifetime_ns=1000.0)
    sample = shipped_sample("dark").model_copy(update={"background": glow})
    light = SampleLight(Acquisition(sample, Optics(), seed=1, point=1, period_ps=12.5e3))
    parts = [Interval(number, 100 * number, 100 * number + 100) for number in range(1000)]
    counts = np.array([len(light.photons(part, Excitation(1.0, 20.0))[0]) for part in parts])
    assert sigmas(counts[10:].sum(), 990 * 10) < 4


@pytest.mark.parametrize("rate_hz", [10e6, 40e6, 80e6])
def test_streams_at_high_rates_hold_all_photons_in_order(rate_hz: float) -> None:
    instruments = shining(SAMPLE, rate_hz=rate_hz)
    blocks = list(instruments.array.photons(0.05))
    assert instruments.array.stream_info().period_ps == pytest.approx(1e12 / rate_hz)
    assert blocks[-1].end_pulse == round(0.05 * rate_hz)
    assert len(blocks[0].pulse) > 8_000
    assert blocks[0].delay_ps.max() < 1e12 / rate_hz


def test_cascades_share_a_pulse_and_come_in_order() -> None:
    sample = shipped_sample("never_charges").model_copy(update={"multiexciton": "cap2"})
    photons = acquire(shining(sample, detector=QUIET, optics=ALL_PHOTONS, rate_hz=1e6).array, 1.0)
    _, begin, count = np.unique(photons.pulse, return_index=True, return_counts=True)
    two = begin[count == 2]
    delays_ns = np.sort(np.stack([photons.delay_ps[two], photons.delay_ps[two + 1]]).astype(float), axis=0) / 1e3 - 21.3
    first_ns, waited_ns = delays_ns[0], delays_ns[1] - delays_ns[0]
    assert abs(first_ns.mean() + 0.01 - 11.2) < 4 * 11.2 / len(two) ** 0.5
    assert abs(waited_ns.mean() - 59.0) < 4 * 59.0 / len(two) ** 0.5


def test_the_stream_drives_the_clock_of_the_bench() -> None:
    instruments = shining(SAMPLE, detector=QUIET)
    times = []
    for _ in instruments.array.photons(2.5):
        times.append(instruments.bench.clock.now())
    assert times == pytest.approx([1.0, 2.0, 2.5])


def test_a_new_repetition_rate_breaks_the_stream() -> None:
    instruments = shining(SAMPLE)
    running = instruments.array.photons(3.0)
    next(running)
    instruments.laser.set_repetition_rate_hz(2e6)
    with pytest.raises(CommunicationError, match="repetition rate changed"):
        next(running)
    assert next(instruments.array.photons(1.0)).end_pulse == 2_000_000


def test_emission_that_begins_within_an_unpulsed_stream_breaks_it() -> None:
    instruments = shining(SAMPLE)
    instruments.laser.set_emission(False)
    running = instruments.array.photons(3.0)
    next(running)
    instruments.laser.set_emission(True)
    with pytest.raises(CommunicationError, match="unpulsed"):
        next(running)


def test_an_array_without_bias_refuses_until_it_is_switched_on() -> None:
    array = shining(SAMPLE).array
    array.set_bias(False)
    with pytest.raises(StateError, match="bias"):
        next(array.photons(1.0))


@pytest.mark.parametrize("duration_s", [0.0, -1.0, float("nan"), float("inf")])
def test_a_duration_that_is_none_is_refused(duration_s: float) -> None:
    with pytest.raises(RangeError, match="duration_s"):
        next(shining(SAMPLE).array.photons(duration_s))


def test_a_bench_needs_a_seed_that_is_not_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        Bench(SAMPLE, -1)


def test_heat_changes_the_photons_and_the_truth() -> None:
    instruments = shining(shipped_sample("never_charges"), detector=QUIET)
    heater = SimulatedHeater("heater", instruments.bench)
    heater.connect()
    heater.heat_to_c(60.0)
    instruments.bench.clock.sleep(600.0)
    list(instruments.array.photons(1.0))
    truth = instruments.bench.truth()
    assert truth["temperature_c"] == pytest.approx(60.0, abs=1e-3)
    assert truth["states"]["BX"]["lifetime_ns"] == pytest.approx(11.49, abs=0.01)
    assert truth["points"][0]["states"]["BX"] == truth["states"]["BX"]


def test_a_heater_may_be_allowed_to_go_further() -> None:
    bench = Bench(SAMPLE, 1)
    heater = SimulatedHeater("heater", bench, HeaterSettings(high_c=150.0))
    with heater:
        heater.heat_to_c(140.0)
        bench.clock.sleep(300.0)
        assert heater.status().temperature_c == pytest.approx(140.0, abs=0.01)


def test_the_truth_is_plain_data_that_tells_the_whole_story() -> None:
    instruments = shining(SAMPLE, seed=3)
    list(instruments.array.photons(5.5))
    truth = json.loads(json.dumps(dict(instruments.bench.truth()), allow_nan=False))
    assert truth["seed"] == 3
    assert truth["excitations_per_pulse"] == pytest.approx(0.2)
    assert truth["temperature_c"] == 20.0
    assert truth["states"]["BX-"]["lifetime_ns"] == 7.5
    assert truth["states"]["X"]["k_rad_per_us"] == pytest.approx(1e3 / 59)
    assert "model" not in truth
    (point,) = truth["points"]
    assert point["duration_s"] == 5.5
    assert point["charge_path"][0][0] == 0.0
    assert {charge for _, charge in point["charge_path"]} <= {0, -1, -2}
    assert len(truth["detectors"]["spad_array"]["dark_rate_cps"]) == 320


def test_the_truth_of_the_microstate_sample_has_the_constants_of_the_model() -> None:
    truth = shining(shipped_sample("cdse_cds_microstate")).bench.truth()
    assert truth["model"] == {"B_per_us": 55.7, "C_minus_per_us": 1.68, "C_plus_per_us": 3.96}


def test_the_charge_path_of_the_truth_is_that_of_the_photons() -> None:
    instruments = shining(SAMPLE, seed=2, detector=QUIET)
    photons = acquire(instruments.array, 120.0)
    path = instruments.bench.truth()["points"][0]["charge_path"]
    starts, charges = np.array([start_s for start_s, _ in path]) * 1e6, np.array([charge for _, charge in path])
    charge = charges[np.searchsorted(starts, photons.pulse, side="right") - 1]
    seconds = np.diff([*starts, 120e6]) / 1e6
    for q in (0, 1, 2):
        delay_ns = photons.delay_ps[charge == -q] / 1e3 - 21.3 + 0.01
        expected, mean_ns = expected_photons(q)
        assert abs(len(delay_ns) - expected * seconds[charges == -q].sum() * 1e6) < 4 * (1.03 * len(delay_ns)) ** 0.5
        assert abs(delay_ns.mean() - mean_ns) < 4 * delay_ns.std() / len(delay_ns) ** 0.5


def expected_photons(charge: int) -> tuple[float, float]:
    """Return the mean number of detected photons per pulse and their mean delay in ns, for 0.2 excitations."""
    cascade = stages(SAMPLE.emitters[0], charge, 4, 20.0, Optics())
    number = delay_ps = 0.0
    for excitons, probability in enumerate(exciton_number_probabilities(0.2, 4)):
        for bit in range(excitons):
            seen = probability * cascade[bit].detection_probability
            number += seen
            delay_ps += seen * sum(stage.lifetime_ps for stage in cascade[bit:excitons])
    return number, 1e-3 * delay_ps / number
