"""The whole analysis on simulated streams: a good minute, and everything that can be wrong with a recording."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from acquisition.analysis.analyze import Analysis, analyze
from acquisition.analysis.recording import Calibration
from acquisition.analysis.results import results_of
from acquisition.analysis.settings import AnalysisSettings
from acquisition.streaming.parts import LIGHT_WENT_OFF, Part, shifted, without_light
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo
from tests.analysis.recordings import MemoryRecording, Stream, dark_stream, stream_of
from tests.analysis.simulated import minute, record

INFO = PhotonStreamInfo(period_ps=1e6, pulsed=True, delay_resolution_ps=20.0, pixel_count=320)
SIX = {"X", "X-", "X2-", "BX", "BX-", "BX2-"}


def results(recording: MemoryRecording, settings: AnalysisSettings | None = None) -> dict[str, Any]:
    """Analyse and make sure that the numbers are plain and finite."""
    found = results_of(analyze(recording, settings))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    return found


def warned(found: Mapping[str, Any], words: str) -> bool:
    return any(words in warning for warning in found["warnings"])


@pytest.fixture(scope="module")
def ordinary() -> Analysis:
    return analyze(minute().recording)


@pytest.fixture(scope="module")
def ordinary_results(ordinary: Analysis) -> dict[str, Any]:
    return results_of(ordinary)


def test_a_minute_gives_six_states_within_five_errors_of_the_truth(ordinary_results: dict[str, Any]) -> None:
    states, truth = ordinary_results["states"], minute().truth["states"]
    assert set(states) == SIX
    for name, numbers in states.items():
        for key in ("lifetime_ns", "quantum_efficiency", "energy_ss_ev", "energy_pp_ev", "pp_fraction"):
            value, error = numbers[key]["value"], numbers[key]["error"]
            assert abs(value - truth[name][key]) <= 5 * error, f"{name} {key}: {value} +- {error}"
            assert error <= 0.35 * value, f"{name} {key}: {value} +- {error}"


def test_charge_states_last_as_long_as_they_did(ordinary_results: dict[str, Any]) -> None:
    found = ordinary_results["charge_states"]
    path = np.array(minute().truth["points"][0]["charge_path"])
    spent_s = np.diff(np.append(path[:, 0], 60.0))
    for charge, name in enumerate(("neutral", "minus1", "minus2")):
        true_s = spent_s[path[:, 1] == -charge].sum()
        assert 0.75 * true_s < found[name]["time_s"] < 1.05 * true_s
    assert found["bins"] == 1500
    assert sum(found[name]["bins"] for name in ("neutral", "minus1", "minus2")) + found["unassigned_bins"] == 1500


def test_one_emitter_is_called_one_or_undecided_after_a_minute(ordinary_results: dict[str, Any]) -> None:
    assert ordinary_results["emitters"]["verdict"] in ("one", "undecided")
    gated = ordinary_results["emitters"]["g2_gated"]
    assert abs(gated["value"]) < 4 * gated["error"]


def test_results_hold_what_the_design_promises(ordinary_results: dict[str, Any]) -> None:
    found = ordinary_results
    assert found["simulated"] is True
    assert found["photons"] == sum(len(block) for block in minute().recording.stored)
    assert found["duration_s"] == pytest.approx(60.0)
    assert set(found["g2"]) == {"neutral", "minus1", "minus2"}
    assert {"B_per_us", "C_minus_per_us", "C_plus_per_us"} <= set(found["model"])
    assert found["losses"]["pulses_lost"] == 0
    assert found["warnings"] == []
    assert list(found)[-1] == "photons_by_pixel"
    assert found["assumed"] == ["X.quantum_efficiency", "X.k_nonrad_per_us"]
    for numbers in found["states"].values():
        for estimate in numbers.values():
            assert set(estimate) == {"value", "error"}


def test_g2_is_near_the_finite_excitation_ratio(ordinary_results: dict[str, Any]) -> None:
    g2 = ordinary_results["g2"]["neutral"]["center_over_side"]
    assert abs(g2["value"] - 0.736) < 4 * g2["error"]


def test_results_do_not_depend_on_the_size_of_the_blocks(ordinary_results: dict[str, Any]) -> None:
    stored = minute().recording.stored
    joined = Stream(
        *(np.concatenate([getattr(block, name) for block in stored]) for name in ("pulse", "pixel", "delay_ps")),
        stored[-1].end_pulse,
    )
    cuts = np.linspace(0, joined.end_pulse, 14)[1:-1].astype(int).tolist()
    assert results(replace(minute().recording, stored=joined.cut(cuts))) == ordinary_results


def test_the_report_of_progress_is_in_words() -> None:
    said: list[str] = []
    analyze(dark_recording(photons=1000), progress=said.append)
    assert said
    assert all(isinstance(text, str) and text for text in said)


def dark_recording(photons: int = 200_000, *, seconds: int = 10, seed: int = 1) -> MemoryRecording:
    stream = dark_stream(seed, info=INFO, pulses=seconds * 1_000_000, photons=photons)
    return MemoryRecording(INFO, stream.cut(), simulated=None)


def test_a_stream_of_dark_counts_has_no_states_and_says_so() -> None:
    found = results(dark_recording())
    assert found["states"] == {}
    assert found["g2"] == {}
    assert "model" not in found
    assert "simulated" not in found
    assert found["emitters"] == {"verdict": "undecided"}
    assert warned(found, "no light")
    assert warned(found, "wavelength")


def test_the_empty_coverslip_has_no_states() -> None:
    found = results(record("dark", 10.0, 3).recording)
    assert found["states"] == {}
    assert warned(found, "no light")


@pytest.mark.parametrize("photons", [0, 1, 3, 30])
def test_next_to_no_photons_give_a_result_with_warnings(photons: int) -> None:
    found = results(dark_recording(photons))
    assert found["photons"] == photons
    assert found["states"] == {}
    assert found["warnings"]


def test_a_recording_without_blocks_gives_a_result_with_warnings() -> None:
    found = results(MemoryRecording(INFO, []))
    assert found["photons"] == 0
    assert warned(found, "no photons")


def test_a_stream_without_laser_pulses_has_counts_only() -> None:
    recording = dark_recording(photons=100_000)
    found = results(replace(recording, info=replace(INFO, pulsed=False)))
    assert found["states"] == {}
    assert found["photons"] == 100_000
    assert warned(found, "no laser pulses")


def test_a_dot_that_never_charges_has_one_charge_state() -> None:
    simulated = record("never_charges", 30.0, 2)
    found = results(simulated.recording)
    assert set(found["states"]) == {"X", "BX"}
    assert warned(found, "1 of 3 charge states")
    for name in ("X", "BX"):
        lifetime = found["states"][name]["lifetime_ns"]
        assert abs(lifetime["value"] - simulated.truth["states"][name]["lifetime_ns"]) < 4 * lifetime["error"]


def test_without_wavelengths_there_are_no_energies_but_lifetimes(ordinary_results: dict[str, Any]) -> None:
    found = results(replace(minute().recording, calibration=Calibration()))
    assert set(found["states"]) == SIX
    for name, numbers in found["states"].items():
        assert not {"energy_ss_ev", "energy_pp_ev", "pp_fraction"} & set(numbers)
        expected = ordinary_results["states"][name]["lifetime_ns"]
        assert abs(numbers["lifetime_ns"]["value"] - expected["value"]) < expected["error"]
    assert warned(found, "no wavelength")


def test_without_an_efficiency_curve_efficiencies_carry_an_error_for_it(ordinary_results: dict[str, Any]) -> None:
    calibration = Calibration(wavelength_nm=minute().recording.calibration.wavelength_nm)
    found = results(replace(minute().recording, calibration=calibration))
    assert warned(found, "no relative detection efficiency")
    with_curve = ordinary_results["states"]["X2-"]["quantum_efficiency"]
    without = found["states"]["X2-"]["quantum_efficiency"]
    assert without["error"] > 1.05 * with_curve["error"]
    assert abs(without["value"] - 0.79) < 4 * without["error"]


def test_a_recording_that_does_not_know_its_temperature_says_what_was_assumed() -> None:
    found = results(replace(dark_recording(), conditions={}))
    assert warned(found, "293 K assumed")


def test_pulses_too_close_for_background_delays_give_a_result_with_warnings() -> None:
    simulated = record("never_charges", 2.0, 4, rate_hz=40e6, intensity_percent=2.0)
    found = results(simulated.recording)
    assert warned(found, "no dark rates")
    assert found["photons"] > 10_000


@pytest.mark.parametrize("seed", [6, pytest.param(7, marks=pytest.mark.slow)])
def test_two_emitters_are_never_called_one_and_their_slow_pairs_are_told(seed: int) -> None:
    found = results(record("two_emitters", 30.0, seed).recording)
    assert found["emitters"]["verdict"] != "one"
    assert found["emitters"]["slow_pairs"]
    assert warned(found, "long for a biexciton")


def test_two_emitters_are_found_and_have_no_biexcitons() -> None:
    found = results(record("two_emitters", 60.0, 5).recording)
    assert found["emitters"]["verdict"] == "several"
    assert not set(found["states"]) & {"BX", "BX-", "BX2-"}
    assert all("quantum_efficiency" not in numbers for numbers in found["states"].values())
    assert warned(found, "several emitters")


def test_a_declared_excitation_is_used_where_none_can_be_measured() -> None:
    dim = record("cdse_cds_table", 20.0, 6, intensity_percent=2.0)
    found = results(replace(dim.recording, conditions={"temperature_c": 20.0, "excitations_per_pulse": 0.02}))
    lifetime = found["states"]["X"]["lifetime_ns"]
    assert abs(lifetime["value"] - 59.0) < 4 * lifetime["error"]
    assert "BX" not in found["states"]


def with_gap(blocks: list[PhotonBlock]) -> list[PhotonBlock]:
    """Lose all photons of half a second in the middle of a block, as the detector would report it."""
    out = []
    for number, block in enumerate(blocks):
        begin, end = block.first_pulse + 200_000, block.first_pulse + 700_000
        keep = (block.pulse < begin) | (block.pulse >= end)
        if number % 3 == 1:
            arrays = (block.pulse[keep], block.pixel[keep], block.delay_ps[keep])
            block = PhotonBlock(*arrays, block.first_pulse, block.end_pulse, (Gap(begin, end, "overflow"),))
        out.append(block)
    return out


def test_gaps_are_told_and_do_not_bias_the_background(ordinary: Analysis) -> None:
    recording = replace(minute().recording, stored=with_gap(list(minute().recording.stored)))
    analysis = analyze(recording)
    found = results_of(analysis)
    assert found["losses"]["pulses_lost"] == 20 * 500_000
    assert warned(found, "gaps")
    assert warned(found, "their bins are left out: ")
    level, expected = analysis.background.sum(), ordinary.background.sum()
    assert level == pytest.approx(expected, rel=4 / np.sqrt(expected * 760 * 60e6))
    assert set(found["states"]) >= {"X", "X-", "X2-"}


PAUSED_AFTER = 30


def paused(blocks: list[PhotonBlock]) -> list[PhotonBlock]:
    """Interrupt a stream: the light goes off in the middle of a block, and the rest is a part of its own."""
    last = blocks[PAUSED_AFTER]
    lit = last.pulse < (last.first_pulse + last.end_pulse) // 2
    dark = replace(last, pulse=last.pulse[lit], pixel=last.pixel[lit], delay_ps=last.delay_ps[lit])
    part, rest = Part(last.end_pulse + 1, "paused for 312 s"), blocks[PAUSED_AFTER + 1 :]
    from_zero = [shifted(block, -last.end_pulse) for block in rest]
    later = [part.placed(block, first=number == 0) for number, block in enumerate(from_zero)]
    return [*blocks[:PAUSED_AFTER], without_light(dark), *later]


def test_a_point_of_two_parts_gives_the_numbers_of_one(ordinary_results: dict[str, Any]) -> None:
    recording = replace(minute().recording, stored=paused(list(minute().recording.stored)))
    analysis = analyze(recording)
    found = results_of(analysis)
    assert [gap["reason"] for gap in found["losses"]["gaps"]] == [LIGHT_WENT_OFF, "paused for 312 s"]
    assert set(found["states"]) == SIX
    for name, numbers in found["states"].items():
        for key, number in numbers.items():
            if isinstance(number, dict) and "error" in number:
                usual = ordinary_results["states"][name][key]
                off = abs(number["value"] - usual["value"])
                assert off <= 0.5 * usual["error"], f"{name} {key}: {number} instead of {usual}"
    dark, per_bin = minute().recording.stored[PAUSED_AFTER], analysis.passes.pulses_per_bin
    touched = slice(dark.first_pulse // per_bin, dark.end_pulse // per_bin + 1)  # the pulse after the block, too
    assert set(analysis.passes.charge_states.labels[touched]) == {-1}


def test_settings_overrule_region_window_and_model(ordinary_results: dict[str, Any]) -> None:
    settings = AnalysisSettings(region=(100, 160), window_ns=150.0, multiexciton="cap2")
    found = results(minute().recording, settings)
    assert found["selection"]["region_pixels"] == [100, 160]
    assert found["selection"]["region_chosen"] == "by settings"
    assert found["selection"]["multiexciton"] == "cap2"
    assert set(found["states"]) == SIX
    # without triexcitons in the model a part of their fast decay is taken for the biexciton's
    shorter, usual = (which["states"]["BX"]["lifetime_ns"]["value"] for which in (found, ordinary_results))
    assert shorter < usual


def test_a_single_lit_pixel_gives_no_pairs_and_no_error() -> None:
    rng = np.random.default_rng(1)
    photons, pulses = 100_000, 20_000_000
    delay_ps = 2e4 + 3e4 * rng.standard_exponential(photons)
    stream = stream_of(rng.integers(0, pulses, photons), np.full(photons, 7), np.minimum(delay_ps, 9.9e5), pulses, 20.0)
    info = replace(INFO, pixel_count=8)
    found = results(MemoryRecording(info, stream.cut()))
    lifetime = found["states"]["X"]["lifetime_ns"]
    assert abs(lifetime["value"] - 30.0) < 5 * lifetime["error"]
    assert found["g2"] == {}
    assert not warned(found, "no pixels are told apart")


def test_photons_without_pixels_are_told_to_be_taken_as_those_of_one() -> None:
    block = PhotonBlock(np.arange(1000), np.zeros(1000, np.uint16), np.full(1000, 30_000, np.uint32), 0, 1000)
    found = results(MemoryRecording(replace(INFO, pixel_count=1), [block]))
    assert warned(found, "no pixels are told apart: all photons are taken as those of one")
