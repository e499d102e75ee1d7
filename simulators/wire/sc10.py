"""A simulated Thorlabs SC10 on a TCP port, whose shutter stands in the laser beam of the bench."""

from collections.abc import Mapping

from drivers.wire.whose import SIMULATOR_MARK
from simulators.bench import Bench
from simulators.wire.lines import LineServer

FIRMWARE = "1.07"


class Sc10Server(LineServer):
    r"""Echoes each command, answers, and prompts with ``> ``; lines end with ``\r``.

    ``ens`` toggles; only in manual mode (``mode=1``) does enabled mean open. It is closed and in its automatic
    mode when it is switched on; the shutter moves whether or not the laser shines.

    Parameters
    ----------
    role : str
        Of the shutter in its rig.
    bench : Bench
        Its beam is what the shutter is in.
    port : int
        TCP port; 0 for any that is free.
    """

    terminator = b"\r"

    def __init__(self, role: str, bench: Bench, port: int = 0) -> None:
        super().__init__(role, bench, port)
        self._mode = 2
        self._enabled = False

    async def start(self) -> None:
        """Listen, with the shutter closed. Raises `OSError` if the port is taken."""
        await super().start()
        self._move()

    def state(self) -> Mapping[str, str | float | int | bool | None]:
        """Return what an onlooker sees of the shutter."""
        with self.bench.lock:
            is_open = self.bench.beam.shutter_open
        return {"open": is_open, "enabled": self._enabled, "mode": self._mode}

    def answer(self, line: bytes) -> bytes:
        """Return echo, answer and prompt."""
        said = self._obey(line.decode("ascii", "replace").strip())
        return line + b"\r" + (f"{said}\r".encode() if said else b"") + b"> "

    def _obey(self, command: str) -> str:
        answers = {
            "*idn?": f"{SIMULATOR_MARK} SC10 VERSION {FIRMWARE}",
            "ens?": str(int(self._enabled)),
            "mode?": str(self._mode),
        }
        if command == "ens":
            self._enabled = not self._enabled
        elif command.startswith("mode=") and command[5:] in {"1", "2", "3", "4", "5"}:
            self._mode = int(command[5:])
        elif command:
            return answers.get(command, "Command error CMD_NOT_DEFINED")
        self._move()
        return ""

    def _move(self) -> None:
        with self.bench.lock:
            self.bench.beam.shutter_open = self._enabled and self._mode == 1
