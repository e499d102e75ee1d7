"""Interlocks are judged whenever a session is open; what trips makes safe, ends the run and waits for a person."""

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from acquisition.session import LocalSession, SessionError, run_job, supervising
from acquisition.session.interlocks import (
    SILENT_LOOKS,
    STILL_S,
    Bounds,
    Interlocks,
    Seen,
    cooling_lost,
    heater_alarm,
    sensor_stuck,
    silent,
    too_bright,
    too_hot,
    wrong_rate,
)
from acquisition.session.rig_in_use import RigInUse
from acquisition.session.supervising import Looker
from acquisition.storage import RunFolder, read_journal, write_json
from drivers.interfaces.camera import CameraStatus
from drivers.interfaces.errors import CommunicationError
from drivers.interfaces.heater import HeaterStatus
from drivers.interfaces.laser import LaserStatus
from tests.rig.fakes import fake_rig

BOUNDS = Bounds((70.0, "the objective"), 1e6)


def heater(temperature_c=20.0, heating=True, alarm=None):
    return HeaterStatus(temperature_c, 60.0, heating, alarm)


def camera(temperature_c=-70.0, gain=200.0, cooler=True, stable=True):
    return CameraStatus(0.1, gain, temperature_c, -70.0, cooler, stable, False, False)


LASER_ON = LaserStatus(1e6, 20.0, True, True)


def test_a_temperature_over_the_limit_of_the_weakest_part_is_told_with_the_part():
    assert too_hot(Seen(heater=heater(72.9)), BOUNDS) is None
    assert "the heater is at 73.1 degC, and the objective stands at most 70 degC" in too_hot(
        Seen(heater=heater(73.1)), BOUNDS
    )
    assert too_hot(Seen(heater=heater(500.0)), Bounds()) is None
    assert too_hot(Seen(), BOUNDS) is None


def test_an_alarm_of_a_heater_counts_if_it_heats_or_has_just_done_so():
    assert heater_alarm(Seen(heater=heater(alarm="sensor open")), BOUNDS) == "alarm of the heater: sensor open"
    off = heater(heating=False, alarm="sensor open")
    assert heater_alarm(Seen(heater=off, heated=True), BOUNDS) is not None
    assert heater_alarm(Seen(heater=off), BOUNDS) is None
    assert heater_alarm(Seen(heater=heater()), BOUNDS) is None


def test_a_heater_that_must_get_warmer_and_reads_always_the_same_is_not_believed():
    still = Seen(heater=heater(35.0), still_s=STILL_S)
    assert "its reading has been exactly 35.0 degC for 20 s: its sensor may be stuck" in sensor_stuck(still, BOUNDS)
    assert sensor_stuck(Seen(heater=heater(35.0), still_s=STILL_S - 1), BOUNDS) is None
    assert sensor_stuck(Seen(heater=heater(35.0, heating=False), still_s=STILL_S), BOUNDS) is None
    assert sensor_stuck(Seen(heater=heater(60.0), still_s=1e4), BOUNDS) is None  # it holds its setpoint
    assert sensor_stuck(Seen(heater=heater(65.0), still_s=1e4), BOUNDS) is None  # it must get colder by itself


def test_the_time_for_which_a_heater_reads_the_same_begins_anew_with_each_reading_and_each_setpoint():
    now = [0.0]
    looker = Looker(SimpleNamespace(clock=SimpleNamespace(now=lambda: now[0])))
    said, other = HeaterStatus(35.0, 60.0, True, None), HeaterStatus(35.1, 60.0, True, None)
    raised, off = HeaterStatus(35.0, 65.0, True, None), HeaterStatus(35.0, 65.0, False, None)
    looks = [(0, said), (8, said), (10, other), (15, said), (20, raised), (21, raised), (25, off), (30, off)]
    found = []
    for now[0], status in looks:
        found.append(looker._still_s(status))
    assert found == [0, 8, 0, 0, 0, 1, 0, 0]
    assert looker._still_s(None) == 0


def test_a_camera_that_was_never_cooled_has_lost_nothing():
    assert cooling_lost(Seen(camera=camera(cooler=False), camera_was_cooled=False), BOUNDS) is None


def test_a_count_rate_over_the_limit_counts_while_there_is_light():
    assert "2e+06 counts/s" in too_bright(Seen(light=True, count_rate_cps=2e6), BOUNDS)
    assert too_bright(Seen(light=False, count_rate_cps=2e6), BOUNDS) is None
    assert too_bright(Seen(light=True, count_rate_cps=1e6), BOUNDS) is None
    assert too_bright(Seen(light=True, count_rate_cps=2e6), Bounds()) is None


