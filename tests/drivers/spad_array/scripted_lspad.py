"""A server that plays lSPAD as a test has written down: replies by command, and the bytes of the stream."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from drivers.spad_array.device_calibration import LoadedCalibration, load_device_calibration
from drivers.spad_array.spad_lambda import SpadLambda
from drivers.spad_array.spad_lambda_settings import SpadLambdaSettings

BANNER = b"lSPAD command server v1.2\n"
REPLIES = {
    "STOP": b"stopped\n",
    "POW,0": b"VDD off\n",
    "POW,1": b"VDD on\n",
    "D": b"SPAD Lambda serial L-7, firmware 1.0\n",
    "R": b"41.2,40.6,35.8,31.4,1000000,0,0,100\n",
    "T,v,1": b"TDC calibration is valid\n",
    "N,1": b"dummy markers on\n",
    "V,6": b"Vex set\n",
    "V": b"6.0\n",
}
TIMEOUT_S = 10.0

Script = list[bytes | Callable[["ScriptedLspad"], None]]
"""Bytes of a stream, and what happens between them."""


class ScriptedLspad:
    """Answers each client as `replies` says; what was sent is in `commands`, in order.

    The reply to the command `held` waits until `release` is set, and so do all after it.
    """

    def __init__(self) -> None:
        self.banner = BANNER
        self.replies: dict[str, bytes] = dict(REPLIES)
        self.stream: Script = []
        self.commands: list[str] = []
        self.clients = 0
        self.held = ""
        self.release = threading.Event()
        self._heard = threading.Condition()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="scripted lSPAD")]
        self._threads[0].start()

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def wait_for(self, command: str, times: int = 1) -> None:
        """Wait until a command has come so often."""
        with self._heard:
            assert self._heard.wait_for(lambda: self.commands.count(command) >= times, TIMEOUT_S), self.commands

    def hang_up(self) -> None:
        for client in self._open:
            with suppress(OSError):  # the driver was faster
                client.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End everything; no effect if it has ended."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(TIMEOUT_S)
        for client in self._open:
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            self.clients += 1
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.append(client)
            client.sendall(self.banner)
            thread = threading.Thread(target=self._serve, args=(client,), name="scripted lSPAD client")
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        rest = b""
        while True:
            try:
                data = client.recv(4096)
            except OSError:
                return
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._answer(client, line.decode())

    def _answer(self, client: socket.socket, command: str) -> None:
        with self._heard:
            self.commands.append(command)
            self._heard.notify_all()
        if command == self.held:
            self.release.wait(TIMEOUT_S)
        if command.startswith("SB,"):
            thread = threading.Thread(target=self._play, args=(client,), name="scripted lSPAD stream")
            self._threads.append(thread)
            thread.start()
        else:
            with suppress(OSError):  # the driver has hung up
                client.sendall(self.replies.get(command, b""))

    def _play(self, client: socket.socket) -> None:
        for item in self.stream:
            try:
                if isinstance(item, bytes):
                    client.sendall(item)
                else:
                    item(self)
            except OSError:
                return


def driver(server: ScriptedLspad, calibration: LoadedCalibration | None = None, **changes: object) -> SpadLambda:
    """Return a driver of a server, not connected, with short timeouts."""
    settings = {
        "port": server.port,
        "reply_timeout_s": 1.0,
        "silence_timeout_s": 1.0,
        "drain_timeout_s": 1.0,
        "quiet_s": 0.03,
    }
    found = SpadLambdaSettings.model_validate({**settings, **changes})
    return SpadLambda("spad_array", found, calibration or load_device_calibration("spad_lambda_device.yaml"))
