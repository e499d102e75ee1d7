"""A block that holds the moment in which the light went off is kept and marked."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from acquisition.streaming import (
    AcquisitionError,
    Ending,
    StreamSettings,
    acquire,
)
from acquisition.streaming.parts import LIGHT_FAILED, LIGHT_WENT_OFF, dark_pulses
from drivers.interfaces.errors import CommunicationError
from drivers.interfaces.photons import Gap
from tests.streaming.fakes import (
    INFO,
    PULSES_PER_BLOCK,
    FakeRecorder,
    FakeSpadArray,
    make_block,
)

COMPLETE = StreamSettings(shed=False)


def only_at(number: int, act: Callable[[], object]) -> Callable[[int], object]:
    return lambda present: act() if present == number else None


def test_the_block_in_which_the_light_went_off_is_kept_and_marked_whole() -> None:
    stop, dark, threads = threading.Event(), threading.Event(), []

    def switch_off() -> bool:
        threads.append(threading.current_thread())
        dark.set()
        return True

    def pause() -> None:
        stop.set()
        assert dark.wait(10)  # the light goes off while the detector is still measuring

    recorder = FakeRecorder()
    result = acquire(FakeSpadArray(before_block=only_at(2, pause)), 1.0, INFO, recorder, stop=stop, on_stop=switch_off)
    assert threads == [threading.current_thread()]
    assert [block.gaps for block in recorder.blocks] == [(), (), (Gap(200_000, 300_000, LIGHT_WENT_OFF),)]
    assert np.array_equal(recorder.blocks[2].pulse, make_block(2).pulse)
    assert (result.ending, result.gaps, result.lost_pulses) == (Ending.STOPPED, 1, PULSES_PER_BLOCK)
    assert [dark_pulses(block) for block in recorder.blocks] == [0, 0, PULSES_PER_BLOCK]
    assert (result.elapsed_s, result.dark_s) == pytest.approx((0.3, 0.1))
    assert result.measured_s == pytest.approx(0.2)


def test_a_block_that_comes_while_the_light_is_being_switched_off_waits_and_is_marked() -> None:
    stop, switching, recorded = threading.Event(), threading.Event(), threading.Event()
    recorder = FakeRecorder(on_append=lambda number: recorded.set() if number == 1 else None)
    early = []

    def switch_off() -> bool:
        switching.set()
        early.append(recorded.wait(0.1))
        return True

    def pause() -> None:
        stop.set()
        assert switching.wait(10)

    acquire(FakeSpadArray(before_block=only_at(1, pause)), 1.0, INFO, recorder, stop=stop, on_stop=switch_off)
    assert early == [False]
    assert [bool(block.gaps) for block in recorder.blocks] == [False, True]


def test_the_reasons_of_other_gaps_in_a_dark_block_are_kept_in_one_gap() -> None:
    stop, dark = threading.Event(), threading.Event()

    def pause() -> None:
        stop.set()
        assert dark.wait(10)

    recorder = FakeRecorder()
    array = FakeSpadArray([make_block(0, gaps=(Gap(5, 9, "fifo overflow"),))], before_block=only_at(0, pause))
    acquire(
        array,
        0.1,
        INFO,
        recorder,
        stop=stop,
        first_pulse=11,
        interruption="paused",
        on_stop=lambda: dark.set() or True,
    )
    assert recorder.blocks[0].gaps == (Gap(10, 100_011, f"{LIGHT_WENT_OFF}; paused; fifo overflow"),)


def test_a_stop_that_leaves_the_light_on_marks_nothing() -> None:
    stop, asked = threading.Event(), threading.Event()

    def halt() -> None:
        stop.set()
        assert asked.wait(10)

    recorder, calls = FakeRecorder(), []
    result = acquire(
        FakeSpadArray(before_block=only_at(1, halt)),
        1.0,
        INFO,
        recorder,
        stop=stop,
        on_stop=lambda: asked.set() or calls.append(1) or False,
    )
    assert (calls, result.gaps) == ([1], 0)
    assert len(recorder.blocks) == 2


def test_who_stops_is_heard_although_the_stream_has_just_ended() -> None:
    stop, calls = threading.Event(), []
    array = FakeSpadArray([make_block(0)], before_block=only_at(0, stop.set))
    acquire(array, 0.1, INFO, FakeRecorder(), stop=stop, on_stop=lambda: calls.append(1) or True)
    assert calls == [1]


def test_an_acquisition_that_is_not_stopped_switches_nothing() -> None:
    calls: list[int] = []
    acquire(FakeSpadArray(), 0.3, INFO, FakeRecorder(), stop=threading.Event(), on_stop=lambda: calls.append(1) or True)
    assert calls == []


def test_a_light_that_cannot_be_switched_off_is_an_error_and_everything_is_made_safe() -> None:
    stop, safe, before = threading.Event(), [], set(threading.enumerate())

    def switch_off() -> bool:
        raise CommunicationError("shutter", "no answer")

    recorder = FakeRecorder()
    with pytest.raises(AcquisitionError, match="shutter: no answer") as caught:
        acquire(
            FakeSpadArray(before_block=only_at(3, stop.set)),
            1000.0,
            INFO,
            recorder,
            stop=stop,
            on_stop=switch_off,
            on_error=lambda: safe.append(1),
        )
    assert isinstance(caught.value.__cause__, CommunicationError)
    assert safe == [1]
    assert recorder.finished
    assert set(threading.enumerate()) == before


def test_a_block_that_comes_while_everything_is_made_safe_is_marked_and_the_last() -> None:
    made_safe = threading.Event()
    array = FakeSpadArray(before_block=only_at(2, lambda: made_safe.wait(10)))  # silent for too long
    recorder = FakeRecorder()

    def make_safe() -> None:
        made_safe.set()
        array.closed.wait_for(1)  # heater, camera ... take their time

    settings = StreamSettings(shed=False, block_timeout_s=0.1)
    with pytest.raises(AcquisitionError, match="has delivered no photons") as caught:
        acquire(array, 1.0, INFO, recorder, stop=threading.Event(), settings=settings, on_error=make_safe)
    assert [block.gaps for block in recorder.blocks] == [(), (), (Gap(200_000, 300_000, LIGHT_FAILED),)]
    assert caught.value.result.measured_s == pytest.approx(0.2)
    assert caught.value.unsafe is None


def test_an_error_says_that_the_instruments_could_not_be_made_safe() -> None:
    def fail() -> None:
        raise CommunicationError("spad_array", "cable")

    def not_safe() -> None:
        raise OSError("relay stuck")

    with pytest.raises(AcquisitionError, match="cable; relay stuck") as caught:
        acquire(
            FakeSpadArray(before_block=only_at(3, fail)),
            1.0,
            INFO,
            FakeRecorder(),
            stop=threading.Event(),
            on_error=not_safe,
        )
    assert isinstance(caught.value.__cause__, CommunicationError)
    assert str(caught.value.unsafe) == "relay stuck"
