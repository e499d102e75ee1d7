"""A rig whose instruments outlive the program is only opened where a guardian would make them safe."""

import threading

import pytest

from acquisition.cli import guarded
from acquisition.cli.main import main
from acquisition.guardian import heartbeat
from acquisition.guardian.heartbeat import GuardianError, Heart
from acquisition.guardian.messages import Door
from acquisition.rig import RigFile, open_rig
from acquisition.rig.holding import RigTaken
from acquisition.session import LocalSession, SessionError, rig_in_use
from acquisition.user_folders import VARIABLE
from drivers.interfaces.errors import StateError
from drivers.interfaces.rescue import Rescue
from tests.rig.fakes import fake_rig
from tests.session.fake_guardian import WAIT_S, FakeGuardian


@pytest.fixture
def guardian(monkeypatch):
    guardian = FakeGuardian()
    with Heart(guardian.address) as heart:
        monkeypatch.setattr(heartbeat, "_HEARTS", [heart])
        yield guardian
    guardian.die()


@pytest.fixture
def outliving(monkeypatch):
    """Make the name ``real`` that of a rig whose instruments outlive the program."""
    calls = []
    rig = fake_rig(calls)
    rig.laser._device.rescue = lambda: Rescue("laser", "generator", {"address": "here"})
    rig.spad_array._device.rescue = lambda: Rescue("spad_array", "lspad", {}, last=True)
    rig.connect()
    calls.clear()
    monkeypatch.setattr(rig_in_use, "outlives_the_program", lambda name: name == "real")
    monkeypatch.setattr(rig_in_use, "open_rig", lambda name, **more: rig)
    return rig, calls


def test_without_a_guardian_such_a_rig_is_not_opened(outliving, tmp_path):
    _, calls = outliving
    with (
        LocalSession("real", str(tmp_path)) as session,
        pytest.raises(SessionError, match=r"no guardian .*cascadescope run.* or .*cascadescope serve.*RemoteSession"),
    ):
        session.devices()
    assert calls == []


def test_who_says_so_may_do_without_and_the_status_tells(outliving, tmp_path):
    with LocalSession("real", str(tmp_path), guarded=False) as session:
        session.devices()
        assert session.status()["guardian"] == "off"


def test_the_guardian_knows_the_way_to_safety_before_anything_can_go_on(outliving, guardian, tmp_path):
    rig, _ = outliving
    with LocalSession("real", str(tmp_path)) as session:
        session.devices()
        assert session.status()["guardian"] == "watching"
        told = next(message["rescues"] for message in guardian.heard if "rescues" in message)
        assert [(each["device"], each["kind"], each["last"]) for each in told] == [
            ("laser", "generator", False),
            ("spad_array", "lspad", True),
        ]
        with pytest.raises(StateError, match="stays off"):
            rig.laser.set_emission(True)
        assert not any(message.get("armed") for message in guardian.heard)
        rig.arm()
        assert guardian.wait_for(lambda message: message.get("armed"))
        rig.laser.set_emission(True)
        rig.make_safe()
    assert guardian.wait_for(lambda message: message.get("rescues") == [])


def test_the_guardian_watches_a_source_that_is_switched_on_by_hand(outliving, guardian, tmp_path):
    with LocalSession("real", str(tmp_path)) as session:
        session.devices()
        assert not any(message.get("armed") for message in guardian.heard)
        session.do_step({"kind": "set_temperature", "temperature": "30 degC"})
        assert guardian.wait_for(lambda message: message.get("armed"))
        session.switch_off()
        assert guardian.wait_for(lambda message: message.get("armed") is False)


def test_a_guardian_that_cannot_make_an_instrument_safe_lets_no_rig_be_opened(outliving, guardian, tmp_path):
    guardian.refuses = "laser: drivers.rescue.generator cannot be used"
    _, calls = outliving
    refused = pytest.raises(SessionError, match=r"not opened: laser: drivers\.rescue\.generator cannot be used")
    with LocalSession("real", str(tmp_path)) as session, refused:
        session.devices()
    assert "laser close" in calls


