"""The toggle of an SC10: asked before and after, and closed at any doubt."""

import os
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.interfaces.errors import CommunicationError, DeviceError, DeviceTimeoutError, FaultError, StateError
from drivers.rescue.sc10 import rescue
from drivers.shutter.sc10 import Sc10Settings, Sc10Shutter
from drivers.shutter.sc10_wire import open_port
from tests.drivers.shutter.scripted_port import ScriptedPort

SETTINGS = Sc10Settings(address="COM7", simulated=True)


def connected(port: ScriptedPort) -> Sc10Shutter:
    shutter = Sc10Shutter("shutter", SETTINGS, open_wire=port)
    shutter.connect()
    return shutter


def test_connecting_closes_it_and_takes_it_into_manual_mode() -> None:
    port = ScriptedPort()
    connected(port)
    assert port.said == [b"*idn?", b"ens?", b"mode=1", b"ens?"]
    assert not port.is_open


def test_one_that_was_left_open_is_closed_by_connecting() -> None:
    port = ScriptedPort()
    port.brain.answer(b"ens")
    assert port.is_open
    connected(port)
    assert not port.is_open
    assert port.said.count(b"ens") == 1


def test_it_asks_before_it_toggles_and_after() -> None:
    port = ScriptedPort()
    shutter = connected(port)
    port.said.clear()
    shutter.set_open(True)
    assert port.said == [b"ens?", b"ens", b"ens?"]
    assert port.is_open


def test_setting_it_twice_toggles_it_once() -> None:
    port = ScriptedPort()
    shutter = connected(port)
    shutter.set_open(True)
    port.said.clear()
    shutter.set_open(True)
    assert port.said == [b"ens?"]
    assert port.is_open


def test_a_prompt_with_a_space_and_the_echo_are_no_part_of_the_answer() -> None:
    shutter = connected(ScriptedPort(lambda command, answer: b" " + answer))
    assert shutter.identity.firmware == "1.07"
    assert shutter.is_open() is False


def test_the_first_command_on_a_fresh_line_may_fail() -> None:
    broken = [True]

    def once(command: bytes, answer: bytes) -> bytes:
        return b"\xff" if broken and broken.pop() else answer

    port = ScriptedPort(once)
    assert connected(port).connected
    assert port.opened == 2


def test_a_shutter_that_does_not_move_is_a_fault() -> None:
    port = ScriptedPort()
    shutter = connected(port)
    port.change = lambda command, answer: b"ens?\r0\r> " if command == b"ens?" else answer
    with pytest.raises(FaultError, match="told to be open but says that it is not"):
        shutter.set_open(True)


def test_doubt_after_the_toggle_closes_it() -> None:
    port = ScriptedPort()
    shutter = connected(port)

    def silent_after_toggling(command: bytes, answer: bytes) -> bytes:
        if command == b"ens":
            port.change = None
            return b""
        return answer

    port.change = silent_after_toggling
    with pytest.raises(DeviceTimeoutError, match="shutter: no prompt after 'ens'"):
        shutter.set_open(True)
    assert port.opened == 2
    assert not port.is_open


def test_a_lost_line_is_reported_and_connected_again() -> None:
    port = ScriptedPort()
    shutter = connected(port)
    port.change = lambda command, answer: b""
    with pytest.raises(CommunicationError):
        shutter.is_open()
    assert not shutter.connected
    port.change = None
    shutter.close()
    shutter.connect()
    assert shutter.is_open() is False


def test_when_nobody_answers_making_safe_says_what_to_do() -> None:
    port = ScriptedPort()
    shutter = connected(port)
    port.change, port.refused = (lambda command, answer: b""), 5
    with pytest.raises(CommunicationError, match=r"could not be closed for certain.*block the beam by hand"):
        shutter.make_safe()


def test_a_shutter_that_may_be_open_after_closing_and_connecting_failed_is_closed_by_making_safe() -> None:
    port = ScriptedPort()
    shutter = connected(port)
    shutter.set_open(True)
    port.refused, port.change = 3, lambda command, answer: b""
    with pytest.raises(CommunicationError, match="could not be closed for certain"):
        shutter.close()
    with pytest.raises(CommunicationError, match="cannot be opened"):
        shutter.connect()
    with pytest.raises(CommunicationError, match="could not be closed for certain"):
        shutter.make_safe()
    assert port.is_open
    port.refused, port.change = 0, None
    shutter.make_safe()
    assert not port.is_open
    assert not shutter.connected
    shutter.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows opens no port twice, and has no pseudo-terminals")
def test_a_port_that_another_program_has_open_is_refused() -> None:
    here, there = os.openpty()
    try:
        mine = open_port(os.ttyname(there), 0.1)
        with pytest.raises(OSError, match="exclusive"):
            open_port(os.ttyname(there), 0.1)
        with pytest.raises(OSError, match="exclusive"):
            rescue(os.ttyname(there), 0.1)
        mine.close()
        open_port(os.ttyname(there), 0.1).close()
    finally:
        os.close(here)
        os.close(there)


def test_two_threads_never_toggle_into_each_other() -> None:
    port = ScriptedPort()
    shutter = connected(port)

    def open_and_close() -> None:
        for _ in range(50):
            shutter.set_open(True)
            shutter.make_safe()

    threads = [threading.Thread(target=open_and_close) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20.0)
    assert not any(thread.is_alive() for thread in threads)
    assert not port.is_open


def test_another_instrument_is_left_alone() -> None:
    port = ScriptedPort(lambda command, answer: b"*idn?\rcascadescope simulator PM100\r> ")
    with pytest.raises(StateError, match="which is no SC10"):
        connected(port)
    assert port.said == [b"*idn?"]


def test_a_simulator_is_not_taken_for_hardware() -> None:
    with pytest.raises(StateError, match="a simulator answers"):
        Sc10Shutter("shutter", Sc10Settings(address="COM7"), open_wire=ScriptedPort()).connect()


def test_a_port_that_is_not_there_is_named() -> None:
    with pytest.raises(CommunicationError, match="the port COM_NONE_SUCH cannot be opened"):
        Sc10Shutter("shutter", Sc10Settings(address="COM_NONE_SUCH")).connect()


@settings(max_examples=150, deadline=None)
@given(
    where=st.integers(0, 8), reply=st.one_of(st.binary(max_size=20), st.sampled_from([b"ens?\r1\r> ", b"0\r>", b">"]))
)
def test_whatever_it_answers_it_ends_closed_or_an_error_names_it(where: int, reply: bytes) -> None:
    count = 0

    def change(command: bytes, answer: bytes) -> bytes:
        nonlocal count
        count += 1
        return reply if count == where else answer

    port = ScriptedPort(change)
    port.brain.answer(b"ens")
    shutter = Sc10Shutter("shutter", SETTINGS, open_wire=port)
    failed = ""
    try:
        shutter.connect()
        shutter.set_open(True)
    except DeviceError as error:
        failed = error.device
    assert failed in {"", "shutter"}
    port.change = None
    shutter.close()
    if b"ens?" not in port.said:  # nobody there has said that it is an SC10
        return
    assert not port.is_open
