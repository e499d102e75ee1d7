"""A program that talks to a simulated VAHEAT, without the driver."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from simulators.bench import Bench
from simulators.plant import PlantSettings
from simulators.real_time import RealTimeClock
from simulators.sample import Sample
from simulators.wire.hosting import Hosting
from simulators.wire.vaheat import VaheatServer

TIMEOUT_S = 5.0
FAST = PlantSettings(plate_time_constant_s=0.3, sensor_time_constant_s=0.01, control_period_s=0.01)
"""A plate that is warm before a test gets long."""


class HurriedClock(RealTimeClock):
    """Wall time of which a part can be skipped."""

    def __init__(self) -> None:
        super().__init__()
        self._skipped_s = 0.0

    def now(self) -> float:
        return super().now() + self._skipped_s

    def skip_s(self, duration_s: float) -> None:
        self._skipped_s += duration_s


def bench(plant: PlantSettings = FAST) -> Bench:
    return Bench(Sample(name="nothing", emitters=()), 1, clock=RealTimeClock(), plant=plant)


@contextmanager
def hosted(plant: PlantSettings = FAST) -> Iterator[VaheatServer]:
    server = VaheatServer("heater", bench(plant))
    with Hosting([server]):
        yield server


class Program:
    """Sends requests to a TCP port and reads objects."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
        self.text = ""

    def ask(self, command: str, arguments: Any = True) -> Any:
        self.send(json.dumps({command: arguments}).encode())
        return self.next_object()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def next_text(self) -> str:
        """Read until braces are even; strings hold none here."""
        while not self.text.strip() or self.text.count("{") != self.text.count("}"):
            data = self._socket.recv(4096)
            if not data:
                raise ConnectionError("hung up")
            self.text += data.decode()
        taken, self.text = self.text, ""
        return taken

    def next_object(self) -> Any:
        return json.loads(self.next_text())

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
