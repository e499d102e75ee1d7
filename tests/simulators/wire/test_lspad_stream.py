"""What the simulated SPAD Lambda streams, decoded by another reading of the wire; no server, no waiting."""

import numpy as np
import pytest

from simulators.bench import Bench
from simulators.detector import DetectorSettings
from simulators.wire.lspad_settings import LspadSettings
from simulators.wire.lspad_stream import LspadAcquisition, Wanted
from tests.simulators.wire.lspad_reference import POSITIONS, Decoded, decode, photons_of
from tests.simulators.worlds import QUIET, acquire, shining, shipped_sample, sigmas

SAMPLE = shipped_sample()
DETECTOR = DetectorSettings()
BUSY = DetectorSettings(dark_rate_median_cps=1000)
GENTLE = LspadSettings(shared_tdc_dead_time_ns=0, epoch_defect=False, disorder_share=0)
"""Nothing is lost, nothing is out of order."""


def lit(rate_hz: float = 1e6, intensity_percent: float = 20.0) -> Bench:
    return shining(SAMPLE, 7, rate_hz=rate_hz, intensity_percent=intensity_percent).bench


def stream(
    bench: Bench,
    settings: LspadSettings = GENTLE,
    duration_s: float = 1.0,
    *,
    slice_s: float = 0.05,
    detector: DetectorSettings = DETECTOR,
    dwell_markers: bool = False,
    off: frozenset[int] = frozenset(),
) -> Decoded:
    acquisition = LspadAcquisition(bench, settings, detector, Wanted(duration_s, dwell_markers, off))
    return decode(sent(acquisition, 0.0, duration_s, slice_s) + acquisition.finish().tobytes())


def sent(acquisition: LspadAcquisition, begin_s: float, end_s: float, slice_s: float = 0.05) -> bytes:
    moments_s = np.linspace(begin_s, end_s, round((end_s - begin_s) / slice_s) + 1)[1:]
    return b"".join(acquisition.advance(float(moment_s), biased=True).tobytes() for moment_s in moments_s)


def in_process(duration_s: float, rate_hz: float = 1e6) -> list[tuple[int, int, int]]:
    found = acquire(shining(SAMPLE, 7, rate_hz=rate_hz).array, duration_s)
    return photons_of(found.pulse, found.pixel, found.delay_ps)


def test_photons_are_those_of_the_simulator_without_a_wire_one_by_one() -> None:
    settings = LspadSettings(shared_tdc_dead_time_ns=0)
    assert stream(lit(), settings, 2.3, dwell_markers=True).photons == in_process(2.3)


def test_photons_do_not_depend_on_the_slices_in_which_they_are_sent() -> None:
    assert stream(lit(), slice_s=0.01).photons == stream(lit(), slice_s=0.1).photons


@pytest.mark.parametrize("rate_hz", [1e6, 3e6])
def test_on_the_internal_clock_pulse_and_delay_follow_from_the_time(rate_hz: float) -> None:
    found = stream(lit(rate_hz), GENTLE.model_copy(update={"coarse_clock": "internal"}), 0.5)
    expected = in_process(0.5, rate_hz)
    period_ps = 1e12 / rate_hz
    times_ps = np.array(sorted(tick * 100_000 + fine for tick, fine, _ in found.photons))
    expected_ps = np.array(sorted(pulse * period_ps + delay_ps for pulse, delay_ps, _ in expected))
    assert len(times_ps) == len(expected_ps) > 10_000
    assert np.abs(times_ps - expected_ps).max() <= 0.5


def test_the_times_of_the_master_are_late_by_the_chip_offset() -> None:
    late = stream(lit(), GENTLE.model_copy(update={"chip_offset_ps": 1200.0})).photons
    shift_ps = {position: 1200 * chip for chip, positions in POSITIONS.items() for position in positions}
    back = sorted((tick * 1_000_000 + fine - shift_ps[position], position) for tick, fine, position in late)
    times = sorted((pulse * 1_000_000 + delay_ps, position) for pulse, delay_ps, position in in_process(1.0))
    assert back == times[: len(back)]  # the last may have been shifted into a pulse that did not come
    assert len(times) - len(back) <= 1


def test_in_the_dark_both_chips_say_when_their_counters_begin_anew() -> None:
    found = stream(Bench(SAMPLE, 7), detector=QUIET)
    assert not found.photons
    ticks = [65536 * k for k in range(1, 153)]  # 1 s of 100 ns
    for chip in (0, 1):
        assert [tick for tick, _ in found.of("wrap", chip)] == ticks
        assert [fine for _, fine in found.of("wrap", chip)] == list(range(1, 153))
        assert found.of("start", chip) == [(0, 0)]


