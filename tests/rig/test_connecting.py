"""If one instrument of a rig cannot be connected, those that a dead program left on do not stay on, or are named."""

import pytest

from drivers import rescue
from drivers.interfaces.errors import CommunicationError, StateError
from drivers.interfaces.rescue import Rescue
from tests.rig.fakes import FakeHeater, FakeLaser, FakeSpadArray, fake_rig

ROLES = {"laser": FakeLaser, "heater": FakeHeater, "spad_array": FakeSpadArray}


@pytest.fixture
def rescued(monkeypatch, tmp_path):
    """Rescues of laser, heater and SPAD array, which note what they do; `out_of_reach` are those that fail."""
    (tmp_path / "noting_rescue.py").write_text(
        "done, out_of_reach = [], set()\n"
        "def rescue(name):\n"
        "    if name in out_of_reach:\n"
        "        raise OSError('the cable is out')\n"
        "    done.append(name)\n"
    )
    monkeypatch.setattr(rescue, "__path__", [*rescue.__path__, str(tmp_path)])
    for role, kind in ROLES.items():
        found = Rescue(role, "noting_rescue", {"name": role}, last=role == "spad_array")
        monkeypatch.setattr(kind, "rescue", lambda self, found=found: found, raising=False)
    from importlib import import_module, invalidate_caches

    invalidate_caches()
    yield import_module("drivers.rescue.noting_rescue")
    import sys

    del sys.modules["drivers.rescue.noting_rescue"]


def test_those_that_were_not_reached_are_made_safe_from_outside_the_bias_last(rescued) -> None:
    calls: list[str] = []
    with pytest.raises(CommunicationError) as error:
        fake_rig(calls, laser="connect").connect()
    assert sorted(rescued.done[:2]) == ["heater", "laser"]
    assert rescued.done[2:] == ["spad_array"]
    assert str(error.value) == "laser: the wire broke"


def test_those_of_which_nobody_knows_whether_they_are_off_are_named(rescued) -> None:
    rescued.out_of_reach |= {"laser", "spad_array"}
    with pytest.raises(CommunicationError) as error:
        fake_rig([], laser="connect").connect()
    assert str(error.value) == (
        "laser: the wire broke. NOT KNOWN TO BE OFF: laser (the cable is out); spad_array (the cable is out). "
        "Look at these instruments and switch them off by hand"
    )
    assert rescued.done == ["heater"]


def test_one_that_is_another_instrument_than_expected_is_left_alone(rescued, monkeypatch) -> None:
    def say_who(self):
        raise StateError(self.name, "a simulator answers")

    monkeypatch.setattr(FakeHeater, "connect", say_who)
    with pytest.raises(StateError, match="heater: a simulator answers"):
        fake_rig([]).connect()
    assert rescued.done == ["spad_array"]


def test_an_interrupt_while_they_are_connected_leaves_none_on_either(rescued, monkeypatch, capsys) -> None:
    def interrupt(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeHeater, "connect", interrupt)
    rescued.out_of_reach.add("heater")
    with pytest.raises(KeyboardInterrupt):
        fake_rig([]).connect()
    assert rescued.done == ["spad_array"]
    assert "NOT KNOWN TO BE OFF: heater (the cable is out)" in capsys.readouterr().err
