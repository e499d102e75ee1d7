"""What a client sees of the simulated lSPAD server, byte by byte, in real time."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drivers.wire.whose import SIMULATOR_MARK
from simulators.bench import Bench
from simulators.detector import DetectorSettings
from simulators.real_time import RealTimeClock
from simulators.wire import lspad_clients
from simulators.wire.hosting import Hosting
from simulators.wire.lspad import LspadServer
from simulators.wire.lspad_settings import LspadSettings
from tests.simulators.wire.lspad_reference import TIMEOUT_S, Caller, decode, photons_of
from tests.simulators.worlds import acquire, shining, shipped_sample

SAMPLE = shipped_sample()
QUICK = LspadSettings(slice_ms=10, shared_tdc_dead_time_ns=0, tdc_calibration_s=0.05)


@contextmanager
def serving(settings: LspadSettings = QUICK, detector: DetectorSettings | None = None) -> Iterator[LspadServer]:
    bench = Bench(SAMPLE, 7, clock=RealTimeClock())
    bench.beam.emission, bench.beam.intensity_percent = True, 20.0
    server = LspadServer("spad_array", bench, 0, settings, detector)
    with Hosting([server]):
        yield server


@pytest.fixture(name="server", scope="module")
def _server() -> Iterator[LspadServer]:
    with serving() as server:
        yield server


@pytest.fixture(name="caller")
def _caller(server: LspadServer) -> Iterator[Caller]:
    caller = Caller(server.port)
    banner = caller.line()
    assert banner.startswith("lSPAD command server")
    assert SIMULATOR_MARK in banner
    yield caller
    caller.close()
    last = Caller(server.port)  # the other may have been hung up on
    last.say("STOP")
    wait_for(server, acquiring=False)
    last.close()
    wait_for(server, acquiring=False, clients=0)


def wait_for(server: LspadServer, **expected: object) -> None:
    """Wait until the state of a server is as expected."""
    clock, never = RealTimeClock(), threading.Event()
    until_s = clock.now() + TIMEOUT_S
    while not expected.items() <= dict(server.state()).items():
        assert clock.now() < until_s, f"{dict(server.state())} is not {expected}"
        clock.wait(never, 0.005)


def test_photons_with_the_same_seed_are_those_of_the_simulator_without_a_wire() -> None:
    with serving() as server:
        caller = Caller(server.port)
        caller.line()
        assert caller.ask("POW,1") == "VDD on"
        caller.say("SB,300")
        found = acquire(shining(SAMPLE, 7).array, 0.3)
        assert decode(caller.records()).photons == photons_of(found.pulse, found.pixel, found.delay_ps)
        assert server.state()["records"] > len(found.pulse)
        caller.close()


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("T,v,1", "TDC calibration is valid"),
        ("V,5.5", "Vex set to 5.5 V"),
        ("POW,1", "VDD on"),
        ("POW,0", "VDD off"),
        ("N,1", "dummy clock markers on"),
        ("N,0", "dummy clock markers off"),
        ("F,0", "fan off"),
        ("TO,12", "time-out 10 s"),
        ("G,0,0,0", "gate off"),
        ("L,min,500", "minimum wavelength 500 nm"),
        ("STOP", "no acquisition is running"),
    ],
)
def test_settings_are_confirmed(caller: Caller, command: str, answer: str) -> None:
    assert caller.ask(command) == answer


def test_several_commands_may_be_sent_at_once(caller: Caller) -> None:
    caller.say("V,6\nV\r\n\nD")
    assert [caller.line(), caller.line()] == ["Vex set to 6 V", "6"]
    assert SIMULATOR_MARK in caller.line()


@pytest.mark.parametrize(
    "command",
    [
        *("X", "sb,10", "SB", "SB,0", "SB,-5", "SB,1.5", "SB,nan", "SB,1e99", "V,3.9", "V,9.1", "POW", "POW,2", "N,x"),
        *("F,", "T,q,1", "G,1,2,3", "I,5,1,7", "L,min", "M,/no/such/mask", "D,/no/such/folder", "\xff\xfe"),
    ],
)
def test_what_is_not_understood_is_answered_with_a_text_that_ends_with_error(caller: Caller, command: str) -> None:
    caller.say(command)
    assert caller.until(b" ERROR").strip()


def test_the_laser_is_measured(server: LspadServer, caller: Caller) -> None:
    caller.ask("N,1")
    assert caller.ask("R").split(",")[4:] == ["1000000", "0", "0", "100"]
    server.bench.faults.begin("laser_drops_pulses", share=0.1)
    assert caller.ask("R").split(",")[4] == "900000"
    server.bench.faults.end("laser_drops_pulses")
    server.bench.faults.begin("laser_stops")
    assert caller.ask("R").split(",")[4] == "0"
    server.bench.faults.end("laser_stops")
    caller.ask("N,0")


def test_a_mask_switches_positions_off(server: LspadServer, caller: Caller, tmp_path: Path) -> None:
    mask = tmp_path / "mask.txt"
    mask.write_text("0\n17\n319\n", encoding="utf-8")
    assert "successful" in caller.ask(f"M,{mask}")
    assert server.state()["pixels_off"] == 3
    caller.ask("POW,1")
    caller.say("I,100")
    counts = [int(line.split(",")[k]) for line in (caller.line() for _ in range(160)) for k in (1, 3)]
    assert [k for k, count in enumerate(counts) if count == 0 and k in (0, 17, 319)] == [0, 17, 319]
    assert sum(counts) > 1000
    mask.write_text("320\n", encoding="utf-8")
    caller.say(f"M,{mask}")
    caller.until(b"ERROR")
    mask.write_text("", encoding="utf-8")
    caller.ask(f"M,{mask}")


def test_frames_of_counts_and_spectra_are_lines(caller: Caller) -> None:
    caller.ask("POW,1")
    caller.say("I,20,3")
    assert [caller.line().split(",")[0] for _ in range(3)] == ["0", "1", "2"]
    caller.say("L,20,1")
    assert len(caller.line().split(",")) == len(caller.line().split(",")) == 320


def test_records_can_come_as_text(caller: Caller) -> None:
    caller.ask("POW,1")
    caller.say("S,50")
    lines = caller.until(b"DONE").decode().splitlines()
    assert sorted(lines[:2]) == ["0,239,0,0", "1,239,0,0"]
    assert all(len(line.split(",")) == 4 for line in lines)
    assert len(lines) > 1000


def test_the_tdcs_are_calibrated_on_demand() -> None:
    with serving(QUICK.model_copy(update={"tdc_calibrated": False})) as server:
        caller = Caller(server.port)
        caller.line()
        assert caller.ask("T,v,1") == "TDC calibration is invalid"
        assert "completed" in caller.ask("T,c,1")
        assert caller.ask("T,v,1") == "TDC calibration is valid"
        caller.close()


def test_an_acquisition_goes_to_every_client_and_answers_stand_between_the_records(
    server: LspadServer, caller: Caller
) -> None:
    other = Caller(server.port)
    other.line()
    caller.ask("POW,1")
    caller.say("SB,200")
    records = caller.records()
    assert other.records() == records
    caller.say("SB,60000")
    wait_for(server, acquiring=True)
    other.say("R")
    other.until(b"1000000,0,0,0\n")
    other.say("SB,10")
    other.until(b"a measurement is running ERROR")
    other.close()


def test_stop_ends_an_acquisition_with_done(server: LspadServer, caller: Caller) -> None:
    caller.ask("POW,1")
    caller.say("SB,60000")
    wait_for(server, acquiring=True)
    caller.say("STOP")
    assert len(caller.records()) % 7 == 0
    wait_for(server, acquiring=False)


def test_power_off_in_an_acquisition_ends_the_counts_but_not_the_wraps(server: LspadServer, caller: Caller) -> None:
    caller.say("POW,0\nSB,200")
    caller.line()
    found = decode(caller.records())
    assert not found.photons
    assert found.names()["wrap"] == 2 * 3
    assert server.state()["bias"] is False


def test_no_command_takes_back_what_a_client_has_not_fetched() -> None:
    with serving(detector=DetectorSettings(dark_rate_median_cps=10_000)) as server:
        slow = Caller(server.port, small_buffer=True)
        slow.line()
        slow.say("POW,1\nSB,60000")
        until_backlog(server)
        slow.say("STOP")
        wait_for(server, acquiring=False)
        assert server.state()["backlog_bytes"] > 1_000_000
        slow.line()
        assert len(decode(slow.records()[: 7 * 20_000]).photons) > 10_000
        slow.close()


def test_a_backlog_beyond_the_memory_ends_the_connection_and_not_the_acquisition(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lspad_clients, "MOST_BACKLOG_BYTES", 1_000_000)
    with serving(detector=DetectorSettings(dark_rate_median_cps=10_000)) as server:
        slow = Caller(server.port, small_buffer=True)
        slow.say("POW,1\nSB,60000")
        wait_for(server, clients=1)
        wait_for(server, clients=0, acquiring=True)
        assert (server.state()["clients"], server.state()["acquiring"]) == (0, True)
        slow.close()


def until_backlog(server: LspadServer) -> None:
    clock, never = RealTimeClock(), threading.Event()
    until_s = clock.now() + TIMEOUT_S
    while int(server.state()["backlog_bytes"] or 0) < 8_000_000:
        assert clock.now() < until_s
        clock.wait(never, 0.01)


def test_a_dropped_connection_is_dropped_once_and_the_acquisition_goes_on(server: LspadServer, caller: Caller) -> None:
    caller.say("SB,60000")
    wait_for(server, acquiring=True)
    server.bench.faults.begin("spad_connection_dropped")
    assert caller.hung_up()
    other = Caller(server.port)
    assert other.line().startswith("lSPAD")
    assert server.state()["acquiring"] is True
    other.say("STOP")
    other.until(b"DONE")
    other.close()


def test_a_silent_server_obeys_and_says_it_all_later(server: LspadServer, caller: Caller) -> None:
    caller.ask("POW,1")
    server.bench.faults.begin("spad_silent")
    caller.say("POW,0\nV,4")
    wait_for(server, bias=False)
    caller.socket.settimeout(0.05)
    with pytest.raises(TimeoutError):
        caller.socket.recv(1)
    caller.socket.settimeout(TIMEOUT_S)
    server.bench.faults.end("spad_silent")
    assert [caller.line(), caller.line()] == ["VDD off", "Vex set to 4 V"]


def test_garbage_comes_between_whole_records(server: LspadServer, caller: Caller) -> None:
    caller.ask("POW,1")
    server.bench.faults.begin("spad_garbage", byte_count=65)
    caller.say("SB,100")
    data = caller.until(b"DONE")
    assert len(data) % 7 == 65 % 7
    server.bench.faults.end("spad_garbage")


def test_quit_powers_off_and_ends_the_server() -> None:
    with serving() as server:
        caller = Caller(server.port)
        caller.line()
        caller.ask("POW,1")
        caller.say("QUIT")
        assert caller.hung_up()
        wait_for(server, running=False, bias=False)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), TIMEOUT_S)
        caller.close()


def test_a_taken_port_is_an_error(server: LspadServer) -> None:
    second = LspadServer("spad_array", Bench(SAMPLE, 1, clock=RealTimeClock()), server.port)
    with pytest.raises(OSError, match="address"), Hosting([second]):
        pass
