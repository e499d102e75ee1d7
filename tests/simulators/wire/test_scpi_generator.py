"""A simulated function generator as its manual describes one, and the laser behind it."""

import socket
import threading

import pytest

from drivers.wire.whose import SIMULATOR_MARK
from simulators.bench import Bench
from simulators.real_time import RealTimeClock
from simulators.sample import Emitter, MicrostatePhotophysics, Sample
from simulators.wire.hosting import Hosting
from simulators.wire.scpi import short_form
from simulators.wire.scpi_generator import ScpiGeneratorServer

TRIGGER = b"FUNC SQU;FREQ 1E6;VOLT:HIGH 2.5;VOLT:LOW 0;OUTP ON"


def world() -> Bench:
    emitter = Emitter(photophysics=MicrostatePhotophysics(kind="microstate"))
    return Bench(Sample(name="one", emitters=(emitter,)), seed=1, clock=RealTimeClock())


@pytest.fixture
def bench() -> Bench:
    return world()


@pytest.fixture
def generator(bench: Bench) -> ScpiGeneratorServer:
    return ScpiGeneratorServer("laser", bench)


def test_it_says_that_it_is_a_simulator(generator: ScpiGeneratorServer) -> None:
    assert SIMULATOR_MARK in generator.answer(b"*IDN?").decode()


@pytest.mark.parametrize(("word", "short"), [("SOURCE", "SOUR"), ("output", "OUTP"), ("PERIOD", "PER"), ("LOW", "LOW")])
def test_long_and_short_forms_are_the_same(word: str, short: str) -> None:
    assert short_form(word) == short


@pytest.mark.parametrize("question", [b"FREQ?", b":SOURCE1:FREQUENCY:FIXED?", b"sour1:freq?", b"FREQ1?"])
def test_headers_come_in_long_and_short_form(generator: ScpiGeneratorServer, question: bytes) -> None:
    assert float(generator.answer(question)) == 1e3


def test_numbers_are_answered_in_exponential_form(generator: ScpiGeneratorServer) -> None:
    assert generator.answer(b"FREQ?") == b"+1.000000000000E+03\n"


def test_several_commands_stand_on_a_line(generator: ScpiGeneratorServer) -> None:
    assert generator.answer(b"FREQ 2E6;FREQ?;OUTP?") == b"+2.000000000000E+06;0\n"


def test_pulses_at_the_trigger_make_light(generator: ScpiGeneratorServer, bench: Bench) -> None:
    generator.answer(TRIGGER)
    assert bench.beam.emission
    assert bench.beam.repetition_rate_hz == 1e6
    generator.answer(b"OUTP OFF")
    assert not bench.beam.emission


@pytest.mark.parametrize("levels", [b"VOLT:LOW -1;VOLT:HIGH 0.4", b"VOLT:HIGH 2;VOLT:LOW 0.6", b"FUNC DC"])
def test_levels_that_do_not_cross_the_trigger_level_make_none(
    generator: ScpiGeneratorServer, bench: Bench, levels: bytes
) -> None:
    generator.answer(TRIGGER)
    generator.answer(levels)
    assert not bench.beam.emission


def test_the_interlock_takes_the_light_off(generator: ScpiGeneratorServer, bench: Bench) -> None:
    generator.answer(TRIGGER)
    bench.set_interlock(closed=False)
    generator.answer(b"OUTP?")
    assert not bench.beam.emission


def test_a_load_changes_what_is_displayed_and_not_what_comes_out(generator: ScpiGeneratorServer) -> None:
    generator.answer(TRIGGER)
    assert float(generator.answer(b"VOLT:HIGH?")) == pytest.approx(2.5)
    generator.answer(b"OUTP:LOAD INF")
    assert float(generator.answer(b"VOLT:HIGH?")) == pytest.approx(5.0)
    assert generator.answer(b"OUTP:LOAD?") == b"9.9E+37\n"
    assert generator.state()["high_v"] == pytest.approx(2.5)


def test_more_than_5_v_at_the_input_damage_the_laser_for_good(generator: ScpiGeneratorServer, bench: Bench) -> None:
    generator.answer(b"OUTP:LOAD 100;VOLT:HIGH 6.6;VOLT:LOW 0;FREQ 1E6;FUNC SQU;OUTP ON")
    assert not generator.state()["damaged"]  # 4.95 V at 50 ohm
    generator.answer(b"OUTP:LOAD 25;VOLT:LOW -3.33;VOLT:HIGH -1")
    assert not generator.state()["damaged"]  # -4.995 V
    generator._channels[1].low_v = -10.1  # a generator without limits
    generator.answer(b"*OPC?")
    assert generator.state()["damaged"]
    generator.answer(TRIGGER)
    assert not bench.beam.emission


