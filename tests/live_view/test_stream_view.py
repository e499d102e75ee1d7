"""A live analysis can be looked into without holding up the stream, and goes on if looking fails."""

import threading

import pytest

from acquisition.analysis.live import LiveAnalysis
from acquisition.live_view import stream_view
from acquisition.live_view.stream_view import StreamView
from tests.analysis.simulated import minute


@pytest.fixture
def now(monkeypatch):
    """The clock of the view; tests move it."""
    clock = [100.0]
    monkeypatch.setattr(stream_view.time, "monotonic", lambda: clock[0])
    return clock


@pytest.fixture
def looked():
    recording = minute().recording
    frames, problems = [], []
    view = StreamView(1, LiveAnalysis(recording.info, recording.calibration), frames.append, problems.append)
    return view, frames, problems


BLOCKS = minute().recording.stored


def test_nothing_is_made_unless_somebody_asks(looked, now):
    view, frames, _ = looked
    for block in BLOCKS[:4]:
        now[0] += 1.0
        view.update(block)
    assert frames == []


def test_a_frame_comes_with_the_next_block_after_it_was_asked_for(looked, now):
    view, frames, _ = looked
    view.update(BLOCKS[0])
    view.ask()
    assert frames == []
    view.update(BLOCKS[1])
    assert [frame.numbers.elapsed_s for frame in frames] == [2.0]
    view.update(BLOCKS[2])
    assert len(frames) == 1


def test_frames_come_at_most_25_times_a_second_however_often_they_are_asked_for(looked, now):
    view, frames, _ = looked
    for block in BLOCKS[:30]:
        now[0] += 0.01
        view.ask()
        view.update(block)
    assert len(frames) == 8


def test_a_stream_that_rests_is_shown_as_it_stands_once(looked, now):
    view, frames, _ = looked
    view.update(BLOCKS[0])
    now[0] += 1.0
    view.ask()
    view.ask()
    assert [frame.numbers.elapsed_s for frame in frames] == [1.0]


def test_who_asks_does_not_wait_for_a_block_that_is_being_analysed(now):
    recording = minute().recording
    begun, gate, frames = threading.Event(), threading.Event(), []

    class Slow(LiveAnalysis):
        def update(self, block):
            begun.set()
            assert gate.wait(10)
            super().update(block)

    view = StreamView(1, Slow(recording.info, recording.calibration), frames.append, frames.append)
    feeding = threading.Thread(target=view.update, args=(BLOCKS[0],))
    feeding.start()
    assert begun.wait(10)
    now[0] += 1.0
    view.ask()  # would hang here
    assert frames == []
    gate.set()
    feeding.join(10)
    assert len(frames) == 1


def test_the_live_analysis_goes_on_when_looking_fails_which_is_told_once(looked, now, monkeypatch):
    view, frames, problems = looked
    view.update(BLOCKS[0])
    monkeypatch.setattr(view._frames, "update", lambda block: 1 / 0)
    for block in BLOCKS[1:5]:
        now[0] += 0.1
        view.ask()
        view.update(block)
    assert view.snapshot().elapsed_s == 5.0
    assert frames == []
    assert problems == ["the live view of the photons failed: ZeroDivisionError('division by zero')"]
