"""A simulated SC10: what is echoed, answered and moved."""

import socket

import pytest

from drivers.wire.whose import SIMULATOR_MARK
from simulators.bench import Bench
from simulators.sample import Emitter, MicrostatePhotophysics, Sample
from simulators.wire.hosting import Hosting
from simulators.wire.sc10 import Sc10Server


@pytest.fixture
def bench() -> Bench:
    emitter = Emitter(photophysics=MicrostatePhotophysics(kind="microstate"))
    return Bench(Sample(name="one", emitters=(emitter,)), seed=1)


def test_commands_are_echoed_and_answers_end_with_a_prompt(bench: Bench) -> None:
    server = Sc10Server("shutter", bench)
    assert server.answer(b"ens?") == b"ens?\r0\r> "
    assert server.answer(b"ens") == b"ens\r> "
    assert server.answer(b"ens?") == b"ens?\r1\r> "
    assert SIMULATOR_MARK in server.answer(b"*idn?").decode()
    assert b"CMD_NOT_DEFINED" in server.answer(b"open sesame")


def test_it_toggles_and_is_open_in_manual_mode_only(bench: Bench) -> None:
    server = Sc10Server("shutter", bench)
    server.answer(b"ens")
    assert not bench.beam.shutter_open
    server.answer(b"mode=1")
    assert bench.beam.shutter_open
    server.answer(b"ens")
    assert not bench.beam.shutter_open
    assert server.state() == {"open": False, "enabled": False, "mode": 1}


def test_it_starts_closed_and_keeps_its_place_when_the_line_is_cut(bench: Bench) -> None:
    server = Sc10Server("shutter", bench)
    assert bench.beam.shutter_open
    with Hosting([server]):
        assert not server.state()["open"]
        with socket.create_connection(("127.0.0.1", server.port), 10.0) as connection:
            for piece in (b"mo", b"de=1\re", b"ns\r"):
                connection.sendall(piece)
            heard = b""
            while heard.count(b">") < 2:
                heard += connection.recv(100)
        assert heard == b"mode=1\r> ens\r> "
        assert server.state()["open"]
