"""An instrument that is connected anew while its rig is being closed does not stay connected."""

import threading

import pytest

from acquisition.rig.reconnecting import Reconnecting
from drivers.interfaces.errors import DeviceError, DeviceTimeoutError, StateError
from tests.rig.fakes import fake_rig

WAIT_S = 10.0


class SlowHeater:
    """Lets the heater of a rig connect when it is told to."""

    def __init__(self, heater) -> None:
        self.inside, self.let_go, self.closed = threading.Event(), threading.Event(), threading.Event()
        self._heater, self._connect, self._close = heater, heater.connect, heater.close
        heater.connect, heater.close = self.connect, self.close

    def connect(self) -> None:
        self.inside.set()
        self.let_go.wait(WAIT_S)
        self._connect()

    def close(self) -> None:
        was_connected = self._heater.connected
        self._close()
        if was_connected and self.let_go.is_set():
            self.closed.set()


def test_what_is_connected_after_its_rig_was_closed_is_closed_at_once() -> None:
    rig = fake_rig([])
    rig.connect()
    reconnecting = Reconnecting()
    reconnecting.begin()
    slow = SlowHeater(rig.heater._device)
    with pytest.raises(DeviceTimeoutError, match="not connected again"):
        reconnecting.reconnect(rig.heater, timeout_s=0.1)
    assert slow.inside.is_set()
    reconnecting.end()
    slow.let_go.set()
    assert slow.closed.wait(WAIT_S)
    assert not rig.heater.connected


def test_who_waits_for_it_hears_that_the_rig_is_closed() -> None:
    rig = fake_rig([])
    rig.connect()
    reconnecting, found = Reconnecting(), []
    reconnecting.begin()
    slow = SlowHeater(rig.heater._device)

    def reconnect() -> None:
        try:
            reconnecting.reconnect(rig.heater, timeout_s=WAIT_S)
        except DeviceError as error:
            found.append(error)

    thread = threading.Thread(target=reconnect)
    thread.start()
    assert slow.inside.wait(WAIT_S)
    reconnecting.end()
    slow.let_go.set()
    thread.join(WAIT_S)
    assert isinstance(found[0], StateError)
    assert "heater: is not connected anew: its rig is closed" in str(found[0])
