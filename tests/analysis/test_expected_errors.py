"""Errors that are expected before a measurement, against those that the analysis gives after it."""

from dataclasses import replace

import numpy as np
import pytest

from acquisition.analysis.analyze import analyze
from acquisition.analysis.expected_errors import (
    ChargeStateLight,
    Detection,
    ExpectedErrors,
    assigned_share,
    expected_errors,
)
from acquisition.analysis.expected_selection import select
from acquisition.analysis.settings import AnalysisSettings
from simulators.detector import DetectorSettings
from simulators.expectation import Stream, StreamExpectation
from simulators.light import Excitation
from simulators.optics import Optics
from tests.analysis.simulated import calibration_of, record
from tests.simulators.worlds import shipped_sample

SETTINGS = AnalysisSettings()
NAMES = ("neutral", "minus1", "minus2")
SIX = ("X", "X-", "X2-", "BX", "BX-", "BX2-")


def expected(seconds: float, sample: str = "cdse_cds_table", calibrated: bool = True) -> ExpectedErrors:
    stream = Stream(shipped_sample(sample), Optics(), DetectorSettings(), Excitation(0.2, 20.0), 1000.0)
    light = StreamExpectation(stream)
    calibration = calibration_of(stream.optics)
    if not calibrated:
        calibration = replace(calibration, wavelength_nm=None, relative_efficiency=None)
    selected = select(light.signal, light.dark, stream.bin_ns, calibration, SETTINGS)
    states = [
        ChargeStateLight(
            NAMES[charge.charge],
            1e6 * seconds * charge.share * assigned_share(charge.leaves_hz, SETTINGS.bin_width_s),
            charge.signal,
            charge.pairs(selected.used, selected.selection.window, 2, 2.0),
            charge.efficiency_ratio_bx,
        )
        for charge in light.emitters[0]
    ]
    detection = Detection(selected, light.dark, 1000.0, 0.5, 21.3, stream.irf_sigma_ns, calibration, SETTINGS)
    return expected_errors(detection, states, 0.2, 293.15)


def assert_as_analysed(seconds: float, seed: int) -> None:
    foreseen, found = expected(seconds), analyze(record(seconds=seconds, seed=seed).recording)
    for name in SIX:
        for key in ("lifetime_ns", "quantum_efficiency"):
            before, after = getattr(foreseen.states[name], key), getattr(found.states[name], key)
            if (name, key) != ("X", "quantum_efficiency"):
                ratio = (before.error / before.value) / (after.error / after.value)
                assert 1 / 1.3 < ratio < 1.3, f"{seconds:g} s, seed {seed}, {name} {key}: {ratio:.2f}"
    for name in NAMES:
        g2 = found.fits[name].g2
        assert g2 is not None
        assert foreseen.g2[name].error / g2.center_over_side.error == pytest.approx(1.0, abs=0.3)


def test_two_minutes_give_the_errors_that_were_expected() -> None:
    assert_as_analysed(120.0, 1)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [120.0, 600.0])
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_more_runs_give_the_errors_that_were_expected(seconds: float, seed: int) -> None:
    assert_as_analysed(seconds, seed)


def test_counts_without_noise_give_back_what_was_put_in() -> None:
    states = expected(600.0).states
    true = {"X": 59.0, "X-": 28.0, "X2-": 20.0, "BX": 11.2, "BX-": 7.5, "BX2-": 5.8}
    for name, lifetime_ns in true.items():
        found = states[name].lifetime_ns
        assert found is not None
        assert abs(found.value - lifetime_ns) < 0.2 * found.error + 1e-3 * lifetime_ns


def test_a_dot_that_never_charges_has_the_two_states_of_the_neutral_dot() -> None:
    assert set(expected(120.0, "never_charges").states) == {"X", "BX"}


def test_without_a_spectral_axis_lifetimes_are_still_expected() -> None:
    states = expected(120.0, calibrated=False).states
    assert states["BX"].lifetime_ns is not None
    assert states["BX"].energy_ss_ev is None


def test_errors_fall_with_the_square_root_of_the_time() -> None:
    short, long = (expected(seconds, "never_charges").states["X"].lifetime_ns for seconds in (100.0, 400.0))
    assert short is not None
    assert long is not None
    assert short.error / long.error == pytest.approx(2.0, rel=0.01)


def test_too_short_a_run_has_no_biexciton() -> None:
    assert "BX" not in expected(0.5, "never_charges").states


@pytest.mark.parametrize(("leaves_hz", "share"), [(0.0, 1.0), (0.5, np.exp(-0.06)), (1000.0, 0.0)])
def test_switches_cost_bins(leaves_hz: float, share: float) -> None:
    assert assigned_share(leaves_hz, 0.04) == pytest.approx(share)
