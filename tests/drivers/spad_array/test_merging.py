import itertools

import numpy as np
import pytest

from drivers.interfaces.photons import Gap, PhotonBlock
from drivers.spad_array.merging import Merger
from drivers.spad_array.record_kinds import MASTER, SLAVE
from drivers.spad_array.records import ChipPhotons

PERIOD_PS = 1000


def photons(*time_ps: int, pixel: int = 0) -> ChipPhotons:
    return ChipPhotons(np.array(time_ps, dtype=np.int64), np.full(len(time_ps), pixel, dtype=np.uint16))


def tags(blocks: list[PhotonBlock]) -> list[tuple[int, int, int]]:
    return [
        (int(pulse), int(delay_ps), int(pixel))
        for block in blocks
        for pulse, delay_ps, pixel in zip(block.pulse, block.delay_ps, block.pixel, strict=True)
    ]


def test_two_nearly_sorted_chips_become_one_sorted_stream() -> None:
    rng = np.random.default_rng(1)
    merger, truth = Merger(PERIOD_PS, 1000, 100), []
    for chip in (SLAVE, MASTER):
        time_ps = np.sort(rng.integers(0, 1000 * PERIOD_PS, 3000))
        for at in rng.integers(0, 2990, 200):
            time_ps[at : at + 5] = rng.permutation(time_ps[at : at + 5])
        truth += time_ps.tolist()
        for piece in np.array_split(time_ps, 7):
            merger.add(chip, ChipPhotons(piece, np.full(len(piece), chip, np.uint16)))
    blocks = [block for end in (0, 130_500, 131_000, 999_000, 10_000_000) for block in merger.take(end)]
    assert [pulse * PERIOD_PS + delay_ps for pulse, delay_ps, _ in tags(blocks)] == sorted(truth)
    assert blocks[0].first_pulse == 0
    assert blocks[-1].end_pulse == 1000
    assert all(one.end_pulse == other.first_pulse for one, other in itertools.pairwise(blocks))
    assert max(block.end_pulse - block.first_pulse for block in blocks) == 100


def test_the_correction_of_the_master_may_move_a_photon_to_another_pulse() -> None:
    merger = Merger(PERIOD_PS, 3, 10)
    merger.add(MASTER, photons(1010, pixel=7), 30)
    merger.add(SLAVE, photons(1010, pixel=8))
    assert tags(list(merger.take(3000))) == [(0, 980, 7), (1, 10, 8)]


def test_photons_that_wait_are_corrected_when_a_clock_has_jumped() -> None:
    merger = Merger(PERIOD_PS, 5, 10)
    merger.add(MASTER, photons(1500, 2600))
    merger.shift_master(2000, 100)
    assert tags(list(merger.take(5000))) == [(1, 500, 0), (2, 500, 0)]


def test_a_gap_is_cut_where_blocks_are() -> None:
    merger = Merger(PERIOD_PS, 30, 10)
    merger.add_gap(5_500, 22_100, "lost")
    gaps = [block.gaps for block in merger.take(30_000)]
    assert gaps == [(Gap(5, 10, "lost"),), (Gap(10, 20, "lost"),), (Gap(20, 23, "lost"),)]


def test_a_gap_in_what_was_given_out_is_marked_at_once() -> None:
    merger = Merger(PERIOD_PS, 30, 10)
    list(merger.take(10_000))
    merger.add_gap(2_000, 3_000, "lost")
    assert [block.gaps for block in merger.take(20_000)] == [(Gap(10, 11, "lost"),)]


def test_a_loss_that_has_not_ended_is_marked_to_the_end_of_each_block() -> None:
    merger = Merger(PERIOD_PS, 30, 10)
    blocks = list(merger.take(20_000, ((12_000, "lost"),)))
    assert [block.gaps for block in blocks] == [(), (Gap(12, 20, "lost"),)]


def test_photons_of_a_block_that_was_given_out_are_counted_and_marked() -> None:
    merger = Merger(PERIOD_PS, 30, 10)
    list(merger.take(10_000))
    merger.add(SLAVE, photons(9_500, 10_500))
    (block,) = merger.take(20_000)
    assert tags([block]) == [(10, 500, 0)]
    assert block.gaps == (Gap(10, 11, "photons came too late for their block"),)
    assert merger.late_photons == 1


def test_photons_after_the_end_are_not_given_out() -> None:
    merger = Merger(PERIOD_PS, 2, 10)
    merger.add(SLAVE, photons(1_999, 2_000))
    assert tags(list(merger.take(10_000))) == [(1, 999, 0)]


@pytest.mark.parametrize(("older", "left"), [(3, [1, 9]), (2, [1, 8, 9])])
def test_photons_before_a_set_back_that_lie_after_it_are_forgotten(older: int, left: list[int]) -> None:
    merger = Merger(PERIOD_PS, 30, 30)
    merger.add(SLAVE, photons(1_000, 7_000))
    merger.add(SLAVE, photons(8_000, 9_000))
    assert merger.drop_after(SLAVE, 2_000, older) == 4 - len(left)
    assert [pulse for pulse, _, _ in tags(list(merger.take(30_000)))] == left
