"""An SC10 that cannot be reached any more is never claimed to be closed."""

import pytest

from drivers.interfaces.errors import CommunicationError
from drivers.shutter.sc10 import Sc10Settings, Sc10Shutter
from tests.drivers.shutter.scripted_port import ScriptedPort


def opened(port: ScriptedPort) -> Sc10Shutter:
    shutter = Sc10Shutter("shutter", Sc10Settings(address="COM7", simulated=True), open_wire=port)
    shutter.connect()
    shutter.set_open(True)
    return shutter


def test_an_open_shutter_that_vanished_is_told_again_after_it_was_closed() -> None:
    port = ScriptedPort()
    shutter = opened(port)
    port.change, port.refused = lambda command, answer: b"", 1000
    for act in (shutter.close, shutter.make_safe, shutter.make_safe, shutter.close):
        with pytest.raises(CommunicationError, match=r"could not be closed for certain.*block the beam"):
            act()
    assert port.is_open
    port.change, port.refused = None, 0
    shutter.make_safe()
    assert not port.is_open
    assert not shutter.connected
    times = port.opened
    shutter.close()
    assert port.opened == times


def test_a_shutter_that_was_never_connected_is_left_alone() -> None:
    port = ScriptedPort()
    shutter = Sc10Shutter("shutter", Sc10Settings(address="COM7", simulated=True), open_wire=port)
    shutter.make_safe()
    shutter.close()
    assert port.opened == 0


def test_a_shutter_whose_end_was_read_back_is_left_alone() -> None:
    port = ScriptedPort()
    shutter = opened(port)
    shutter.close()
    assert not port.is_open
    times = port.opened
    shutter.make_safe()
    assert port.opened == times
