import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from drivers.interfaces.errors import StateError
from drivers.interfaces.photons import PhotonBlock
from drivers.interfaces.spad_array import SpadArray


def acquire(array: SpadArray, duration_s: float) -> Sequence[PhotonBlock]:
    array.set_bias(True)
    return list(array.photons(duration_s))


def test_has_pixels(spad_array: SpadArray) -> None:
    assert spad_array.pixel_count >= 1
    assert spad_array.stream_info().pixel_count == spad_array.pixel_count


def test_does_not_acquire_when_just_connected(spad_array: SpadArray) -> None:
    with pytest.raises(StateError, match="bias"):
        next(spad_array.photons(1.0))


def test_blocks_cover_the_whole_time_without_gap_or_overlap(spad_array: SpadArray) -> None:
    blocks = acquire(spad_array, 2.5)
    period_s = 1e-12 * spad_array.stream_info().period_ps
    assert blocks[0].first_pulse == 0
    assert all(one.end_pulse == other.first_pulse for one, other in itertools.pairwise(blocks))
    assert blocks[-1].end_pulse == pytest.approx(2.5 / period_s, abs=1)
    assert all((block.end_pulse - block.first_pulse) * period_s <= 1.0 + period_s for block in blocks)


def test_photons_lie_on_its_pixels_and_within_the_laser_period(spad_array: SpadArray) -> None:
    blocks = acquire(spad_array, 1.5)
    info = spad_array.stream_info()
    assert sum(len(block.pulse) for block in blocks) > 0
    for block in blocks:
        assert np.all(block.pixel < spad_array.pixel_count)
        assert np.all(block.delay_ps < info.period_ps)


def test_delays_are_steps_of_its_clock(spad_array: SpadArray) -> None:
    blocks = acquire(spad_array, 1.0)
    step_ps = spad_array.stream_info().delay_resolution_ps
    delay_ps = np.concatenate([block.delay_ps for block in blocks]).astype(float)
    assert np.all(np.abs(delay_ps - np.rint(delay_ps / step_ps) * step_ps) <= 0.5)


def test_blocks_are_read_only(spad_array: SpadArray) -> None:
    block = acquire(spad_array, 1.0)[0]
    with pytest.raises(ValueError, match="read-only"):
        block.pulse[:1] = 0


def test_does_not_acquire_twice_at_a_time(spad_array: SpadArray) -> None:
    spad_array.set_bias(True)
    running = spad_array.photons(3.0)
    next(running)
    with pytest.raises(StateError, match="acquiring"):
        next(spad_array.photons(1.0))
    assert next(running).first_pulse > 0
    running.close()


def test_is_idle_with_its_bias_on_after_a_stream_was_closed(spad_array: SpadArray) -> None:
    spad_array.set_bias(True)
    running = spad_array.photons(3.0)
    next(running)
    running.close()
    assert next(spad_array.photons(1.0)).first_pulse == 0


def test_is_idle_after_a_stream_has_ended(spad_array: SpadArray) -> None:
    acquire(spad_array, 1.0)
    assert next(spad_array.photons(1.0)).first_pulse == 0


def test_has_no_bias_after_being_made_safe(spad_array: SpadArray) -> None:
    spad_array.set_bias(True)
    spad_array.make_safe()
    with pytest.raises(StateError, match="bias"):
        next(spad_array.photons(1.0))


def test_a_running_stream_ends_when_the_array_is_made_safe(spad_array: SpadArray) -> None:
    spad_array.set_bias(True)
    running = spad_array.photons(3.0)
    next(running)
    spad_array.make_safe()
    assert list(running) == []


def test_does_nothing_while_not_connected(spad_array: SpadArray) -> None:
    spad_array.close()
    for call in (lambda: spad_array.set_bias(True), spad_array.stream_info, lambda: next(spad_array.photons(1.0))):
        with pytest.raises(StateError, match="not connected"):
            call()
