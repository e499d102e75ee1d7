"""The bench of the window says whether the live panels keep up with a stream, and measures what it says."""

import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from acquisition.bench import window, window_server
from acquisition.bench.registry import BENCHES
from acquisition.gui.live.rehearsal import PANELS, Rehearsal, Rehearsed, quiet_desk
from acquisition.live_view import LiveDisplay
from acquisition.session import LocalSession

GOOD = {
    "looked_at": Rehearsed(300, 14.0, 0.1, 9.0), "wall_s": 15.01,
    "alone_cps": 2e7, "together_cps": 1.5e7, "growth": 10_000,
}  # fmt: skip


def test_the_window_is_among_the_benches():
    assert "window" in BENCHES


def test_panels_that_follow_and_do_not_hold_up_keep_the_promise():
    found = window.judge(**GOOD)
    assert found.ok
    assert found.numbers["frames/s of six panels at 1 Mcps"] == 21.4
    assert found.numbers["processor time of a frame, in ms"] == 30.0
    assert found.numbers["share of that with a window"] == 0.75


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"looked_at": Rehearsed(100, 14.0, 1.0, 3.0)}, "six panels are drawn 7.07 times a second"),
        ({"looked_at": Rehearsed(0, 0.0, 0.0, 0.0)}, "six panels are drawn 0 times a second"),
        ({"wall_s": 16.0}, "a stream of 15 s takes 16 s when it is looked at"),
        ({"together_cps": 2e6}, "with a window the fastest stream has 10 % of its photons per second"),
        ({"growth": 10_000_000}, "memory grows by 10000000 bytes"),
    ],
)
def test_those_that_do_not_break_it(change, said):
    found = window.judge(**{**GOOD, **change})
    assert not found.ok
    assert found.failures == (said,)


@pytest.fixture
def rehearsal(tmp_path, qapp):
    with LocalSession("simulated", str(tmp_path / "runs")) as session:
        desk = quiet_desk(session, str(tmp_path))
        rehearsal = Rehearsal(desk)
        yield rehearsal
        rehearsal.close()
        desk.commands.close()
        desk.work.close()


def test_six_panels_are_drawn_in_a_short_hour(rehearsal):
    assert len(rehearsal.views) == len(PANELS) == 6
    assert window.growth_in_an_hour(rehearsal, hour_s=40, settled_s=20) < 5_000_000
    assert {type(each).name for each in rehearsal.views} == set(PANELS)
    drawn = [canvas for each in rehearsal.views if each.name in ("count_trace", "spectrum") for canvas in each.canvases]
    assert any(len(canvas.table()) > 1 for canvas in drawn)


def test_a_replay_is_paced_by_its_own_length_or_as_fast_as_it_can_be(tmp_path, monkeypatch):
    monkeypatch.setattr(window_server, "SECONDS", 1.0)
    window_server.record(tmp_path / "0001")
    display = LiveDisplay()
    free = window_server.replay(display, tmp_path / "0001", tmp_path / "0002", window_server.FREE)
    paced = window_server.replay(display, tmp_path / "0001", tmp_path / "0003", window_server.PACED)
    assert free["photons"] == paced["photons"] == 1_000_000
    assert paced["wall_s"] >= 0.98
    display.live()
    assert display.point == 1
