"""What helps to find an emitter: the peak, the tone, words, a reference."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acquisition.gui.align import words
from acquisition.gui.align.light_box import light_on_sample
from acquisition.gui.align.peak import PeakHold, place_of
from acquisition.gui.align.reference import Reference, remember, remembered, spectrum_cps
from acquisition.gui.align.tone import HIGHEST_HZ, LOWEST_HZ, SAMPLES_PER_S, VOLUME, Wave, pitch_hz


def test_the_peak_is_the_highest_rate_and_where_it_was():
    hold = PeakHold()
    for rate_cps, place_um in ((1000.0, (0.0, 0.0)), (5000.0, (0.2, 0.0)), (3000.0, (0.4, 0.0))):
        hold.see(rate_cps, 10.0, place_um)
    assert (hold.peak.rate_cps, hold.peak.place_um) == (5000.0, (0.2, 0.0))
    hold.reset()
    assert hold.peak is None


def test_the_peak_of_a_constant_rate_does_not_creep_up_with_the_luckiest_of_many_values():
    rng = np.random.default_rng(3)
    hold = PeakHold()
    for counts in rng.poisson(1000, 10_000):
        hold.see(float(counts), math.sqrt(counts))
    highest = rng.poisson(1000, 10_000).max()
    assert hold.peak.rate_cps < 1000 + 3.5 * math.sqrt(1000) < highest + math.sqrt(1000)


def test_the_place_of_the_stage_is_what_it_reads_back():
    devices = (
        {"role": "laser"},
        {"role": "stage", "settings": {"x_um": 1.0}, "readings": {"x_um": 1.02, "y_um": -2.0}},
    )
    assert place_of(devices) == (1.02, -2.0)
    assert place_of(({"role": "laser"},)) is None
    assert place_of(None) is None


@given(st.floats(1.0, 1e7), st.floats(1.001, 100.0))
def test_more_light_is_a_higher_tone_within_four_octaves(rate_cps, factor):
    low, high = pitch_hz(rate_cps, 1e7), pitch_hz(rate_cps * factor, 1e7)
    assert LOWEST_HZ <= low <= high <= HIGHEST_HZ
    assert pitch_hz(1e7, 1e7) == HIGHEST_HZ


def test_the_tone_has_the_pitch_that_it_was_told_and_never_jumps():
    wave = Wave()
    wave.wanted_hz = 440.0
    samples = np.concatenate([wave.samples(SAMPLES_PER_S // 10) for _ in range(10)])
    rest = samples[SAMPLES_PER_S // 2 :]
    rises = np.flatnonzero((rest[:-1] < 0) & (rest[1:] >= 0))
    assert SAMPLES_PER_S / np.diff(rises).mean() == pytest.approx(440.0, rel=1e-3)
    assert np.abs(samples).max() <= VOLUME
    assert np.abs(np.diff(samples)).max() <= 1.1 * VOLUME * 2 * math.pi * 440.0 / SAMPLES_PER_S
    wave.wanted_hz = 0.0
    assert np.abs(wave.samples(SAMPLES_PER_S)[-1000:]).max() < 1e-6


@pytest.mark.parametrize(
    ("rate_cps", "said"),
    [
        (0.0, "0 cps"), (412.3, "412 cps"), (999.7, "1.0 kcps"), (12_340.0, "12.3 kcps"), (99_960.0, "100 kcps"),
        (123_456.0, "123 kcps"), (1_234_567.0, "1.2 Mcps"), (-3.0, "-3 cps"),
    ],
)  # fmt: skip
def test_count_rates_are_short(rate_cps, said):
    assert " ".join(words.rate(rate_cps)) == said


def test_doses_and_shares_are_told_with_units():
    assert words.dose({"light_on_s": 12.0, "pulses": 12_000_000, "uj": 34.56}) == "12 s of light, 1.2e7 pulses, 34.6 µJ"
    assert words.dose({"light_on_s": 180.0, "percent_s": 3600.0, "uj": None}) == "3.0 min of light, 3.6e3 %·s"
    assert words.dose({}) == "no light yet"
    assert words.share(0.953, 0.004) == "95.3 ± 0.4 %"
    assert words.trend(-0.021) == "-2.1 %/min"


def test_a_reference_is_remembered(desk):
    panel = {"rate_cps": 5e4, "spectrum_counts": np.array([10, 20]), "spectrum_s": 0.5}
    assert spectrum_cps(panel).tolist() == [20.0, 40.0]
    devices = ({"role": "laser", "settings": {"intensity_percent": 20.0, "repetition_rate_hz": 1e6}},)
    reference = Reference.of_panel("dot 7", panel, devices)
    remember(desk.settings, reference)
    assert reference == Reference("dot 7", 5e4, 0.0, (20.0, 40.0), light=(20.0, 1e6, None))
    assert remembered(desk.settings) == reference
    assert reference.unlike(panel, devices) == ""
    assert reference.unlike(panel, ()) == "other laser light"
    remember(desk.settings, None)
    assert remembered(desk.settings) is None


def test_a_reference_that_cannot_be_read_is_none(desk):
    desk.settings.setValue("align/reference", '{"name": 1')
    assert remembered(desk.settings) is None


@pytest.mark.parametrize(
    ("emission", "is_open", "lit"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_light_is_on_the_sample_if_the_laser_emits_and_the_shutter_is_open(emission, is_open, lit):
    shutter = {"role": "shutter", "settings": {"open": False}, "readings": {"open": is_open}}
    assert light_on_sample(({"role": "laser", "emission": emission}, shutter)) is lit


def test_what_is_not_known_of_the_light_is_not_said():
    assert light_on_sample(()) is None
    assert light_on_sample(({"role": "laser", "emission": True}, {"role": "shutter"})) is None
    assert light_on_sample(({"role": "laser", "emission": True},)) is True
