"""Asking a simulated world in another process: its state, its truth, and breaking things in it."""

import json
import socket
from types import TracebackType
from typing import Any, Self

TIMEOUT_S = 10.0


class BenchControl:
    """A connection to the control port of `cascadescope simulate`; a context manager.

    Parameters
    ----------
    host : str
    port : int
    timeout_s : float
        For connecting and for each answer.

    Raises
    ------
    OSError
        If nobody answers there.
    """

    def __init__(self, host: str, port: int, timeout_s: float = TIMEOUT_S) -> None:
        self._socket = socket.create_connection((host, port), timeout_s)
        self._file = self._socket.makefile("rb")

    def request(self, **request: Any) -> dict[str, Any]:
        """Send a request and return its answer.

        Raises
        ------
        ValueError
            If it was refused; the text says why.
        ConnectionError
            If the other end has hung up.
        OSError
            If there is no answer in time.
        """
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        line = self._file.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError("the simulated world has hung up; has `cascadescope simulate` ended?")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer

    def state(self) -> dict[str, dict[str, Any]]:
        """Return the state of each simulated instrument by role, and of the world itself as ``control``."""
        return self.request(ask="state")

    def truth(self) -> dict[str, Any]:
        """Return what the simulated world knows."""
        return self.request(ask="truth")

    def begin_fault(self, name: str, *, after_s: float = 0.0, **parameters: float) -> None:
        """Let something break in `after_s`; parameters as in the catalogue."""
        self.request(do="begin_fault", name=name, after_s=after_s, parameters=parameters)

    def end_fault(self, name: str) -> None:
        """Mend it."""
        self.request(do="end_fault", name=name)

    def set_interlock(self, *, closed: bool) -> None:
        """Open or close the interlock of the laser."""
        self.request(do="set_interlock", closed=closed)

    def turn_knob(self, intensity_percent: float) -> None:
        """Turn the intensity knob of the laser."""
        self.request(do="turn_knob", intensity_percent=intensity_percent)

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