def test_without_pulses_the_photons_are_told_by_the_internal_tick() -> None:
    dark = shining(SAMPLE, 7)
    dark.laser.set_emission(False)
    expected = acquire(dark.array, 1.0)
    found = stream(Bench(SAMPLE, 7))
    times_ps = sorted((tick * 100_000 + fine, position) for tick, fine, position in found.photons)
    virtual = zip(expected.pulse.tolist(), expected.delay_ps.tolist(), expected.pixel.tolist(), strict=True)
    assert times_ps == sorted((pulse * 1_000_000 + delay_ps, position) for pulse, delay_ps, position in virtual)


def test_a_wrap_may_come_before_the_last_photon_of_its_epoch() -> None:
    found = stream(lit(), GENTLE.model_copy(update={"epoch_defect": True}), detector=BUSY)
    assert found.late_records >= 2
    assert found.photons == stream(lit(), detector=BUSY).photons


def test_neighbours_are_out_of_order_by_one_tick_at_most() -> None:
    ticks = stream(lit(20e6), GENTLE.model_copy(update={"disorder_share": 0.5}), 0.3).sent_ticks
    for chip in (0, 1):
        steps = np.diff(ticks[chip])
        assert steps.min() == -1
        assert (steps < 0).sum() > 10
    assert all(np.diff(stream(lit(20e6), GENTLE, 0.3).sent_ticks[chip]).min() >= 0 for chip in (0, 1))


