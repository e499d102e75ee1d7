"""The session's side of its connection to the launcher, which does what is left to be done if the guardian is gone."""

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from acquisition.guardian.messages import Address, Line, connect
from drivers.interfaces.closing import Closing


class LauncherLine(Closing):
    """Tells the launcher what it must know, and answers whenever it asks whether this process lives.

    Its loss changes nothing here: the guardian notices it, too.

    Parameters
    ----------
    launcher : Address or None
        Where it is; None if there is none, so that nothing is told.
    """

    def __init__(self, launcher: Address | None) -> None:
        self.armed: Callable[[], bool] = lambda: False
        self._sending = threading.Lock()
        self._line = _line_to(launcher)
        if self._line is not None:
            self.tell(lambda: {"pid": os.getpid()})
            threading.Thread(target=self._answer, args=(self._line,), name="launcher", daemon=True).start()

    def tell(self, message: Callable[[], Mapping[str, Any]]) -> None:
        """Let the launcher know what `message` returns; what is told later was made later."""
        if self._line is not None:
            with suppress(OSError), self._sending:
                self._line.send(message())

    def beat(self) -> None:
        """Say that this process lives, and whether a source may be on."""
        self.tell(lambda: {"beat": True, "armed": self.armed()})

    def close(self) -> None:
        """Hang up; the launcher takes it for the end of this process."""
        if self._line is not None:
            self._line.close()

    def _answer(self, line: Line) -> None:
        with suppress(OSError):
            while True:
                for _ in line.receive():
                    self.beat()


def _line_to(launcher: Address | None) -> Line | None:
    if launcher is not None:
        with suppress(OSError):
            return connect(launcher, "session")
    return None
