"""A point that is interrupted: its parts follow each other, and what an interruption spoils is marked."""

import itertools
import threading
from collections.abc import Callable

import numpy as np
import pytest

from acquisition.streaming import (
    AcquisitionError,
    AcquisitionResult,
    Ending,
    Progress,
    StreamSettings,
    acquire,
)
from acquisition.streaming.parts import Part, shifted
from drivers.interfaces.photons import Gap
from tests.streaming.fakes import (
    INFO,
    FakeLive,
    FakeRecorder,
    FakeSpadArray,
    make_block,
)

COMPLETE = StreamSettings(shed=False)


def only_at(number: int, act: Callable[[], object]) -> Callable[[int], object]:
    return lambda present: act() if present == number else None


def test_a_continued_part_counts_its_pulses_on_and_begins_with_the_interruption() -> None:
    recorder, live = FakeRecorder(), FakeLive()
    result = acquire(
        FakeSpadArray(),
        0.2,
        INFO,
        recorder,
        live,
        stop=threading.Event(),
        first_pulse=700_001,
        interruption="paused for 312 s",
    )
    first, second = recorder.blocks
    assert (first.first_pulse, first.end_pulse) == (700_000, 800_001)
    assert first.gaps == (Gap(700_000, 700_001, "paused for 312 s"),)
    assert (second.first_pulse, second.end_pulse, second.gaps) == (800_001, 900_001, ())
    assert np.array_equal(first.pulse, make_block(0).pulse + 700_001)
    assert np.array_equal(second.pulse, make_block(1).pulse + 700_001)
    assert np.array_equal(second.delay_ps, make_block(1).delay_ps)
    assert live.blocks == recorder.blocks
    assert (result.end_pulse, result.gaps, result.lost_pulses) == (900_001, 1, 1)
    assert result.elapsed_s == pytest.approx(0.2)


def test_parts_follow_each_other_without_a_hole() -> None:
    recorder, end, results = FakeRecorder(), 0, []
    for number in range(3):
        results.append(
            acquire(
                FakeSpadArray(),
                0.3,
                INFO,
                recorder,
                stop=threading.Event(),
                first_pulse=end + 1 if number else 0,
                interruption="paused",
            )
        )
        end = results[-1].end_pulse
    assert all(one.end_pulse == other.first_pulse for one, other in itertools.pairwise(recorder.blocks))
    assert recorder.blocks[0].gaps == ()
    whole = AcquisitionResult.joined(results)
    assert (whole.photons, whole.recorded_photons, whole.blocks) == (9000, 9000, 9)
    assert (whole.end_pulse, whole.gaps, whole.lost_pulses) == (900_002, 2, 2)
    assert whole.elapsed_s == pytest.approx(0.9)


def test_the_gaps_of_the_detector_move_with_their_photons() -> None:
    block = make_block(1, gaps=(Gap(100_010, 100_020, "fifo overflow"),))
    moved = shifted(block, 5, Gap(90_000, 100_005, "paused"))
    assert moved.first_pulse == 90_000
    assert moved.gaps == (Gap(90_000, 100_005, "paused"), Gap(100_015, 100_025, "fifo overflow"))
    with pytest.raises(ValueError, match="ends at pulse 7, but the block starts at 100005"):
        shifted(block, 5, Gap(0, 7, "paused"))


def test_a_detector_that_starts_late_in_a_continued_part_leaves_no_hole() -> None:
    block = Part(11, "paused").placed(make_block(1), first=True)
    assert block.gaps == (Gap(10, 100_011, "paused"),)
    assert block.first_pulse == 10


@pytest.mark.parametrize(
    ("options", "message"),
    [({"first_pulse": -1}, "first_pulse is -1"), ({"first_pulse": 5}, "needs a reason for its interruption")],
)
def test_a_part_that_cannot_be_is_refused(options: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        acquire(FakeSpadArray(), 1.0, INFO, FakeRecorder(), stop=threading.Event(), **options)


def test_the_caller_is_told_the_progress_in_its_own_thread() -> None:
    told: list[tuple[threading.Thread, Progress]] = []
    acquire(
        FakeSpadArray(),
        0.5,
        INFO,
        FakeRecorder(),
        stop=threading.Event(),
        tick=lambda progress: told.append((threading.current_thread(), progress)),
    )
    assert {thread for thread, _ in told} == {threading.current_thread()}
    assert told[-1][1].photons == 5000
    assert told[-1][1].elapsed_s == pytest.approx(0.5)


def test_a_failing_tick_ends_the_acquisition_with_its_error_and_no_thread_is_left() -> None:
    before, ticked, recorder = set(threading.enumerate()), threading.Event(), FakeRecorder()

    def tick(progress: Progress) -> None:
        ticked.set()
        raise OSError(28, "No space left on device")

    array = FakeSpadArray(before_block=only_at(2, lambda: ticked.wait(10)))
    with pytest.raises(AcquisitionError, match="No space left") as caught:
        acquire(array, 1000.0, INFO, recorder, stop=threading.Event(), tick=tick)
    assert caught.value.result.ending is Ending.ERROR
    assert recorder.finished
    assert set(threading.enumerate()) == before


def test_what_an_earlier_process_recorded_counts_as_a_part() -> None:
    earlier = AcquisitionResult.earlier(photons=500, end_pulse=2_000_000, elapsed_s=2.0)
    result = acquire(
        FakeSpadArray(), 0.1, INFO, FakeRecorder(), stop=threading.Event(), first_pulse=2_000_001, interruption="killed"
    )
    whole = AcquisitionResult.joined((earlier, result))
    assert (whole.photons, whole.end_pulse, whole.ending) == (1500, 2_100_001, Ending.DURATION)
    assert whole.elapsed_s == pytest.approx(2.1)


def test_a_point_without_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one part"):
        AcquisitionResult.joined(())
