"""A serial port in memory with an SC10 at its end, whose answers a test may change."""

from collections.abc import Callable

from simulators.wire.sc10 import Sc10Server
from tests.drivers.laser.talking import bench

Change = Callable[[bytes, bytes], bytes]


class ScriptedPort:
    """What `Sc10Shutter` opens; `change` gets each command and its answer and returns what is heard."""

    def __init__(self, change: Change | None = None) -> None:
        self.brain = Sc10Server("shutter", bench())
        self.brain.answer(b"mode=1")
        self.change = change
        self.said: list[bytes] = []
        self.opened = 0
        self.refused = 0
        self._waiting = b""

    def __call__(self, address: str, timeout_s: float) -> "ScriptedPort":
        if self.refused:
            self.refused -= 1
            raise OSError("no such port")
        self.opened += 1
        self._waiting = b""
        return self

    @property
    def is_open(self) -> bool:
        return bool(self.brain.state()["open"])

    def reset_input_buffer(self) -> None:
        self._waiting = b""

    def write(self, data: bytes) -> int:
        assert data.endswith(b"\r")
        command = data[:-1]
        self.said.append(command)
        answer = self.brain.answer(command)
        self._waiting += answer if self.change is None else self.change(command, answer)
        return len(data)

    def read_until(self, end: bytes, size: int) -> bytes:
        found = self._waiting.find(end)
        length = min(len(self._waiting) if found < 0 else found + len(end), size)
        said, self._waiting = self._waiting[:length], self._waiting[length:]
        return said

    def close(self) -> None:
        self._waiting = b""
