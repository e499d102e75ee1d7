"""Starting a session under a guardian, and waiting for its end, in the program that the user has started."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from acquisition.guardian.messages import LAUNCHER_VARIABLE, Door, Line
from acquisition.guardian.rescuing import RESCUES
from acquisition.guardian.signals import handing_on

POLL_S = 0.1
SESSION_END_S = 60.0
"""Longest wait for the session to end by itself after its guardian was ended from outside."""
GUARDIAN_END_S = 45.0
"""Longest that a guardian may take after the end of its session; to make safe it takes less."""
FAILED = 1


def run_guarded(command: Sequence[str], log: Path, rescues: str = RESCUES) -> int:
    """Run a program that opens instruments under a guardian, and return the exit status for the user.

    Signals reach the program as if it had been started itself; Ctrl-C does not reach the guardian.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    log : Path
        File to which the guardian adds what happened.
    rescues : str
        Package of what makes instruments safe from outside.

    Returns
    -------
    int
        That of the program; 1 if it died or hung, 128 and more if a signal ended it while nothing was on.
    """
    door = Door()
    launcher = _Launcher(door)
    more = ["--group", str(0 if os.name == "nt" else os.getpgrp()), "--log", str(log), "--rescues", rescues]
    windows = {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    own = windows if os.name == "nt" else {"process_group": 0}
    with handing_on(launcher.hand_on):
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "acquisition.guardian", *more, "--", *command],
            env={**os.environ, LAUNCHER_VARIABLE: door.address.text},
            **own,
        )
        try:
            return launcher.wait_for(process)
        finally:
            launcher.close()


class _Launcher:
    """What the launcher knows of the others: it says to the guardian that it is there, and hears when they end."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._lines: dict[str, Line] = {}
        self._signals: list[str] = []
        self._session_ended_s: float | None = None

    def hand_on(self, name: str) -> None:
        """Let the session get a signal; called in the middle of anything."""
        self._signals.append(name)

    def wait_for(self, guardian: "subprocess.Popen[bytes]") -> int:
        """Wait until guardian and session have ended; return the exit status for the user."""
        while True:
            try:
                status = guardian.wait(POLL_S)
                break
            except subprocess.TimeoutExpired:
                self._let_in()
                self._say_to_guardian()
                if self._since_end_of_session_s() > GUARDIAN_END_S:
                    guardian.kill()
                    _say("the guardian stands still although the session has ended, and was ended")
        if status >= 0:
            return status
        if self._session_ended_s is None:
            _say("the guardian was ended from outside; the session makes the instruments safe itself and ends")
        if not self._session_has_ended(SESSION_END_S):
            _say("the session has not ended; look at the instruments")
        return FAILED

    def _since_end_of_session_s(self) -> float:
        """Return how long ago the session has ended, in s; 0 while it lives."""
        line = self._lines.get("session")
        if self._session_ended_s is None and line is not None and select.select([line], [], [], 0)[0]:
            try:
                for _ in line.receive():
                    pass
            except OSError:
                self._session_ended_s = time.monotonic()
        return 0.0 if self._session_ended_s is None else time.monotonic() - self._session_ended_s

    def _let_in(self) -> None:
        if (found := self._door.let_in()) is not None:
            self._lines[found[1]] = found[0]

    def _say_to_guardian(self) -> None:
        if (line := self._lines.get("guardian")) is None:
            return
        signals, self._signals = self._signals, []
        with suppress(OSError):  # its end is found soon enough
            line.send({"beat": True})
            for name in signals:
                line.send({"signal": name})

    def _session_has_ended(self, timeout_s: float) -> bool:
        end = time.monotonic() + timeout_s
        self._let_in()
        if "session" not in self._lines:
            return True
        while self._since_end_of_session_s() == 0.0:
            if time.monotonic() > end:
                return False
            time.sleep(POLL_S)
        return True

    def close(self) -> None:
        """Hang up."""
        self._door.close()
        for line in self._lines.values():
            line.close()


def _say(text: str) -> None:
    print(f"cascadescope: {text}", file=sys.stderr, flush=True)
