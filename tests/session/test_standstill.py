"""A call into an instrument that does not come back is noticed, whichever it is, and the instruments are made safe."""

import threading
from types import SimpleNamespace

import pytest

from acquisition.guardian import heartbeat, standstill
from acquisition.guardian.heartbeat import Heart
from acquisition.guardian.standstill import SAFE_WITHIN_S, Standstill
from acquisition.guardian.watch import Watch
from acquisition.rig import NotSafeError
from acquisition.session import asking, supervising
from acquisition.session.asking import Asking, NoAnswerYetError
from acquisition.session.rig_in_use import RigInUse
from acquisition.session.supervising import Looker
from drivers.interfaces.errors import CommunicationError
from drivers.interfaces.heater import HeaterStatus
from drivers.interfaces.rescue import Rescue
from tests.rig.fakes import fake_rig
from tests.session.fake_guardian import FakeGuardian

WAIT_S = 10.0


@pytest.fixture
def hang():
    """Return a call that does not come back before the test has ended."""
    let_go = threading.Event()

    def call(*arguments):
        let_go.wait(60.0)
        raise CommunicationError("device", "the test has ended")

    yield call
    let_go.set()


@pytest.fixture
def quick(monkeypatch):
    """Let looks follow each other quickly."""
    monkeypatch.setattr(supervising, "LOOK_INTERVAL_S", 0.01)
    monkeypatch.setattr(asking, "ANSWER_WAIT_S", 0.05)


def eventually(true):
    for _ in range(2000):
        if true():
            return True
        threading.Event().wait(0.005)
    return False


def test_an_answer_that_comes_late_is_taken_at_a_later_look_and_nothing_is_asked_meanwhile(monkeypatch):
    monkeypatch.setattr(asking, "ANSWER_WAIT_S", 0.01)
    let_go, asked = threading.Event(), []
    laser = Asking("laser")
    with pytest.raises(NoAnswerYetError):
        laser.ask(lambda: (asked.append(1), let_go.wait(WAIT_S), "first")[-1])
    with pytest.raises(NoAnswerYetError):
        laser.ask(lambda: "never asked")
    answered = laser._pending.answered
    let_go.set()
    assert answered.wait(WAIT_S)
    assert laser.ask(lambda: "never asked") == "first"
    assert asked == [1]
    monkeypatch.setattr(asking, "ANSWER_WAIT_S", WAIT_S)
    assert laser.ask(lambda: "second") == "second"


def test_a_camera_that_hangs_does_not_hide_that_the_heater_is_too_hot(quick, hang):
    calls = []
    rig = fake_rig(calls)
    rig.connect()
    in_use = RigInUse(rig, lambda: None, lambda error: None)
    rig.camera._device.status = hang
    calls.clear()
    rig.heater._device.status = lambda: HeaterStatus(90.0, 60.0, True, None)
    assert eventually(lambda: "heater make_safe" in calls)
    assert [each["name"] for each in in_use.interlocks.states] == ["heater_temperature"]
    in_use.close()


def test_an_instrument_that_hangs_while_it_may_be_on_trips(quick, hang):
    calls = []
    rig = fake_rig(calls)
    rig.connect()
    in_use = RigInUse(rig, lambda: None, lambda error: None)
    rig.laser.set_emission(True)
    rig.laser._device.status = hang
    assert eventually(lambda: "laser make_safe" in calls)
    [state] = in_use.interlocks.states
    assert (state["name"], "laser" in state["message"]) == ("no_answer", True)
    in_use.close()


def test_what_falls_silent_right_after_it_was_switched_on_is_counted():
    rig = fake_rig([])
    rig.connect()
    looker = Looker(rig)
    assert looker.look(None, attended=False).silent == {}
    rig.laser.set_emission(True)
    rig.laser._device.status = lambda: 1 / 0
    assert looker.look(None, attended=False).silent == {"laser": 1}
    rig.laser.set_emission(False)
    assert looker.look(None, attended=False).silent == {"laser": 1}


@pytest.mark.parametrize(("suspended", "counted"), [(True, {"laser": 1}), (False, {})])
def test_silence_is_excused_only_in_a_pause_that_a_person_has_asked_for(suspended, counted):
    rig = fake_rig([])
    rig.connect()
    status = SimpleNamespace(suspended=suspended, progress=None)
    run = SimpleNamespace(done=False, rests=True, engine=SimpleNamespace(status=lambda: status), trip=lambda *_: None)
    in_use = RigInUse(rig, lambda: run, lambda error: None)
    in_use.supervisor.close()
    rig.laser.set_emission(True)
    rig.laser._device.status = lambda: 1 / 0
    assert Looker(rig).look(None, attended=in_use._rests()).silent == counted


def test_a_call_of_anybody_that_does_not_come_back_trips_and_may_be_acknowledged_once_it_has(quick, monkeypatch):
    monkeypatch.setattr(supervising, "CALL_SILENCE_S", 0.1)
    calls, let_go = [], threading.Event()
    rig = fake_rig(calls)
    rig.connect()
    in_use = RigInUse(rig, lambda: None, lambda error: None)
    calls.clear()
    rig.stage._device.stop = lambda: let_go.wait(WAIT_S)
    thread = threading.Thread(target=rig.stage.stop)
    thread.start()
    assert eventually(lambda: "laser make_safe" in calls and not rig.arming.armed)
    [state] = in_use.interlocks.states
    assert state["name"] == "standstill"
    assert "(stop of stage); switch it off and on" in state["message"]
    let_go.set()
    thread.join(WAIT_S)
    assert eventually(lambda: not in_use.interlocks._bad)
    assert in_use.interlocks.acknowledge() == [state]
    in_use.close()


