"""Replay: a recording behaves as a SPAD array and yields the photons that were recorded."""

import numpy as np
import pytest

from acquisition.replay import ReplaySpadArray
from acquisition.storage import RecordingError
from drivers.interfaces.errors import CommunicationError, RangeError, StateError
from drivers.interfaces.photons import PhotonStreamInfo
from tests.storage.photons import MemoryRecording, join, make_blocks, same_photons

PULSES = 20_000
INFO = PhotonStreamInfo(period_ps=1e8, pulsed=True, delay_resolution_ps=20.0, pixel_count=320)
"""A laser of 10 kHz, so that 1 s is 10,000 pulses."""


@pytest.fixture
def recording():
    return MemoryRecording(make_blocks(3, photons=3000, pulses=PULSES), info=INFO)


@pytest.fixture
def array(recording):
    with ReplaySpadArray("spad_array", recording) as device:
        device.set_bias(True)
        yield device


def test_the_photons_are_those_of_the_recording(array, recording):
    assert same_photons(join(array.photons(6.0)), join(recording.blocks()))


def test_no_block_is_longer_than_a_second(array):
    assert max(block.end_pulse - block.first_pulse for block in array.photons(6.0)) <= 10_000


def test_the_duration_is_honoured(array, recording):
    part, whole = join(array.photons(2.5)), join(recording.blocks())
    assert part.end_pulse == 25_000
    assert np.array_equal(part.pulse, whole.pulse[whole.pulse < 25_000])


def test_the_stream_ends_with_the_recording(array):
    assert join(array.photons(100.0)).end_pulse == 3 * PULSES


def test_each_acquisition_starts_anew(array):
    first, second = join(array.photons(2.0)), join(array.photons(2.0))
    assert same_photons(first, second)


def test_gaps_are_replayed(array, recording):
    gaps = [gap for block in array.photons(6.0) for gap in block.gaps]
    assert gaps == [gap for block in recording.blocks() for gap in block.gaps]


def test_it_says_that_it_is_no_hardware(array):
    assert array.identity.simulated
    assert array.stream_info() == INFO
    assert array.pixel_count == 320


def test_it_needs_bias_and_connection(recording):
    device = ReplaySpadArray("spad_array", recording)
    with pytest.raises(StateError, match="not connected"):
        next(device.photons(1.0))
    device.connect()
    with pytest.raises(StateError, match="bias off"):
        next(device.photons(1.0))


def test_a_second_stream_is_refused_until_the_first_is_closed(array):
    stream = array.photons(5.0)
    next(stream)
    with pytest.raises(StateError, match="already acquiring"):
        next(array.photons(5.0))
    stream.close()
    assert next(array.photons(5.0)).first_pulse == 0


def test_make_safe_ends_the_stream(array):
    stream = array.photons(5.0)
    next(stream)
    array.make_safe()
    assert list(stream) == []


@pytest.mark.parametrize("duration_s", [0.0, -1.0, float("nan"), float("inf")])
def test_a_duration_without_end_or_length_is_refused(array, duration_s):
    with pytest.raises(RangeError, match="duration_s"):
        next(array.photons(duration_s))


def test_a_recording_that_breaks_off_is_a_broken_stream():
    class Broken(MemoryRecording):
        def blocks(self):
            yield from super().blocks()
            raise RecordingError("photons.h5: is damaged")

    device = ReplaySpadArray("spad_array", Broken(make_blocks(2), info=INFO))
    device.connect()
    device.set_bias(True)
    stream = device.photons(100.0)
    assert [next(stream).first_pulse, next(stream).first_pulse] == [0, 1000]
    with pytest.raises(CommunicationError, match="is damaged"):
        next(stream)
