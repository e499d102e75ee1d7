"""What the guardian does once the session is dead: makes the instruments safe, says what is and what is not."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from acquisition.guardian.rescuing import Act, Outcome, run_rescues
from drivers.interfaces.rescue import Rescue

LOG = "guardian.jsonl"
"""Name of the file, in the user's state folder and in the run folder."""
DEATH_TIMEOUT_S = 5.0
FAILED = 1


class Aftermath:
    """Makes safe and tells.

    Parameters
    ----------
    log : Path
        File for what happened, beside that of the run.

    Attributes
    ----------
    run : str
        Folder of the present run; empty if there is none.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self.run = ""

    def wait_for_death(self, session: "subprocess.Popen[bytes]") -> None:
        """Wait until a session that was killed is gone, for a while."""
        with suppress(subprocess.TimeoutExpired):
            session.wait(DEATH_TIMEOUT_S)

    def make_safe(
        self, how: str, rescues: Sequence[Rescue], acts: Mapping[str, Act], session: "subprocess.Popen[bytes]"
    ) -> int:
        """Make the instruments of a dead session safe, tell and write down how that went; return the exit status."""
        began = time.monotonic()
        gone = threading.Event()
        threading.Thread(target=_tell_when_gone, args=(session, gone), name="death of the session", daemon=True).start()
        outcomes = run_rescues(rescues, acts, gone)
        took_s = time.monotonic() - began
        _say(message_of(how, outcomes, self.run))
        self._write(how, outcomes, took_s)
        return FAILED

    def _write(self, how: str, outcomes: Sequence[Outcome], took_s: float) -> None:
        event: dict[str, Any] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": "session_ended_by_guardian",
            "how": how,
            "run": self.run,
            "took_s": round(took_s, 3),
            "instruments": [
                {
                    "device": each.device,
                    "safe": each.error is None,
                    "error": each.error,
                    "took_s": round(each.took_s, 3),
                }
                for each in outcomes
            ],
        }
        for file in (self._log, *([Path(self.run) / LOG] if self.run else [])):
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                with file.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(event) + "\n")
            except OSError as error:
                _say(f"{file}: cannot be written: {error.strerror or error}")


def how_it_ended(status: int) -> str:
    """Return in words how a process ended."""
    if status >= 0:
        return f"ended with status {status} before its instruments were closed"
    with suppress(ValueError):
        return f"was ended by {signal.Signals(-status).name}"
    return f"was ended by signal {-status}"


def message_of(how: str, outcomes: Sequence[Outcome], run: str) -> str:
    """Return what the user reads: what is safe, what is not, and how it goes on."""
    safe = [each.device for each in outcomes if each.error is None]
    unsafe = [f"{each.device} ({each.error})" for each in outcomes if each.error is not None]
    words = [f"the session {how}; the guardian has made safe: {', '.join(safe) or 'nothing'}."]
    if unsafe:
        words.append(f"NOT SAFE: {'; '.join(unsafe)}. Look at these instruments and switch them off by hand.")
    if run:
        words.append(f"What was recorded is kept; `cascadescope run --resume {run}` lets the run go on where it was.")
    return " ".join(words)


def _tell_when_gone(session: "subprocess.Popen[bytes]", gone: threading.Event) -> None:
    session.wait()
    gone.set()


def _say(text: str) -> None:
    with suppress(OSError):  # a terminal that is gone; it stands in the log
        print(f"\ncascadescope: {text}", file=sys.stderr, flush=True)
