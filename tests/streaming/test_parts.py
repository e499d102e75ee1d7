"""A point that is interrupted: its parts follow each other, and what an interruption spoils is marked."""

import itertools
import threading
from collections.abc import Callable

import numpy as np
import pytest

from acquisition.streaming import (
    AcquisitionError,
    AcquisitionResult,
    CascadeGoal,
    Ending,
    LiveSnapshot,
    Progress,
    StreamSettings,
    acquire,
)
from acquisition.streaming.parts import LIGHT_FAILED, LIGHT_WENT_OFF, Part, dark_pulses, shifted
from drivers.interfaces.errors import CommunicationError
from drivers.interfaces.photons import Gap
from tests.streaming.fakes import (
    INFO,
    PULSES_PER_BLOCK,
    FakeLive,
    FakeRecorder,
    FakeSnapshot,
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


class TimeGoal:
    """Reached after a time of the whole point; remembers what it was asked."""

    def __init__(self, until_s: float) -> None:
        self.until_s, self.asked = until_s, []

    def reached(self, elapsed_s: float, snapshot: LiveSnapshot) -> str | None:
        self.asked.append(elapsed_s)
        return "long enough" if elapsed_s >= self.until_s else None


def test_a_goal_is_told_the_time_of_the_whole_point_and_says_why_it_ended() -> None:
    goal = TimeGoal(1.25)
    result = acquire(
        FakeSpadArray(),
        100.0,
        INFO,
        FakeRecorder(),
        FakeLive(),
        stop=threading.Event(),
        first_pulse=1_000_001,
        interruption="paused",
        goal=goal,
        settings=COMPLETE,
    )
    assert goal.asked == pytest.approx([1.100001, 1.200001, 1.300001])
    assert (result.ending, result.reason) == (Ending.GOAL, "long enough")
    assert result.blocks == 5  # reached by the third, judged two blocks later


def test_a_cascade_goal_says_in_words_that_it_is_reached() -> None:
    goal = CascadeGoal(45)
    assert goal.reached(1.0, FakeSnapshot(cascades=44)) is None
    assert goal.reached(2.5, FakeSnapshot(cascades=50)) == "50 cascades, 45 wanted, after 2.5 s"
    with pytest.raises(ValueError, match="at least 1"):
        CascadeGoal(0)


def test_a_goal_without_a_live_analysis_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a live analysis"):
        acquire(FakeSpadArray(), 1.0, INFO, FakeRecorder(), stop=threading.Event(), goal=CascadeGoal(1))


def test_a_goal_that_fails_is_a_warning_and_the_raw_data_are_complete() -> None:
    class Broken:
        def reached(self, elapsed_s: float, snapshot: LiveSnapshot) -> str | None:
            raise ZeroDivisionError("no error yet")

    recorder = FakeRecorder()
    result = acquire(
        FakeSpadArray(), 1.0, INFO, recorder, FakeLive(), stop=threading.Event(), goal=Broken(), settings=COMPLETE
    )
    assert result.ending is Ending.DURATION
    assert recorder.photons == 10_000
    assert "ZeroDivisionError: no error yet" in result.warnings[0]
    assert "the goal was judged no more" in result.warnings[0]


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


def test_a_goal_that_was_reached_while_the_end_was_asked_for_is_the_ending() -> None:
    stop, judged = threading.Event(), threading.Event()

    class Reached:
        def reached(self, elapsed_s: float, snapshot: LiveSnapshot) -> str | None:
            judged.set()
            return "enough"

    def pause() -> None:
        assert judged.wait(10)
        stop.set()

    result = acquire(
        FakeSpadArray(before_block=only_at(1, pause)),
        1.0,
        INFO,
        FakeRecorder(),
        FakeLive(),
        stop=stop,
        goal=Reached(),
        settings=COMPLETE,
        on_stop=lambda: True,
    )
    assert (result.ending, result.reason) == (Ending.GOAL, "enough")


def test_a_block_in_the_dark_reaches_no_goal() -> None:
    stop, dark = threading.Event(), threading.Event()

    def pause() -> None:
        stop.set()
        assert dark.wait(10)

    goal = TimeGoal(0.15)
    result = acquire(
        FakeSpadArray(before_block=only_at(1, pause)),
        1.0,
        INFO,
        FakeRecorder(),
        FakeLive(),
        stop=stop,
        goal=goal,
        settings=COMPLETE,
        on_stop=lambda: dark.set() or True,
    )
    assert goal.asked == pytest.approx([0.1])
    assert result.ending is Ending.STOPPED
