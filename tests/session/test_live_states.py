"""What is recorded so far is analysed for a display: only while somebody looks, and never with much of a core."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from acquisition.analysis import analyze as analysis_module
from acquisition.live_view import LiveDisplay
from acquisition.session import live_states
from acquisition.session.live_states import SHARE, Duty, LiveStates
from acquisition.storage import PointFolder, Recorder, RecordingContext, RecordingError
from acquisition.storage.analysis_file import save_analysis
from tests.analysis.simulated import minute
from tests.report.recordings import simulated

RECORDING = minute().recording
DEADLINE_S = 60.0


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(live_states, "INTERVAL_S", 0.0)
    monkeypatch.setattr(live_states, "SHARE", 1.0)
    monkeypatch.setattr(live_states, "POLL_S", 0.01)
    monkeypatch.setattr(live_states, "FIRST_LOOK_S", 0.0)


class Shown(LiveDisplay):
    """A display that notes the analyses it is shown."""

    def __init__(self):
        super().__init__()
        self.seen, self.more = [], threading.Condition()

    def show_states(self, point, states):
        super().show_states(point, states)
        with self.more:
            self.seen.append((point, states))
            self.more.notify_all()

    def wait_for(self, count):
        with self.more:
            assert self.more.wait_for(lambda: len(self.seen) >= count, DEADLINE_S)
        return self.seen[count - 1]


@pytest.fixture
def display():
    display = Shown()
    stream = display.new_stream(1, None, RECORDING.info, RECORDING.calibration)
    stream.update(RECORDING.stored[0])
    display.stream = stream
    return display


@pytest.fixture
def states_of(display, tmp_path):
    made = []

    def make(open_point):
        made.append(LiveStates(display, open_point, lambda point: PointFolder(tmp_path / str(point))))
        return made[-1]

    yield make
    for states in made:
        states.rest()


def fails(point):
    raise RecordingError(f"point {point} holds no photons")


def test_nothing_is_analysed_unless_somebody_looks(states_of, display, quick):
    opened = []
    states = states_of(opened.append)
    assert not states.wanted
    assert states._worker is None
    assert opened == []


def test_who_looks_sees_the_analysis_of_what_is_recorded(states_of, display, quick):
    recording = simulated("cdse_cds_table", 30.0)
    states = states_of(lambda point: recording)
    states.ask()
    point, found = display.wait_for(1)
    assert (point, found.problem, found.final, found.elapsed_s) == (1, "", False, 1.0)
    assert found.results["states"]["X"]["lifetime_ns"]["error"] > 0
    assert any(name.startswith("decay/neutral/") for name in found.arrays)


def test_an_analysis_that_fails_is_told_and_made_again_when_more_is_recorded(states_of, display, quick):
    states = states_of(fails)
    states.ask()
    assert display.wait_for(1)[1].problem == "point 1 holds no photons"
    time.sleep(0.2)  # nothing new: nothing is analysed
    assert len(display.seen) == 1
    display.stream.update(RECORDING.stored[1])
    assert display.wait_for(2)[1].elapsed_s == 2.0


def test_a_point_is_not_analysed_before_its_photons_could_suffice(states_of, display, quick, monkeypatch):
    monkeypatch.setattr(live_states, "FIRST_LOOK_S", 2.0)
    states = states_of(fails)
    states.ask()
    time.sleep(0.2)  # 1 s of the stream is there
    assert display.seen == []
    display.stream.update(RECORDING.stored[1])
    assert display.wait_for(1)[1].elapsed_s == 2.0


def stored(point, seconds):
    """Store the first seconds of the recording as segments, as they are while a measurement goes on."""
    recorder = Recorder.continue_(point, RECORDING.info, RecordingContext(calibration=RECORDING.calibration))
    for block in RECORDING.stored[:seconds]:
        recorder.append(block)
    return recorder


def test_of_a_long_point_the_newest_photons_are_analysed_and_that_is_told(
    states_of, display, quick, monkeypatch, tmp_path
):
    for block in RECORDING.stored[1:20]:
        display.stream.update(block)
    monkeypatch.setattr(live_states, "LEAST_S", 3.0)
    monkeypatch.setattr(live_states, "MOST_PHOTONS", display.photons // 4)
    recorder = stored(PointFolder(tmp_path / "0002"), 20)
    try:
        states = states_of(lambda point: recorder.so_far())
        states.ask()
        found = display.wait_for(1)[1]
    finally:
        recorder.close()
    assert (found.problem, found.elapsed_s) == ("", 20.0)
    assert 4.0 <= found.of_last_s <= 6.0
    newest = sum(len(block) for block in RECORDING.stored[20 - round(found.of_last_s) : 20])
    assert found.results["photons"] == newest


def test_when_nothing_more_comes_a_point_that_was_not_analysed_is_analysed_as_a_whole(
    states_of, display, quick, monkeypatch, tmp_path
):
    for block in RECORDING.stored[1:20]:
        display.stream.update(block)
    monkeypatch.setattr(live_states, "MOST_PHOTONS", 1000)
    monkeypatch.setattr(live_states, "LEAST_S", 2.0)
    monkeypatch.setattr(live_states, "FIRST_LOOK_S", 1000.0)
    recorder = stored(PointFolder(tmp_path / "0002"), 20)
    recorder.close()
    states = states_of(lambda point: recorder.so_far())
    states.rest()
    states.go_on()
    states.ask()
    found = display.wait_for(1)[1]
    assert (found.elapsed_s, found.of_last_s) == (20.0, None)
    assert found.results["photons"] == sum(len(block) for block in RECORDING.stored[:20])


def test_the_thread_ends_when_nobody_has_looked_for_a_while(states_of, quick, monkeypatch):
    monkeypatch.setattr(live_states, "LOOKED_AT_S", 0.1)
    states = states_of(fails)
    states.ask()
    assert states._worker.join(DEADLINE_S)
    assert not states.wanted
    states.ask()
    assert states.wanted


def test_an_analysis_is_given_up_when_the_files_are_made_and_can_go_on_later(states_of, display, quick):
    begun = threading.Event()

    def blocks():
        begun.set()
        while True:
            yield RECORDING.stored[0]

    endless = SimpleNamespace(
        info=RECORDING.info, calibration=RECORDING.calibration, simulated=True, conditions={}, blocks=blocks
    )
    states = states_of(lambda point: endless)
    states.ask()
    assert begun.wait(DEADLINE_S)
    states.rest()
    assert states._worker.join(0.0)
    assert display.seen == []
    begun.clear()
    states.ask()
    assert not begun.is_set()
    states.go_on()
    states.ask()
    assert begun.wait(DEADLINE_S)


def test_an_analysis_that_is_stored_is_shown_as_it_is(states_of, display, quick, tmp_path):
    (tmp_path / "1").mkdir()
    arrays = {"decay/neutral/counts": np.arange(5)}
    save_analysis(PointFolder(tmp_path / "1").analysis_h5, arrays, {"results": {"photons": 5}})
    states_of(fails).ask()
    found = display.wait_for(1)[1]
    assert found.final
    assert found.arrays["decay/neutral/counts"].tolist() == [0, 1, 2, 3, 4]
    assert found.results["photons"] == 5


def test_what_a_goal_has_analysed_is_shown_and_not_analysed_again(states_of, display, quick, monkeypatch):
    monkeypatch.setattr(live_states, "INTERVAL_S", 100.0)
    states = states_of(fails)
    recording = simulated("cdse_cds_table", 30.0)
    known = analysis_module.analyze(recording)
    monkeypatch.setattr(analysis_module, "analyze", lambda recording, progress: known)
    results = states.analyse(1, recording, lambda text: None)
    assert display.seen == []  # nobody looks
    states._asked_s = time.monotonic()
    assert states.analyse(1, recording, lambda text: None) == results
    assert display.seen[0][1].results == results
    states.ask()
    time.sleep(0.1)
    assert len(display.seen) == 1


def test_work_owes_so_much_rest_that_its_share_of_a_core_is_kept():
    duty = Duty(threading.Event())
    end_s = time.thread_time() + 0.1
    while time.thread_time() < end_s:
        pass
    assert duty.owed_s == pytest.approx(0.1 * (1 / SHARE - 1), rel=0.2)
    duty.rest(10.0)
    assert duty.owed_s < 0.05


def test_a_rest_ends_when_the_work_is_to_be_given_up():
    wake = threading.Event()
    duty = Duty(wake)
    duty._begun_s -= 1000.0
    wake.set()
    begun_s = time.monotonic()
    duty.rest(60.0)
    assert time.monotonic() - begun_s < 10.0
    assert duty.over
