"""A stream for a display comes in short blocks and never faster than the wall, and loses nothing on the way."""

import numpy as np
import pytest

from acquisition.streaming import PacedPhotons
from acquisition.streaming.pacing import pieces
from drivers.interfaces.photons import Gap
from tests.streaming.fakes import PULSES_PER_BLOCK, FakeSpadArray, make_block

PERIOD_S = 1e-6


class Wall:
    """Time that passes by sleeping, and by what `work_s` says between blocks."""

    def __init__(self):
        self.time_s = 100.0
        self.slept = []

    def now(self):
        return self.time_s

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.time_s += seconds


@pytest.fixture
def wall():
    return Wall()


def paced(array, wall):
    return PacedPhotons(array, PERIOD_S, wall.now, wall.sleep)


def test_pieces_of_a_block_hold_what_the_block_holds():
    gap = Gap(30_000, 70_000, "overflow")
    block = make_block(0, photons=5000, gaps=(gap,))
    cut = list(pieces(block, 40_000))
    assert [(each.first_pulse, each.end_pulse) for each in cut] == [(0, 40_000), (40_000, 80_000), (80_000, 100_000)]
    for name in ("pulse", "pixel", "delay_ps"):
        assert np.array_equal(np.concatenate([getattr(each, name) for each in cut]), getattr(block, name))
    assert [[(g.first_pulse, g.end_pulse) for g in each.gaps] for each in cut] == [
        [(30_000, 40_000)],
        [(40_000, 70_000)],
        [],
    ]


def test_a_stream_lasts_as_long_as_it_says(wall):
    blocks = list(paced(FakeSpadArray(), wall).photons(1.0))
    assert wall.time_s - 100.0 == pytest.approx(1.0)
    assert {each.end_pulse - each.first_pulse for each in blocks} == {50_000}  # 50 ms
    assert sum(map(len, blocks)) == 10_000
    assert blocks[-1].end_pulse == 10 * PULSES_PER_BLOCK


def test_no_piece_comes_before_its_time(wall):
    for block in paced(FakeSpadArray(), wall).photons(0.5):
        assert wall.time_s - 100.0 >= block.end_pulse * PERIOD_S - 1e-9


def test_a_stream_that_was_held_up_catches_up_a_little_only(wall):
    def hold_up(number):
        wall.time_s += 3.0 if number == 2 else 0.0

    times = [wall.time_s - 100.0 for _ in paced(FakeSpadArray(before_block=hold_up), wall).photons(1.0)]
    assert times[3] == pytest.approx(0.2)
    assert times[4] == pytest.approx(3.2)
    assert times[-1] == pytest.approx(3.2 - 0.5 + 0.8)  # 0.5 s of 3 s are made up for


def test_whoever_leaves_closes_the_stream_of_the_detector(wall):
    array = FakeSpadArray()
    stream = paced(array, wall).photons(1.0)
    next(stream)
    stream.close()
    assert array.closed_streams == 1
