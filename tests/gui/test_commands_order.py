"""What was asked before everything was made safe is not done after it, and nothing waits for what it need not."""

import threading

import pytest

from acquisition.gui.client.commands import Commands
from acquisition.gui.client.lanes import NotAskedError
from acquisition.session import SessionError
from tests.gui.fake_session import FakeSession

MOVE = {"kind": "move_stage", "x_um": 1.0}
LIGHT = {"kind": "set_laser", "emission": True}
DARK = [{"kind": "set_shutter", "open": False}, {"kind": "set_laser", "emission": False}]


class Held:
    """Answers of a session that come only once they are let go."""

    def __init__(self):
        self.begun, self.end = threading.Semaphore(0), threading.Event()

    def __call__(self, **arguments):
        self.begun.release()
        assert self.end.wait(20)

    def wait_for(self, calls=1):
        assert all(self.begun.acquire(timeout=10) for _ in range(calls))


@pytest.fixture
def held():
    found = Held()
    yield found
    found.end.set()


@pytest.fixture
def commanded(held):
    """Make commands over a session whose methods of these names are held."""
    made = []

    def make(*names, **answers):
        session = FakeSession(**dict.fromkeys(names, held), **answers)
        made.append(Commands(session))
        return session, made[-1]

    yield make
    held.end.set()
    for each in made:
        each.close()


def told(commands, qtbot):
    """Wait until all has ended and has been told."""
    found = []
    qtbot.waitUntil(lambda: not found.extend(commands.deliver()) and commands.pending == 0, timeout=10_000)
    return found + commands.deliver()


def names(session):
    with session.lock:
        return [name for name, _ in session.calls]


@pytest.mark.parametrize("stop", ["emergency_stop", "abort", "switch_off", "pause", "stop"])
def test_what_waits_when_everything_is_made_safe_is_never_asked_and_its_view_is_told_at_once(
    commanded, held, qtbot, stop
):
    session, commands = commanded("do_step")
    ended = []
    commands.do("do_step", MOVE)
    held.wait_for()
    for method, argument in (("do_step", LIGHT), ("start", "cascade"), ("start_alignment", None), ("queue_start", ...)):
        commands.do(method, *([] if argument is ... else [argument]), then=ended.append)
    commands.do(stop)
    qtbot.waitUntil(lambda: not commands.deliver() and len(ended) == 4, timeout=10_000)  # the step goes on still
    held.end.set()
    told(commands, qtbot)
    assert names(session) == ["do_step", stop]
    assert all(isinstance(done.error, NotAskedError) for done in ended)
    assert all(f"not asked any more: {stop}" in str(done.error) for done in ended)
    assert [entry.error != "" for entry in commands.diary.entries()] == [False, True, True, True, True, False]


def test_light_that_was_to_go_off_goes_off_whatever_was_asked_in_between(commanded, held, qtbot):
    session, commands = commanded("stop")
    off = iter(DARK)
    commands.do("stop", then=lambda done: [commands.do("do_step", step) for step in off])
    held.wait_for()
    commands.do("switch_off", "heater")
    held.end.set()
    told(commands, qtbot)
    told(commands, qtbot)
    assert session.asked("do_step") == [{"step": step} for step in DARK]


def test_edits_of_the_queue_survive_an_emergency_stop_and_its_start_does_not(commanded, held, qtbot):
    session, commands = commanded("do_step")
    commands.do("do_step", MOVE)
    held.wait_for()
    commands.do("queue_add", {})
    commands.do("queue_start")
    commands.do("emergency_stop")
    held.end.set()
    told(commands, qtbot)
    assert names(session) == ["do_step", "emergency_stop", "queue_add"]


def test_what_somebody_asks_for_after_an_emergency_stop_is_done(commanded, qtbot):
    session, commands = commanded()
    commands.do("emergency_stop")
    told(commands, qtbot)
    commands.do("do_step", LIGHT)
    told(commands, qtbot)
    assert names(session) == ["emergency_stop", "do_step"]