def test_a_device_that_takes_half_a_second_for_each_answer_is_no_standstill(hang):
    rig = fake_rig([])
    rig.connect()
    in_use = RigInUse(rig, lambda: None, lambda error: None)
    answers = []

    def slowly():
        threading.Event().wait(0.5)
        answers.append(1)
        return HeaterStatus(20.0, None, False, None)

    rig.heater._device.status = slowly
    assert eventually(lambda: len(answers) >= 3)
    assert in_use.supervisor.standstill() == ""
    assert in_use.interlocks.states == []
    in_use.close()


@pytest.mark.parametrize(("dealt_with", "after_s"), [(False, 5.0), (True, 30.0)])
def test_looks_that_have_ceased_are_a_standstill_after_some_seconds_and_later_while_one_is_dealt_with(
    monkeypatch, dealt_with, after_s
):
    in_use = RigInUse(fake_rig([]), lambda: None, lambda error: None)
    supervisor = in_use.supervisor
    supervisor.close()
    supervisor._ending.clear()
    now_s = [0.0]
    monkeypatch.setattr(supervising, "time", SimpleNamespace(monotonic=lambda: now_s[0]))
    supervisor._watch = Watch(0.0, supervising.LOOK_SILENCE_S, supervising.ACT_SILENCE_S)
    supervisor._watch.hear(0.0, armed=not dealt_with)
    found = []
    while not found:
        now_s[0] += 0.2
        found += [why for why in [supervisor.standstill()] if why]
    assert after_s < now_s[0] < after_s + 0.5
    assert found == [f"nobody has looked at the instruments for {after_s:.0f} s"]


def test_a_program_that_cannot_make_safe_what_stands_still_falls_silent():
    why, tripped, told = ["nobody looks"], threading.Event(), []
    judge = Standstill(lambda: why[0], lambda text: (told.append(text), tripped.set()))
    assert judge.gives_up(0.0, armed=False) == ""
    assert judge.gives_up(1.0, armed=True) == ""
    assert tripped.wait(WAIT_S)
    assert judge.gives_up(1.0 + SAFE_WITHIN_S, armed=True) == ""
    assert judge.gives_up(1.1 + SAFE_WITHIN_S, armed=True) == "nobody looks"
    assert judge.gives_up(1.2 + SAFE_WITHIN_S, armed=False) == ""
    assert told == ["nobody looks"]


def test_the_guardian_hears_no_beat_while_the_looks_hang_and_making_safe_fails(monkeypatch, hang):
    monkeypatch.setattr(standstill, "SAFE_WITHIN_S", 0.3)
    guardian, unsafe = FakeGuardian(), threading.Event()
    with Heart(guardian.address) as heart:
        monkeypatch.setattr(heartbeat, "_HEARTS", [heart])
        rig = fake_rig([], heater="make_safe")
        rig.laser._device.rescue = lambda: Rescue("laser", "generator", {"address": "here"})
        rig.connect()
        in_use = RigInUse(rig, lambda: None, lambda error: unsafe.set())
        in_use.put_under_guardian()
        rig.arm()
        assert guardian.wait_for(lambda message: message.get("armed"))
        in_use.supervisor.standstill = lambda: "nobody has looked"
        in_use._guarded.standstill = replace_why(in_use._guarded.standstill, "nobody has looked")
        assert unsafe.wait(WAIT_S)
        assert eventually(lambda: heart_is_silent(heart))
        beats = sum("beat" in message for message in guardian.heard)
        threading.Event().wait(3 * heartbeat.BEAT_S)
        assert sum("beat" in message for message in guardian.heard) - beats <= 1
        assert in_use.interlocks.states[0]["name"] == "standstill"
        in_use.close()
    guardian.die()


def replace_why(present, why):
    return Standstill(lambda: why, present._trip)


def heart_is_silent(heart):
    try:
        heart.beat()
    except heartbeat.GuardianError as error:
        return "stands still: nobody has looked" in str(error)
    return False


def test_at_the_end_the_instruments_are_safe_before_a_look_that_hangs_is_waited_for(quick, hang, monkeypatch):
    monkeypatch.setattr(supervising, "JOIN_TIMEOUT_S", 0.2)
    calls, inside, closed = [], threading.Event(), []
    rig = fake_rig(calls)
    rig.connect()
    in_use = RigInUse(rig, lambda: None, lambda error: None)
    look = in_use.supervisor._thread
    join = look.join
    look.join = lambda timeout_s: (closed.extend(calls), join(timeout_s))
    in_use._count_rate_cps = None
    in_use.supervisor._count_rate_cps = lambda: (inside.set(), hang())
    assert inside.wait(WAIT_S)
    in_use.close()
    assert {"laser close", "heater close"} <= set(closed)


def test_what_lost_its_connection_while_it_may_be_on_stays_under_the_guardian_at_the_end(monkeypatch):
    guardian = FakeGuardian()
    with Heart(guardian.address) as heart:
        monkeypatch.setattr(heartbeat, "_HEARTS", [heart])
        rig = fake_rig([])
        rig.heater._device.rescue = lambda: Rescue("heater", "vaheat", {"port": "here"})
        rig.connect()
        in_use = RigInUse(rig, lambda: None, lambda error: None)
        in_use.put_under_guardian()
        rig.arm()
        rig.heater.heat_to_c(40.0)
        rig.heater._device._connected, rig.heater._device.trouble = False, "connect"
        with pytest.raises(NotSafeError, match="heater"):
            in_use.close()
        assert not any(message.get("rescues") == [] for message in guardian.heard)
        assert in_use._guarded.armed
        rig.heater._device.trouble = ""
    guardian.die()
