"""A laser is made dark, and a shutter closed, by a process that has never spoken to them."""

import socket
import subprocess
import sys
import threading

import pytest

from drivers.interfaces.errors import CommunicationError, FaultError, StateError
from drivers.laser.pdl_800d import Pdl800D
from drivers.rescue import sc10, scpi_generator, taiko
from drivers.shutter.sc10 import Sc10Settings, Sc10Shutter
from simulators.bench import Bench
from simulators.real_time import RealTimeClock
from simulators.wire.hosting import Hosting
from simulators.wire.sc10 import Sc10Server
from simulators.wire.scpi_generator import ScpiGeneratorServer
from tests.drivers.laser.settings import gate_settings, trigger_settings
from tests.drivers.laser.talking import bench

ANSWERS = {"Keysight33250A": "33250A", "Agilent33500": "33522B", "Keysight81160A": "81160A", "DG800": "DG832"}


def world() -> Bench:
    return Bench(bench().sample, seed=1, clock=RealTimeClock())


@pytest.mark.parametrize("model", ANSWERS)
def test_a_triggered_laser_goes_dark_while_its_driver_is_still_connected(model: str) -> None:
    server = ScpiGeneratorServer("laser", world(), model=ANSWERS[model])
    with Hosting([server]):
        laser = Pdl800D("laser", trigger_settings(server.port, model))
        laser.connect()
        laser.set_emission(True)
        assert server.state()["emission"]
        rescue = laser.rescue()
        assert rescue is not None
        assert rescue.kind == "scpi_generator"
        assert not rescue.last
        scpi_generator.rescue(**rescue.arguments)
        assert not server.state()["emission"]
        laser.close()


def test_a_gated_laser_goes_dark() -> None:
    server = ScpiGeneratorServer("laser", world(), purpose="gate")
    with Hosting([server]):
        laser = Pdl800D("laser", gate_settings(server.port))
        laser.connect()
        laser.set_emission(True)
        assert server.state()["emission"]
        rescue = laser.rescue()
        assert rescue is not None
        scpi_generator.rescue(**rescue.arguments)
        assert not server.state()["emission"]
        assert server.state()["output"]
        laser.close()


@pytest.mark.parametrize("model", ["Keysight33250A", "Agilent33500", "DG800"])
def test_a_gate_that_is_not_driven_counts_as_open_and_is_driven_closed(model: str) -> None:
    server = ScpiGeneratorServer("laser", world(), purpose="gate", model=ANSWERS[model])
    with Hosting([server]):
        settings = {"generator": {"model": model, "address": f"TCPIP::127.0.0.1::{server.port}::SOCKET"}}
        laser = Pdl800D("laser", gate_settings(server.port, **settings))
        laser.connect()
        laser.set_emission(True)
        with socket.create_connection(("127.0.0.1", server.port), 5.0) as panel:
            panel.settimeout(5.0)
            panel.sendall(b":OUTP1 OFF\n:OUTP1?\n")
            assert panel.recv(100).strip() in {b"0", b"OFF"}
        assert server.state()["emission"]
        rescue = laser.rescue()
        assert rescue is not None
        scpi_generator.rescue(**rescue.arguments)
        assert (server.state()["output"], server.state()["emission"]) == (True, False)
        laser.close()


def test_a_gate_that_is_not_driven_although_it_was_told_to_be_is_an_error() -> None:
    server = ScpiGeneratorServer("laser", world(), purpose="gate")
    with Hosting([server]):
        address = f"TCPIP::127.0.0.1::{server.port}::SOCKET"
        with pytest.raises(FaultError, match=r"says '0' to OUTP\?; switch the laser off at its key"):
            scpi_generator.rescue(address, "@py", "VOLT:OFFS 0", "VOLT:OFFS?", 0.0, "OUTP 0", "OUTP?")


def test_a_shutter_is_closed_and_one_that_is_closed_stays_so() -> None:
    server = Sc10Server("shutter", world())
    with Hosting([server]):
        address = f"socket://127.0.0.1:{server.port}"
        shutter = Sc10Shutter("shutter", Sc10Settings(address=address, simulated=True))
        shutter.connect()
        shutter.set_open(True)
        for _ in range(2):
            sc10.rescue(**shutter.rescue().arguments)
            assert not server.state()["open"]
        shutter.close()


def test_nobody_at_the_address_is_an_error() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(OSError, match=r"refused|timed out"):
        scpi_generator.rescue(f"TCPIP::127.0.0.1::{port}::SOCKET", "@py", "OUTP 0", "OUTP?", 0.0)
    with pytest.raises(OSError, match="Could not open port"):
        sc10.rescue(f"socket://127.0.0.1:{port}")


@pytest.mark.parametrize(("reply", "error"), [(b"1\n", FaultError), (b"what?\n", CommunicationError), (b"", OSError)])
def test_an_answer_that_is_not_dark_is_an_error_after_the_command_was_sent(
    reply: bytes, error: type[Exception]
) -> None:
    heard = bytearray()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            while b"?" not in heard:
                heard.extend(connection.recv(100))
            connection.sendall(reply)
            connection.recv(100)  # until the other side hangs up

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        address = f"TCPIP::127.0.0.1::{listener.getsockname()[1]}::SOCKET"
        with pytest.raises(error):
            scpi_generator.rescue(address, "@py", "OUTP 0", "OUTP?", 0.0, timeout_s=0.2)
        thread.join(10.0)
    assert heard.startswith(b"OUTP 0\nOUTP?\n")


def test_an_address_that_is_none_is_an_error() -> None:
    with pytest.raises(CommunicationError, match="NOWHERE cannot be reached"):
        scpi_generator.rescue("NOWHERE", "@py", "OUTP 0", "OUTP?", 0.0)


def test_a_taiko_without_its_library_is_an_error() -> None:
    with pytest.raises(StateError, match=r"PDLM_Lib|there is no"):
        taiko.rescue("/nowhere/PDLM_Lib.dll", "any")


@pytest.mark.parametrize("module", ["scpi_generator", "sc10", "taiko"])
def test_a_rescue_needs_little(module: str) -> None:
    unwanted = ["acquisition", "numba", "numpy", "pydantic", "pymeasure", "pyvisa", "simulators"]
    code = f"import sys, drivers.rescue.{module}\nprint([name for name in {unwanted!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert found.stdout.strip() == "[]"