def test_the_loss_of_the_guardian_makes_safe_and_lets_nothing_go_on_again(outliving, guardian, tmp_path):
    rig, calls = outliving
    safe = threading.Event()
    bias_off = rig.spad_array._device.make_safe
    rig.spad_array._device.make_safe = lambda: (bias_off(), safe.set())
    with LocalSession("real", str(tmp_path)) as session:
        session.devices()
        rig.arm()
        rig.laser.set_emission(True)
        guardian.die()
        assert safe.wait(WAIT_S)
        assert {"laser make_safe", "heater make_safe"} <= set(calls)
        status = session.status()
        assert status["guardian"] == "off"
        [interlock] = status["interlocks"]
        assert interlock["message"].startswith("the guardian has died: nobody makes the instruments safe")
        with pytest.raises(StateError, match=r"stays off: .*guardian.*start the program anew"):
            rig.arm()
        with pytest.raises(SessionError, match="it is still so: guardian"):
            session.acknowledge_interlock()


def test_a_rig_that_cannot_be_made_safe_at_the_end_stays_under_the_guardian(outliving, guardian, tmp_path):
    rig, _ = outliving
    rig.heater._device.trouble = "close"
    session = LocalSession("real", str(tmp_path))
    session.devices()
    with pytest.raises(Exception, match="heater"):
        session.close()
    assert not any(message.get("rescues") == [] for message in guardian.heard)


def test_another_sample_gives_lock_and_guard_back_and_takes_them_again(guardian, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(RigFile, "outlives_the_program", property(lambda file: True))
    with LocalSession("simulated", str(tmp_path)) as session:
        session.devices()
        with pytest.raises(RigTaken):
            open_rig("simulated")
        session.choose_sample("dark")
        open_rig("simulated").close()
        assert heartbeat.present_heart()._present() == []
        session.devices()
        assert session.status()["guardian"] == "watching"
        assert len(heartbeat.present_heart()._present()) == 1
        with pytest.raises(RigTaken):
            open_rig("simulated")


def test_a_heart_without_guardian_says_what_to_do():
    door = Door()
    door.close()
    with pytest.raises(GuardianError, match="cannot be reached"):
        Heart(door.address)


def test_a_command_that_runs_such_instruments_is_carried_out_under_a_guardian(monkeypatch, tmp_path):
    started = []
    monkeypatch.setattr(guarded, "outlives_the_program", lambda name: name == "real")
    monkeypatch.setattr(guarded, "run_guarded", lambda command, log: started.append((command, log)) or 7)
    said = ["run", "cascade", "--rig", "real", "--out", str(tmp_path)]
    assert main(said) == 7
    [(command, log)] = started
    assert command[1:] == ["-P", "-m", "acquisition", *said]
    assert log.name == "guardian.jsonl"
    assert main(["serve", "--rig", "real"]) == 7
    assert len(started) == 2


def test_a_queue_is_carried_out_under_a_guardian_if_one_of_its_rigs_needs_it(monkeypatch, tmp_path):
    started = []
    monkeypatch.setattr(guarded, "outlives_the_program", lambda name: "simulated_field" in name)
    monkeypatch.setattr(guarded, "run_guarded", lambda command, log: started.append(command) or 7)
    file = str(tmp_path / "queue.sqlite")
    assert main(["queue", "add", "cascade", "--queue", file]) == 0
    assert main(["queue", "add", "cascade", "--rig", "simulated_field", "--queue", file]) == 0
    assert main(["queue", "run", "--queue", file]) == 7
    assert len(started) == 1


def test_a_queue_that_waits_is_carried_out_under_a_guardian_whatever_will_be_added(monkeypatch, tmp_path):
    started = []
    monkeypatch.setattr(guarded, "run_guarded", lambda command, log: started.append(command) or 7)
    assert main(["queue", "run", "--wait", "--queue", str(tmp_path / "queue.sqlite")]) == 7
    assert len(started) == 1


def test_in_a_guarded_process_a_command_is_carried_out_there(monkeypatch, guardian):
    monkeypatch.setattr(guarded, "outlives_the_program", lambda name: True)
    assert guarded.rerun_under_guardian("real") is None


def test_a_rig_file_that_cannot_be_used_is_left_to_the_command():
    assert guarded.rerun_under_guardian("no such rig") is None
