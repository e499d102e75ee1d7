"""Raw sockets of VISA that are silent, hang up, or say what nobody asked for."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError
from drivers.laser.pdl_800d import Pdl800D
from simulators.wire.scpi_generator import ScpiGeneratorServer
from tests.drivers.laser.settings import trigger_settings
from tests.drivers.laser.talking import bench

Say = Callable[[socket.socket, bytes, bytes], None]


def truly(connection: socket.socket, line: bytes, answer: bytes) -> None:
    connection.sendall(answer)


class Listener:
    """A generator on a socket whose way to say an answer, `say`, a test may change at any time."""

    def __init__(self) -> None:
        self.brain = ScpiGeneratorServer("laser", bench())
        self.say: Say = truly
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            connection.close()
        for thread in self._threads:
            thread.join(10.0)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    answer = self.brain.answer(line.strip())
                    if answer:
                        self.say(connection, line, answer)
        except (OSError, ValueError):
            return


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.close()


@pytest.fixture
def laser(listener: Listener) -> Iterator[Pdl800D]:
    device = Pdl800D("laser", trigger_settings(listener.port))
    device.connect()
    device.set_emission(True)
    assert listener.brain.state()["output"]
    yield device
    listener.say = truly
    device.close()
    assert not listener.brain.state()["output"]


def test_silence_is_noticed_and_the_light_still_goes_off_in_time(listener: Listener, laser: Pdl800D) -> None:
    listener.say = lambda connection, line, answer: None
    with pytest.raises(DeviceTimeoutError, match=r"laser: .* did not answer within 0\.4 s"):
        laser.status()
    begun_s = time.monotonic()
    with pytest.raises(CommunicationError, match="could not be made dark for certain"):
        laser.make_safe()
    assert time.monotonic() - begun_s < 2.0
    assert not listener.brain.state()["output"]  # it did what it was told, only the answer is missing


def test_a_connection_that_ends_is_an_error_and_is_opened_again_to_make_safe(
    listener: Listener, laser: Pdl800D
) -> None:
    listener.say = lambda connection, line, answer: connection.shutdown(socket.SHUT_RDWR)
    with pytest.raises(CommunicationError, match="laser"):
        laser.status()
    listener.say = truly
    laser.make_safe()
    assert listener.connections == 2
    assert not listener.brain.state()["output"]


def test_an_answer_to_another_question_is_not_taken(listener: Listener, laser: Pdl800D) -> None:
    def twice(connection: socket.socket, line: bytes, answer: bytes) -> None:
        connection.sendall(answer + b"+7.000E+06\n")

    listener.say = twice
    with pytest.raises(CommunicationError, match="came unasked"):
        laser.status()


def test_a_late_answer_is_not_taken_for_the_next_one(listener: Listener, laser: Pdl800D) -> None:
    late = threading.Event()

    def hold(connection: socket.socket, line: bytes, answer: bytes) -> None:
        if line == b"FREQ?\n" and not late.is_set():
            late.wait(10.0)
            answer = b"+7.000E+06\n"
        connection.sendall(answer)

    listener.say = hold
    with pytest.raises(DeviceTimeoutError):
        laser.status()
    late.set()
    laser.close()
    laser.connect()
    assert laser.status().repetition_rate_hz == 1e6


def test_it_is_made_safe_while_another_thread_waits_for_a_silent_generator(listener: Listener, laser: Pdl800D) -> None:
    asked = threading.Event()

    def silent(connection: socket.socket, line: bytes, answer: bytes) -> None:
        asked.set()

    listener.say = silent
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            laser.status()
        except CommunicationError as error:
            errors.append(error)

    reader = threading.Thread(target=ask)
    reader.start()
    assert asked.wait(10.0)
    listener.say = truly
    begun_s = time.monotonic()
    laser.make_safe()
    assert time.monotonic() - begun_s < 2.0
    assert not listener.brain.state()["output"]
    reader.join(10.0)
    assert not reader.is_alive()


def test_nobody_at_the_address_is_an_error_that_names_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(CommunicationError, match=f"laser: .*127.0.0.1::{port}"):
        Pdl800D("laser", trigger_settings(port)).connect()


def test_an_address_that_is_none_is_an_error_that_names_it() -> None:
    settings = trigger_settings()
    generator = settings.generator
    assert generator is not None
    wrong = settings.model_copy(update={"generator": generator.model_copy(update={"address": "NOWHERE"})})
    with pytest.raises(CommunicationError, match="NOWHERE cannot be reached"):
        Pdl800D("laser", wrong).connect()
