"""A rig that a Python program has opened is looked after like that of a session."""

import pytest

from acquisition.bluesky_adapter import bluesky_devices
from acquisition.guardian import heartbeat
from acquisition.guardian.heartbeat import Heart
from acquisition.rig import NotSafeError
from acquisition.scripting import RunFailed, acknowledge_interlock, open_rig, opening, run_steps
from acquisition.sequence import AcquirePhotons, SetLaser, SetShutter, SetTemperature, Soak
from acquisition.session import LocalSession, SessionError, looked_after, run_job
from acquisition.session.interlocks import Bounds, Seen
from acquisition.session.looked_after import LookedAfter, close_left_open, look_after
from drivers.interfaces.errors import StateError
from drivers.interfaces.rescue import Rescue
from tests.rig.fakes import fake_rig
from tests.session.fake_guardian import FakeGuardian

REFUSED = r"no guardian .*`cascadescope script FILE\.py`.*RemoteSession.*guarded=False"


@pytest.fixture
def guardian(monkeypatch):
    guardian = FakeGuardian()
    with Heart(guardian.address) as heart:
        monkeypatch.setattr(heartbeat, "_HEARTS", [heart])
        yield guardian
    guardian.die()


@pytest.fixture
def calls():
    return []


@pytest.fixture
def outliving(calls):
    """An open rig whose laser outlives the program."""
    rig = fake_rig(calls)
    rig.laser._device.rescue = lambda: Rescue("laser", "generator", {"address": "here"})
    rig.connect()
    calls.clear()
    yield rig
    rig.close()


def test_without_a_guardian_a_rig_that_outlives_the_program_is_refused_before_anything_is_done(
    outliving, calls, tmp_path
):
    with pytest.raises(SessionError, match=REFUSED):
        run_steps(outliving, [Soak(duration_s=1)], name="test", out=tmp_path)
    with pytest.raises(SessionError, match=REFUSED):
        bluesky_devices(outliving)
    with pytest.raises(SessionError, match=REFUSED):
        open_rig("wire")
    assert calls == []
    assert list(tmp_path.iterdir()) == []


def test_who_says_so_may_do_without_a_guardian(outliving):
    assert look_after(outliving, guarded=False).guardian == "off"
    assert look_after(outliving).guardian == "off"
    outliving.arm()
    outliving.laser.set_emission(True)


def test_such_a_rig_is_made_safe_and_known_to_the_guardian_before_anything_goes_on(outliving, calls, guardian):
    bluesky_devices(outliving)
    assert "laser make_safe" in calls
    assert guardian.wait_for(lambda message: [each["device"] for each in message.get("rescues", ())] == ["laser"])
    with pytest.raises(StateError, match="stays off"):
        outliving.laser.set_emission(True)
    outliving.arm()
    assert guardian.wait_for(lambda message: message.get("armed"))
    outliving.laser.set_emission(True)
    outliving.close()
    assert guardian.wait_for(lambda message: message.get("rescues") == [])


def test_a_rig_stays_under_the_guardian_as_long_as_it_is_open(outliving, guardian):
    assert look_after(outliving) is look_after(outliving)
    assert sum("rescues" in message for message in guardian.heard) == 1


def test_a_rig_of_which_the_guardian_cannot_make_an_instrument_safe_is_closed_again(outliving, guardian, monkeypatch):
    guardian.refuses = "laser: drivers.rescue.generator cannot be used"
    monkeypatch.setattr(opening, "outlives_the_program", lambda name: True)
    monkeypatch.setattr(opening, "open_unwatched", lambda name, **more: outliving)
    with pytest.raises(SessionError, match=r"drivers\.rescue\.generator cannot be used"):
        open_rig("real")
    assert not outliving.laser.connected
    assert outliving.keeper is None


def test_the_guardian_hears_where_an_instrument_is_that_was_connected_anew(outliving, guardian):
    look_after(outliving)
    outliving.laser._device.rescue = lambda: Rescue("laser", "generator", {"address": "there"})
    outliving.reconnect("laser")
    assert [each["arguments"] for message in guardian.heard for each in message.get("rescues", ())] == [
        {"address": "here"},
        {"address": "there"},
    ]


def test_what_a_program_leaves_open_is_closed_at_its_end(outliving, guardian):
    look_after(outliving)
    close_left_open()
    assert not outliving.laser.connected
    assert guardian.wait_for(lambda message: message.get("rescues") == [])


def test_a_rig_that_cannot_be_closed_stays_under_the_guardian(outliving, guardian):
    look_after(outliving)
    outliving.heater._device.trouble = "close"
    with pytest.raises(NotSafeError, match="heater"):
        outliving.close()
    assert not any(message.get("rescues") == [] for message in guardian.heard)
    outliving.heater._device.trouble = ""


def test_what_trips_between_runs_is_said_and_lets_nothing_go_on_until_it_is_acknowledged(outliving, guardian, capsys):
    keeper = look_after(outliving)
    outliving.arm()
    keeper.interlocks.find("heater_alarm", "alarm of the heater: too hot")
    said = capsys.readouterr().err
    assert "interlock heater_alarm: alarm of the heater: too hot; the instruments are made safe" in said
    with pytest.raises(StateError, match="stays off"):
        outliving.laser.set_emission(True)
    with pytest.raises(StateError, match=r"stays off: an interlock has tripped .*acquisition\.scripting"):
        outliving.arm()
    keeper.interlocks.see(Seen(), Bounds())
    assert [each["name"] for each in acknowledge_interlock(outliving)] == ["heater_alarm"]
    outliving.arm()


def test_the_interlocks_end_a_run_of_steps_which_has_failed_then(tmp_path, monkeypatch):
    monkeypatch.setattr(run_job, "warm_up", lambda pixel_count, calibration: None)
    with open_rig("simulated") as rig:
        assert isinstance(rig.keeper, LookedAfter)
        rig.limits = rig.limits.model_copy(update={"count_rate_cps": 100.0})
        light = [SetLaser(repetition_rate_hz=1e6, intensity_percent=20, emission=True), SetShutter(open=True)]
        steps = [*light, SetTemperature(temperature_c=40), AcquirePhotons(duration_s=36_000)]
        with pytest.raises(RunFailed, match=r"interlock count_rate: .* above the limit of 100") as failed:
            run_steps(rig, steps, name="test", out=tmp_path, analyse=False)
        assert failed.value.result.status == "aborted"
        assert not rig.laser.status().emission
        assert not rig.heater.status().heating
        with pytest.raises(SessionError, match="an interlock has tripped"):
            run_steps(rig, [Soak(duration_s=1)], name="test", out=tmp_path, analyse=False)


def test_after_instruments_could_not_be_made_safe_no_run_begins_until_they_are(outliving, tmp_path, guardian):
    look_after(outliving)
    outliving.heater._device.trouble = "make_safe"
    with pytest.raises(NotSafeError):
        outliving.make_safe()
    with pytest.raises(SessionError, match=r"could not be made safe; .*rig\.make_safe\(\)"):
        run_steps(outliving, [Soak(duration_s=1)], name="test", out=tmp_path)
    outliving.heater._device.trouble = ""
    outliving.make_safe()
    look_after(outliving).check()


def test_the_rig_of_a_session_is_left_to_the_session(tmp_path):
    with LocalSession("simulated", str(tmp_path)) as session:
        session.devices()
        with pytest.raises(SessionError, match="that of a session"):
            look_after(session._rig)
    assert looked_after._OPEN == []
