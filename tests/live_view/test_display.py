"""A display pulls what has changed, from any thread, and waits for nothing."""

import threading

import numpy as np
import pytest

from acquisition.live_view import PANELS, LiveDisplay, panel
from acquisition.live_view.state_results import StateResults
from acquisition.remote.wire import encode
from tests.analysis.simulated import minute
from tests.live_view import scenes

RECORDING = minute().recording


@pytest.fixture
def display():
    return LiveDisplay()


@pytest.fixture
def stream(display):
    return display.new_stream(4, "20 degC", RECORDING.info, RECORDING.calibration)


def fed(display, stream, blocks):
    """Feed blocks, of which the last is looked at."""
    for block in blocks[:-1]:
        stream.update(block)
    display.live()
    stream._made_s = -1.0
    stream.update(blocks[-1])


@pytest.fixture
def extra():
    """Register panels, until the test ends."""
    known = set(PANELS)
    yield panel
    for name in set(PANELS) - known:
        del PANELS[name]


def test_before_the_first_point_all_panels_are_empty_and_named(display):
    found = display.live()
    assert found["point"] is None
    assert not any(found["panels"].values())
    assert {each["name"] for each in found["available"]} == set(PANELS)
    assert {each["name"] for each in found["available"] if each["kind"] == "stream"} == set(found["panels"])


def test_nothing_comes_twice(display):
    version = display.live()["version"]
    assert display.live(version) == {"version": version}


def test_a_version_of_another_process_or_of_the_future_is_answered_in_full(display):
    assert "available" in display.live(7) or display.live(7)["panels"]
    assert set(display.live(display.live()["version"] + 5)["panels"]) == set(display.live()["panels"])


def test_the_stream_is_shown_once_it_was_asked_for(display, stream):
    fed(display, stream, RECORDING.stored[:3])
    found = display.live()
    assert (found["point"], found["label"], found["problem"]) == (4, "20 degC", "")
    assert found["panels"]["counts"]["elapsed_s"] == 3.0
    encode(found, 2**21)


def test_versions_rise_and_only_what_has_changed_comes(display, stream):
    fed(display, stream, RECORDING.stored[:2])
    before = display.live()
    display.show_readings(1.0, {"temperature_c": 20.0})
    after = display.live(before["version"])
    assert after["version"] > before["version"]
    assert set(after["panels"]) == {"conditions"}
    assert "available" not in after
    fed(display, stream, RECORDING.stored[2:4])
    assert {"counts", "count_trace"} <= set(display.live(after["version"])["panels"])


def test_a_new_point_begins_empty_and_late_frames_of_the_old_one_are_dropped(display, stream):
    fed(display, stream, RECORDING.stored[:2])
    display.show_readings(1.0, {"temperature_c": 20.0})
    display.new_stream(5, None, RECORDING.info, RECORDING.calibration)
    stream.ask()
    stream._made_s = -1.0
    stream.update(RECORDING.stored[2])
    found = display.live()
    assert (found["point"], found["panels"]["counts"]) == (5, None)
    assert found["panels"]["conditions"] is not None


def test_unknown_panels_are_refused_with_those_that_there_are(display):
    with pytest.raises(ValueError, match=r"'weather' is no panel; there are .*count_trace"):
        display.live(None, ["counts", "weather"])


def test_an_analysis_is_asked_for_only_by_who_looks_at_states(display, stream):
    asked = []
    display.ask_states = lambda: asked.append(1)
    display.live()
    display.live(None, ["counts", "progress"])
    assert asked == []
    display.live(display.live()["version"], ["numbers"])
    assert asked == [1]


def test_an_analysis_is_shown_if_its_point_still_is(display, stream):
    states = scenes.analysed().states
    display.show_states(3, states)
    assert display.live(None, ["numbers"])["panels"]["numbers"] is None
    display.show_states(4, states)
    found = display.live(None, ["numbers", "spectra"])
    assert found["panels"]["numbers"]["elapsed_s"] == 30.0
    later = display.live(found["version"], ["numbers", "spectra"])
    assert later == {"version": found["version"]}


def test_an_analysis_that_failed_says_why(display, stream):
    display.show_states(4, StateResults(2.0, {}, {}, "too few photons"))
    found = display.live(None, ["decays", "progress"])
    assert found["panels"]["decays"]["problem"] == "too few photons"
    assert found["panels"]["progress"] == {"goals": [], "lifetimes": []}


def test_goals_of_the_point_are_asked_with_its_time_and_cascades(display, stream):
    asked = []
    display.goals = lambda *said: asked.append(said) or [{"text": "3 s are recorded", "share": 0.5}]
    fed(display, stream, RECORDING.stored[:5])
    assert display.live(None, ["progress"])["panels"]["progress"]["goals"][0]["share"] == 0.5
    point, elapsed_s, cascades = asked[-1]
    assert (point, elapsed_s) == (4, 5.0)
    assert cascades == stream.snapshot().cascades
    version = display.live(None, ["progress"])["version"]
    assert display.live(version, ["progress"]) == {"version": version}


def test_a_panel_that_fails_leaves_the_others(display, stream, extra):
    extra("broken", "Broken")(lambda scene: {"share": 1 / 0})
    found = display.live()["panels"]
    assert "ZeroDivisionError" in found["broken"]["problem"]
    assert "counts" in found


def test_numbers_that_are_not_finite_are_none_and_those_of_numpy_plain(display, extra):
    extra("odd", "Odd")(lambda scene: {"a": np.float64("nan"), "b": [np.int32(3)], "c": {"d": float("inf")}})
    found = display.live(None, ["odd"])["panels"]["odd"]
    assert found == {"a": None, "b": [3], "c": {"d": None}}
    assert type(found["b"][0]) is int


def test_a_panel_is_computed_once_for_all_who_look(display, stream, extra):
    computed = []
    extra("counted", "Counted")(lambda scene: computed.append(1) or {"a": 1})
    display.live(None, ["counted"])
    display.live(None, ["counted"])
    assert computed == [1]
    fed(display, stream, RECORDING.stored[:2])
    before = len(computed)
    display.live(None, ["counted"])
    display.live(None, ["counted"])
    assert len(computed) == before + 1


def test_photons_that_cannot_be_shown_are_told(display, stream, monkeypatch):
    version = display.live()["version"]
    monkeypatch.setattr(stream._frames, "update", lambda block: 1 / 0)
    stream.update(RECORDING.stored[0])
    assert "ZeroDivisionError" in display.live(version)["problem"]


def test_a_frame_of_the_camera_is_shown_with_its_point(display):
    display.show_frame(2, "lamp", scenes.frame(), [])
    found = display.live(None, ["camera"])
    assert (found["point"], found["label"]) == (2, "lamp")
    assert found["panels"]["camera"]["wavelength_nm"] is None


def test_looking_from_several_threads_sees_versions_that_only_rise(display, stream):
    stop, wrong, looks = threading.Event(), [], []

    def look():
        before = 0
        while not stop.is_set():
            found = display.live(before)
            if found["version"] < before:
                wrong.append(found["version"])
            before = found["version"]
            looks.append(1)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number, block in enumerate(RECORDING.stored[:20]):
        stream.update(block)
        display.show_readings(float(number), {"temperature_c": 20.0})
    stop.set()
    for thread in threads:
        thread.join(10)
    assert wrong == []
    assert looks
    assert stream.snapshot().elapsed_s == 20.0