@pytest.mark.parametrize(
    ("status", "was_c", "wrong"),
    [
        (camera(), -70.0, False),
        (camera(cooler=False), -70.0, True),
        (camera(cooler=False, gain=1.0), -70.0, False),
        (camera(-60.0, stable=False), -62.0, True),
        (camera(-60.0, stable=False), -58.0, False),  # it is just getting cold
        (camera(-66.0, stable=False), -67.0, False),
        (camera(-60.0, stable=False, gain=1.0), -62.0, False),
    ],
)
def test_cooling_is_lost_if_the_camera_gets_warm_while_its_gain_is_on(status, was_c, wrong):
    assert (cooling_lost(Seen(camera=status, camera_was_c=was_c), BOUNDS) is not None) == wrong


def test_a_laser_that_pulses_at_another_rate_than_was_set_is_told():
    assert "measures 980000 laser pulses per second, and 1e+06 were set" in wrong_rate(
        Seen(laser=LASER_ON, measured_rate_hz=0.98e6), BOUNDS
    )
    assert wrong_rate(Seen(laser=LASER_ON, measured_rate_hz=0.995e6), BOUNDS) is None
    assert wrong_rate(Seen(laser=LaserStatus(1e6, 20.0, False, True), measured_rate_hz=1.0), BOUNDS) is None
    assert wrong_rate(Seen(laser=LASER_ON), BOUNDS) is None


def test_an_instrument_that_is_on_and_gives_no_answer_often_enough_is_named():
    assert silent(Seen(silent={"laser": SILENT_LOOKS - 1}), BOUNDS) is None
    assert silent(Seen(silent={"laser": SILENT_LOOKS}), BOUNDS) == (
        f"no answer of what may be on: laser ({SILENT_LOOKS} times in a row)"
    )


def test_silence_is_counted_only_of_what_was_on_and_while_nobody_deals_with_it():
    rig = fake_rig([])
    looker, on = Looker(rig), [True]

    def status():
        if on:
            return HeaterStatus(20.0, 40.0, on.pop(), None)
        raise CommunicationError("heater", "the wire broke")

    def silent_laser():
        raise CommunicationError("laser", "the wire broke")

    rig.heater._heater.status, rig.laser._laser.status = status, silent_laser
    assert looker.look(None, attended=False).heater is not None
    assert looker.look(None, attended=False).silent == {"heater": 1}
    assert looker.look(None, attended=False).silent == {"heater": 2}
    assert looker.look(None, attended=True).silent == {}
    rig.arming.disarm()
    assert looker.look(None, attended=False).silent == {}


def test_the_detector_is_asked_for_the_laser_rate_during_a_stream_only():
    rig, asked = fake_rig([]), []
    rig.spad_array._array.readings = lambda: asked.append(True) or {"laser_rate_hz": 0.98e6}
    looker = Looker(rig)
    assert looker.look(None, attended=False).measured_rate_hz is None
    assert asked == []
    assert looker.look(1000.0, attended=False).measured_rate_hz == 0.98e6
    assert looker.look(None, attended=False).measured_rate_hz == 0.98e6
    assert len(asked) == 1


def judged(*looks):
    trips, warnings = [], []
    interlocks = Interlocks(lambda name, message: trips.append(name), warnings.append)
    for look in looks:
        interlocks.see(look, BOUNDS)
    return interlocks, trips, warnings


def test_what_trips_trips_once_and_stays_so_until_it_is_well_and_acknowledged():
    hot, well = Seen(heater=heater(80.0)), Seen(heater=heater(20.0))
    interlocks, trips, _ = judged(hot, hot)
    assert trips == ["heater_temperature"]
    with pytest.raises(SessionError, match=r"it is still so: heater_temperature: the heater is at 80\.0 degC"):
        interlocks.acknowledge()
    interlocks.see(well, BOUNDS)
    [state] = interlocks.states
    assert (state["name"], state["state"]) == ("heater_temperature", "tripped")
    with pytest.raises(
        SessionError, match=r"an interlock has tripped \(heater_temperature: .*cascadescope acknowledge"
    ):
        interlocks.check()
    assert interlocks.acknowledge() == [state]
    interlocks.check()
    assert interlocks.states == []
    interlocks.see(hot, BOUNDS)
    assert trips == ["heater_temperature", "heater_temperature"]


