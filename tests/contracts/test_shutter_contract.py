import pytest

from drivers.interfaces.errors import StateError
from drivers.interfaces.shutter import Shutter


def test_is_closed_when_connected(shutter: Shutter) -> None:
    assert not shutter.is_open()


def test_opens_and_closes(shutter: Shutter) -> None:
    shutter.set_open(True)
    assert shutter.is_open()
    shutter.set_open(False)
    assert not shutter.is_open()


def test_is_closed_after_being_made_safe(shutter: Shutter) -> None:
    shutter.set_open(True)
    shutter.make_safe()
    assert not shutter.is_open()


def test_is_closed_after_disconnecting_and_connecting_again(shutter: Shutter) -> None:
    shutter.set_open(True)
    shutter.close()
    shutter.connect()
    assert not shutter.is_open()


def test_does_not_move_while_not_connected(shutter: Shutter) -> None:
    shutter.close()
    with pytest.raises(StateError, match="not connected"):
        shutter.set_open(True)
    with pytest.raises(StateError, match="not connected"):
        shutter.is_open()
