"""What an emitter beside the middle of the spot still sends, and which one a measurement sees."""

import pytest

from simulators.optics import Optics
from simulators.sample import Emitter, MicrostatePhotophysics, Sample
from simulators.spot import spot_shares
from simulators.stage import SimulatedStage, StageSettings
from tests.simulators.worlds import QUIET, Instruments, acquire, shining, shipped_sample, sigmas

MODEL = MicrostatePhotophysics(kind="microstate")


def dot(x_um: float = 0.0, y_um: float = 0.0, relative_absorption: float = 1.0) -> Emitter:
    return Emitter(photophysics=MODEL, position_x_um=x_um, position_y_um=y_um, relative_absorption=relative_absorption)


def at(sample: Sample, x_um: float, y_um: float, intensity_percent: float = 5.0) -> Instruments:
    """Return instruments with the place of the sample in the spot."""
    instruments = shining(sample, detector=QUIET, intensity_percent=intensity_percent)
    stage = SimulatedStage("stage", instruments.bench, StageSettings(repeatability_nm=0.0))
    stage.connect()
    assert stage.move_to_um(x_um, y_um)
    return instruments


def test_in_the_middle_nothing_is_lost() -> None:
    assert spot_shares(dot(1.0, -2.0), (1.0, -2.0), Optics()) == (1.0, 1.0)


def test_half_a_width_beside_the_middle_half_is_left() -> None:
    optics = Optics(excitation_fwhm_um=0.4, collection_fwhm_um=0.8)
    excited, collected = spot_shares(dot(), (0.12, 0.16), optics)
    assert excited == pytest.approx(0.5)
    assert collected == pytest.approx(0.5**0.25)


def test_the_count_rate_falls_with_the_distance_as_both_gaussians_say() -> None:
    sample, optics = Sample(name="one", emitters=(dot(2.0, 3.0),)), Optics()
    seconds = 20.0
    middle = len(acquire(at(sample, 2.0, 3.0, intensity_percent=1.0).array, seconds).pulse)
    beside = len(acquire(at(sample, 2.15, 3.0, intensity_percent=1.0).array, seconds).pulse)
    share = 0.5 ** (4 * 0.15**2 * (optics.excitation_fwhm_um**-2 + optics.collection_fwhm_um**-2))
    assert abs(beside - share * middle) < 4 * (beside + share**2 * middle) ** 0.5 + 0.01 * beside  # saturation


def test_an_emitter_that_absorbs_more_is_brighter() -> None:
    counts = [
        len(acquire(at(Sample(name="one", emitters=(dot(0, 0, size),)), 0, 0, 0.5).array, 20.0).pulse)
        for size in (1.0, 2.0)
    ]
    assert counts[1] / counts[0] == pytest.approx(2.0, abs=0.15)


def test_far_from_every_emitter_there_is_no_light() -> None:
    assert len(acquire(at(shipped_sample("two_emitters"), 5.0, 5.0).array, 1.0).pulse) == 0


def test_the_truth_is_that_of_the_emitter_in_the_spot() -> None:
    sample = shipped_sample("field_of_dots")
    instruments = at(sample, 2.2, -3.9, intensity_percent=10.0)
    acquire(instruments.array, 0.1)
    truth = instruments.bench.truth()
    (point,) = truth["points"]
    assert (point["x_um"], point["y_um"]) == (2.2, -3.9)
    assert (point["emitter"], point["emitters_in_spot"]) == (2, 1)
    assert point["excitations_per_pulse"] == pytest.approx(0.1 * 1.6)
    assert point["states"]["X"]["energy_ss_ev"] == pytest.approx(1.772)
    assert truth["states"] == point["states"]
    assert point["charge_path"] == point["charge_paths"][2]
    assert (truth["emitters"][4]["position_x_um"], truth["emitters"][4]["position_y_um"]) == (-3.2, -1.1)


def test_the_field_holds_one_pair_that_cannot_be_resolved_and_single_emitters() -> None:
    sample = shipped_sample("field_of_dots")
    seen = []
    for emitter in sample.emitters:
        instruments = at(sample, emitter.position_x_um, emitter.position_y_um)
        acquire(instruments.array, 0.01)
        seen.append(instruments.bench.truth()["points"][0]["emitters_in_spot"])
    assert len(sample.emitters) == 12
    assert sorted(seen) == [1] * 10 + [2] * 2
    assert all(abs(one.position_x_um) <= 5 and abs(one.position_y_um) <= 5 for one in sample.emitters)


def test_between_two_emitters_both_are_seen() -> None:
    pair = Sample(name="pair", emitters=(dot(-0.06), dot(0.06)))
    one = Sample(name="one", emitters=(dot(0.06),))
    counts = [len(acquire(at(sample, 0.0, 0.0).array, 20.0).pulse) for sample in (pair, one)]
    assert sigmas(counts[0], 2 * counts[1]) < 4 * 3**0.5