def test_four_consecutive_ids_share_a_converter() -> None:
    settings = GENTLE.model_copy(update={"shared_tdc_dead_time_ns": 1000.0})
    everything = stream(lit(), GENTLE, 0.3, detector=BUSY).photons
    found = stream(lit(), settings, 0.3, detector=BUSY).photons
    converter = {position: (chip, k // 4) for chip, places in POSITIONS.items() for k, position in enumerate(places)}
    last_ps: dict[tuple[int, int], int] = {}
    expected = []
    for pulse, delay_ps, position in everything:
        time_ps = pulse * 1_000_000 + delay_ps
        if time_ps - last_ps.get(converter[position], -(10**9)) >= 1_000_000:
            last_ps[converter[position]] = time_ps
            expected.append((pulse, delay_ps, converter[position]))
    assert sorted((pulse, delay_ps, converter[position]) for pulse, delay_ps, position in found) == sorted(expected)
    assert len(expected) < len(everything) - 100


def test_pixels_that_are_switched_off_and_a_detector_without_bias_count_nothing() -> None:
    off = frozenset(range(0, 320, 2))
    assert {position % 2 for _, _, position in stream(lit(), off=off).photons} == {1}
    acquisition = LspadAcquisition(lit(), GENTLE, DETECTOR, Wanted(0.5))
    records = acquisition.advance(0.5, biased=False).tobytes() + acquisition.finish().tobytes()
    assert not decode(records).photons
    assert decode(records).names()["wrap"] == 2 * 7


def test_dwell_markers_come_at_the_same_time_on_both_chips_save_their_offset() -> None:
    settings = GENTLE.model_copy(update={"chip_offset_ps": 1500.0, "dwell_marker_rate_hz": 300.0})
    found = stream(lit(), settings, dwell_markers=True)
    slave, master = found.of("dwell", 0), found.of("dwell", 1)
    assert len(slave) == len(master) == 299
    assert [round(1e6 * tick + fine) for tick, fine in slave] == [round(k * 1e12 / 300) for k in range(1, 300)]
    assert {1_000_000 * (m[0] - s[0]) + m[1] - s[1] for s, m in zip(slave, master, strict=True)} == {1500}


def test_an_overflow_is_said_at_its_beginning_and_its_end_and_between_them_a_chip_is_blind() -> None:
    bench = lit()
    acquisition = LspadAcquisition(bench, GENTLE, DETECTOR, Wanted(1.0, dwell_markers=True))
    data = sent(acquisition, 0.0, 0.4)
    bench.faults.begin("spad_fifo_overflow", lost_s=0.05)
    found = decode(data + sent(acquisition, 0.4, 1.0) + acquisition.finish().tobytes())
    (begin, _), (end, _) = found.of("overflow", 0)
    assert (begin, end) == (400_000, 450_000)
    assert not found.of("overflow", 1)
    missing = [photon for photon in in_process(1.0) if begin <= photon[0] < end and photon[2] in POSITIONS[0]]
    assert sorted([*found.photons, *missing]) == in_process(1.0)
    assert len(missing) > 1000
    assert [len(found.of("dwell", chip)) for chip in (0, 1)] == [94, 99]


def test_overflows_come_by_chance_at_their_rate() -> None:
    found = stream(lit(), GENTLE.model_copy(update={"overflow_rate_hz": 5.0}), 10.0)
    assert abs(sigmas(found.names()["overflow"] / 2, 50)) < 4


def test_the_clock_of_the_master_jumps_and_its_markers_with_it() -> None:
    bench = lit()
    acquisition = LspadAcquisition(bench, GENTLE, DETECTOR, Wanted(1.0, dwell_markers=True))
    data = sent(acquisition, 0.0, 0.5)
    bench.faults.begin("spad_chip_jump")
    found = decode(data + sent(acquisition, 0.5, 1.0) + acquisition.finish().tobytes())
    pairs = zip(found.of("dwell", 0), found.of("dwell", 1), strict=True)
    assert [1_000_000 * (m[0] - s[0]) + m[1] - s[1] for s, m in pairs] == [0] * 49 + [100_000] * 50


def test_light_that_goes_off_in_an_acquisition_leaves_the_dark_counts() -> None:
    bench = lit()
    acquisition = LspadAcquisition(bench, GENTLE, DETECTOR, Wanted(1.0))
    data = sent(acquisition, 0.0, 0.5)
    bench.beam.shutter_open = False
    found = decode(data + sent(acquisition, 0.5, 1.0) + acquisition.finish().tobytes())
    expected = in_process(1.0)
    assert [p for p in found.photons if p[0] < 500_000] == [p for p in expected if p[0] < 500_000]
    dark_cps = 2 * sum(p[0] >= 500_000 for p in found.photons)
    without_light = stream(Bench(SAMPLE, 7)).photons
    assert abs(dark_cps - len(without_light)) < 4 * (2 * dark_cps + len(without_light)) ** 0.5


def test_without_laser_pulses_in_an_acquisition_nothing_comes_and_then_it_goes_on() -> None:
    bench = lit()
    acquisition = LspadAcquisition(bench, GENTLE, DETECTOR, Wanted(2.0))
    data = sent(acquisition, 0.0, 0.5)
    bench.faults.begin("laser_stops")
    silence = sent(acquisition, 0.5, 1.5)
    bench.faults.end("laser_stops")
    found = decode(data + silence + sent(acquisition, 1.5, 2.0) + acquisition.finish().tobytes())
    assert silence == b""
    assert found.photons == in_process(2.0)[: len(found.photons)]
    assert found.photons[-1][0] == pytest.approx(1e6, abs=1000)


def test_pulses_that_are_missing_are_missing_from_the_count() -> None:
    bench = lit()
    bench.faults.begin("laser_drops_pulses", share=0.25)
    found = stream(bench, duration_s=1.0)
    assert found.photons == [photon for photon in in_process(1.0) if photon[0] < 750_000]
    assert found.names()["wrap"] == 2 * (750_000 // 65536)


def test_dwell_markers_have_a_clock_of_their_own_by_which_missing_pulses_show() -> None:
    bench = lit()
    bench.faults.begin("laser_drops_pulses", share=0.25)
    found = stream(bench, duration_s=1.0, dwell_markers=True)
    assert [tick for tick, _ in found.of("dwell", 0)] == [7500 * k for k in range(1, 100)]


def test_a_faster_laser_makes_more_pulses_than_were_foreseen() -> None:
    bench = lit()
    acquisition = LspadAcquisition(bench, GENTLE, DETECTOR, Wanted(1.0))
    data = sent(acquisition, 0.0, 0.5)
    bench.beam.repetition_rate_hz = 4e6
    found = decode(data + sent(acquisition, 0.5, 1.0) + acquisition.finish().tobytes())
    assert found.names()["wrap"] == 2 * (2_500_000 // 65536)
    assert found.photons[-1][0] == pytest.approx(2_500_000, abs=1000)


def test_the_bench_knows_how_long_an_acquisition_was() -> None:
    bench = lit()
    stream(bench, duration_s=0.7)
    assert bench.truth()["points"][0]["duration_s"] == pytest.approx(0.7)