def test_what_is_only_told_is_told_once_until_it_is_well_again():
    wrong, right = (Seen(laser=LASER_ON, measured_rate_hz=rate_hz) for rate_hz in (0.9e6, 1e6))
    interlocks, trips, warnings = judged(wrong, wrong)
    assert (trips, len(warnings)) == ([], 1)
    assert interlocks.states[0]["state"] == "warning"
    interlocks.check()
    interlocks.see(right, BOUNDS)
    assert interlocks.states == []
    interlocks.see(wrong, BOUNDS)
    assert len(warnings) == 2


def test_on_the_time_of_the_wall_a_thread_looks_also_while_no_run_goes_on():
    calls, safe = [], threading.Event()
    rig = fake_rig(calls)
    rig.heater._heater.status = lambda: heater(90.0)
    rig.spad_array._device.make_safe = safe.set
    in_use = RigInUse(rig, lambda: None, lambda error: None)
    assert safe.wait(10)
    assert {"laser make_safe", "heater make_safe"} <= set(calls)
    in_use.close()
    assert in_use.status()["interlocks"][0]["name"] == "heater_temperature"
    assert not [thread for thread in threading.enumerate() if thread.name == "interlocks"]


def test_a_rig_that_cannot_be_made_safe_after_a_trip_is_told():
    rig, told = fake_rig([], shutter="make_safe"), []
    in_use = RigInUse(rig, lambda: None, told.append)
    in_use.interlocks.find("heater_temperature", "too hot")
    with pytest.raises(Exception, match="shutter"):
        rig.make_safe()
    assert "shutter" in str(told[0])
    in_use.supervisor.close()


def test_what_could_not_be_made_safe_is_tried_again_until_it_can(monkeypatch):
    monkeypatch.setattr(supervising, "LOOK_INTERVAL_S", 0.005)
    calls, tried = [], threading.Event()
    rig = fake_rig(calls, heater="make_safe")
    in_use = RigInUse(rig, lambda: None, lambda error: None)
    with pytest.raises(Exception, match="heater"):
        rig.make_safe()
    calls.clear()
    heater_off = rig.heater._device.make_safe
    rig.heater._device.make_safe = lambda: (tried.set(), heater_off())
    assert tried.wait(10)
    rig.heater._device.trouble = ""
    for _ in range(2000):
        if not rig.arming.failed:
            break
        threading.Event().wait(0.005)
    assert not rig.arming.armed
    in_use.close()


def test_looks_that_cannot_be_judged_trip_too():
    rig, tripped = fake_rig([]), threading.Event()
    in_use = RigInUse(rig, lambda: SimpleNamespace(done=True), lambda error: None)
    in_use.interlocks._trip = lambda name, message: tripped.set() if name == "interlocks" else None
    in_use.supervisor._looker.look = lambda rate, attended: 1 / 0
    assert tripped.wait(10)
    in_use.supervisor.close()


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: write_json(folder.results_json, {}))
    monkeypatch.setattr(run_job, "write_report", lambda path: None)
    with LocalSession("simulated", str(tmp_path), seed=3) as session:
        yield session


STEPS = [
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
    {"kind": "acquire_photons", "duration": "30 s"},
]


def test_a_trip_aborts_the_run_and_stands_in_status_journal_and_run_json(session):
    rig = session._open()
    status = rig.heater._heater.status
    rig.heater._heater.status = lambda: HeaterStatus(120.0, 60.0, True, None)
    folder = RunFolder.open(Path(session.start(STEPS)))
    ended = session.wait(60)
    assert ended["outcome"] == "aborted"
    assert "interlock heater_temperature: the heater is at 120.0 degC" in ended["message"]
    [state] = ended["interlocks"]
    assert state["state"] == "tripped"
    assert not rig.laser.status().emission
    assert not rig.shutter.is_open()
    record = folder.read_run_json()
    assert record["interlocks"][0]["name"] == "heater_temperature"
    events = [event for event in read_journal(folder.journal).events if event["event"] == "interlock_tripped"]
    assert [event["interlock"] for event in events] == ["heater_temperature"]
    with pytest.raises(SessionError, match="an interlock has tripped"):
        session.start(STEPS)
    with pytest.raises(SessionError, match="it is still so"):
        session.acknowledge_interlock()
    rig.heater._heater.status = status
    session._in_use.supervisor._looked_s = None
    session._in_use.look(None, attended=True)
    assert [each["name"] for each in session.acknowledge_interlock()] == ["heater_temperature"]
    session.start(STEPS[:2])
    assert session.wait(60)["outcome"] == "completed"


def test_a_rig_that_is_simulated_in_this_process_needs_no_guardian(session):
    assert session.status()["guardian"] is None
    session.devices()
    assert (session.status()["guardian"], session.status()["interlocks"]) == ("not needed", [])
