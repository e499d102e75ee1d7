"""A simulated VAHEAT at a pseudo-terminal: a serial port as the real one, but for its USB identity."""

from pathlib import Path

from simulators.bench import Bench
from simulators.wire.pty_port import PtyPort
from simulators.wire.vaheat import Requests, VaheatServer


class VaheatTerminal(VaheatServer):
    """A VAHEAT of the bench at a pseudo-terminal; Linux and macOS only.

    Parameters
    ----------
    role, bench : str, Bench
        As for `VaheatServer`.
    link : Path, optional
        Where to put a symbolic link to the terminal, so that its address stays the same.
    """

    def __init__(self, role: str, bench: Bench, link: Path | None = None) -> None:
        super().__init__(role, bench)
        self._link = link
        self._terminal: PtyPort | None = None
        self._requests = Requests()

    @property
    def address(self) -> str:
        """What a rig file writes as `port`; empty while the port has vanished."""
        return "" if self._terminal is None else self._terminal.name

    async def _open(self) -> None:
        self._terminal = PtyPort(self._received, self._link)
        self.join(self._terminal)

    async def _vanish(self) -> None:
        self._terminal = None
        await super()._vanish()

    @property
    def _is_there(self) -> bool:
        return self._terminal is not None

    def _received(self, data: bytes) -> None:
        terminal = self._terminal
        for request in self._requests.feed(data, self.bench.clock.now()):
            if terminal is not None:
                terminal.send(self.answer(request))