def test_what_is_out_of_range_is_clipped_and_told_only_when_asked(generator: ScpiGeneratorServer) -> None:
    assert generator.answer(b"FUNC PULS;FREQ 70E6") == b""
    assert float(generator.answer(b"FREQ?")) == 50e6
    assert generator.answer(b"SYST:ERR?").startswith(b"-222")
    assert generator.answer(b"SYST:ERR?") == b'+0,"No error"\n'


@pytest.mark.parametrize("line", [b"VOLT:HIGH -1", b"VOLT:LOW 5"])
def test_levels_in_the_wrong_order_are_a_conflict(generator: ScpiGeneratorServer, line: bytes) -> None:
    generator.answer(line)
    assert generator.answer(b"SYST:ERR?").startswith(b"-221")


@pytest.mark.parametrize("line", [b"NONSENSE?", b"OUTP MAYBE", b"FREQ fast", b"\xff\xfe", b"OUTP3 ON", b"1:2"])
def test_what_it_does_not_know_is_not_answered_but_noted(generator: ScpiGeneratorServer, line: bytes) -> None:
    assert generator.answer(line) == b""
    assert generator.answer(b"SYST:ERR?") == b'-113,"Undefined header"\n'


def test_its_error_queue_has_an_end(generator: ScpiGeneratorServer) -> None:
    for _ in range(30):
        generator.answer(b"NONSENSE")
    errors = [generator.answer(b"SYST:ERR?") for _ in range(21)]
    assert errors[19] == b'-350,"Queue overflow"\n'
    assert errors[20] == b'+0,"No error"\n'


def test_an_open_gate_input_counts_as_open(bench: Bench) -> None:
    generator = ScpiGeneratorServer("laser", bench, purpose="gate", repetition_rate_hz=2.5e6)
    generator.answer(b"FUNC DC;VOLT:OFFS 0;OUTP OFF")
    assert bench.beam.emission
    assert bench.beam.repetition_rate_hz == 2.5e6
    generator.answer(b"OUTP ON")
    assert not bench.beam.emission
    generator.answer(b"VOLT:OFFS 2.5")
    assert bench.beam.emission


def test_only_the_connected_channel_reaches_the_laser(bench: Bench) -> None:
    generator = ScpiGeneratorServer("laser", bench, channel=2)
    generator.answer(b"OUTP:LOAD 50;" + TRIGGER)
    assert not bench.beam.emission
    generator.answer(b"SOUR2:FUNC SQU;SOUR2:FREQ 1E6;SOUR2:VOLT:HIGH 2.5;SOUR2:VOLT:LOW 0;OUTP2 ON")
    assert bench.beam.emission


def test_lines_come_in_pieces_and_the_output_outlives_the_connection() -> None:
    bench = world()
    server = ScpiGeneratorServer("laser", bench, intensity_percent=20.0)
    with Hosting([server]):
        with socket.create_connection(("127.0.0.1", server.port), 10.0) as connection:
            for piece in (TRIGGER[:7], TRIGGER[7:], b"\r", b"\nOU", b"TP?\n"):
                connection.sendall(piece)
            assert connection.makefile("rb").readline() == b"1\n"
        with socket.create_connection(("127.0.0.1", server.port), 10.0) as connection:
            connection.sendall(b"OUTP?\n")
            assert connection.makefile("rb").readline() == b"1\n"
        assert server.state()["emission"]
        assert server.state()["intensity_percent"] == 20.0


def test_the_laser_stops_by_itself_and_the_generator_does_not_know() -> None:
    bench = world()
    server = ScpiGeneratorServer("laser", bench)
    tick = threading.Event()
    with Hosting([server]):
        server.answer(TRIGGER)
        bench.faults.begin("laser_stops")
        assert any(not server.state()["emission"] or tick.wait(0.01) for _ in range(500))
        assert server.answer(b"OUTP?") == b"1\n"
        bench.faults.end("laser_stops")
        assert any(server.state()["emission"] or tick.wait(0.01) for _ in range(500))


def test_endless_lines_are_hung_up_on() -> None:
    server = ScpiGeneratorServer("laser", world())
    with Hosting([server]), socket.create_connection(("127.0.0.1", server.port), 10.0) as connection:
        connection.sendall(b"x" * 10_000)
        connection.settimeout(10.0)
        try:
            left = connection.recv(10)
        except ConnectionResetError:
            left = b""
        assert left == b""