def test_a_chain_that_was_begun_before_an_emergency_stop_ends_there_also_over_what_only_reads(commanded, held, qtbot):
    session, commands = commanded("stop")
    ended = []

    def begin(done):
        commands.do("start_alignment", then=ended.append)

    commands.do("stop", then=lambda done: commands.do("wait", 1.0, then=begin))
    held.wait_for()
    commands.do("emergency_stop")
    qtbot.waitUntil(lambda: session.asked("emergency_stop") == [{}], timeout=10_000)
    held.end.set()
    told(commands, qtbot)
    assert names(session) == ["stop", "emergency_stop", "wait"]
    assert [type(done.error) for done in ended] == [NotAskedError]
    assert commands.diary.entries()[-1].text == "session.start_alignment()"
    assert "not asked any more" in commands.diary.entries()[-1].error


def test_a_chain_that_begins_with_making_safe_goes_on(commanded, qtbot):
    session, commands = commanded()
    commands.do("abort", then=lambda done: commands.do("start_alignment"))
    told(commands, qtbot)
    told(commands, qtbot)
    assert names(session) == ["abort", "start_alignment"]


def test_after_an_emergency_stop_a_chain_may_still_make_safe_and_read(commanded, held, qtbot):
    session, commands = commanded("pause")
    commands.do("pause", then=lambda done: (commands.do("shutdown", True), commands.do("runs")))
    held.wait_for()
    commands.do("emergency_stop")
    held.end.set()
    told(commands, qtbot)
    assert sorted(names(session)[-2:]) == ["runs", "shutdown"]


def test_an_emergency_stop_is_asked_at_once_however_many_verbs_hang(commanded, held, qtbot):
    session, commands = commanded("switch_off", "pause", "abort")
    for _ in range(20):
        commands.do("switch_off", "laser")
        commands.do("pause")
        commands.do("abort")
    held.wait_for(calls=20)
    commands.do("emergency_stop")
    qtbot.waitUntil(lambda: session.asked("emergency_stop") == [{}], timeout=2_000)


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("resume", ()), ("pause", ()), ("stop", ()), ("mark", ("run", "keep")), ("note", ("blinks",)),
        ("extend", (5.0,)), ("answer", ("yes",)), ("take_control", ()), ("queue_stop", ()), ("switch_off", ("laser",)),
        ("acknowledge_interlock", ()), ("shutdown", ()), ("runs", ()), ("read", ("run",)), ("figures", ("run",)),
        ("check", ("cascade",)),
    ],
)  # fmt: skip
def test_what_needs_no_turn_waits_for_no_step_and_no_analysis(commanded, held, qtbot, verb, arguments):
    session, commands = commanded("do_step", "analyze")
    commands.do("do_step", MOVE)
    commands.do("analyze", "run")
    held.wait_for(calls=2)
    commands.do(verb, *arguments)
    qtbot.waitUntil(lambda: len(session.asked(verb)) == 1, timeout=2_000)


def test_reading_holds_up_neither_a_step_nor_a_check(commanded, held, qtbot):
    session, commands = commanded("runs", "read")
    for _ in range(10):
        commands.do("runs")
        commands.do("read", "run")
    held.wait_for()
    commands.do("do_step", LIGHT)
    commands.do("check", "cascade")
    qtbot.waitUntil(lambda: {"do_step", "check"} <= set(names(session)), timeout=2_000)


def test_steps_starts_and_the_queue_keep_the_order_in_which_they_were_asked_for(commanded, qtbot):
    session, commands = commanded()
    commands.do("do_step", LIGHT)
    commands.do("queue_add", {})
    commands.do("queue_start")
    commands.do("start", "cascade")
    commands.do("do_step", MOVE)
    told(commands, qtbot)
    assert names(session) == ["do_step", "queue_add", "queue_start", "start", "do_step"]


def test_an_emergency_stop_that_fails_is_told(commanded, qtbot):
    _, commands = commanded(emergency_stop=SessionError("the shutter is jammed"))
    commands.do("emergency_stop")
    [done] = told(commands, qtbot)
    assert str(done.error) == "the shutter is jammed"


def test_what_waits_at_the_end_of_the_window_is_neither_asked_nor_told(commanded, held):
    session, commands = commanded("do_step")
    commands.do("do_step", MOVE)
    held.wait_for()
    commands.do("do_step", LIGHT)
    commands.close()
    assert commands.deliver() == []
    assert session.asked("do_step") == [{"step": MOVE}]
