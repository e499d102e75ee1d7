"""A goal ends an acquisition before its time, judged for the whole point."""

import threading
from collections.abc import Callable

import pytest

from acquisition.streaming import (
    CascadeGoal,
    Ending,
    LiveSnapshot,
    StreamSettings,
    acquire,
)
from tests.streaming.fakes import (
    INFO,
    FakeLive,
    FakeRecorder,
    FakeSnapshot,
    FakeSpadArray,
)

COMPLETE = StreamSettings(shed=False)


def only_at(number: int, act: Callable[[], object]) -> Callable[[int], object]:
    return lambda present: act() if present == number else None


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
