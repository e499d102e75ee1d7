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

from acquisition.guardian.rescuing import PERSIST_S, Act, Outcome, Rescuing
from drivers.interfaces.rescue import Rescue

LOG = "guardian.jsonl"
"""Name of the file, in the user's state folder and in the run folder."""
DEATH_TIMEOUT_S = 5.0
FAILED = 1
GIVING_UP = frozenset({"SIGINT", "SIGTERM", "SIGBREAK"})
"""Signals of somebody who does not want to wait; a terminal that closes is none."""


class Aftermath:
    """Makes safe and tells.

    Parameters
    ----------
    log : Path
        File for what happened, beside that of the run.
    who : str
        Who does it, in words.
    persist_s : float
        Longest in s that an instrument is tried again and again that cannot be made safe at first.

    Attributes
    ----------
    run : str
        Folder of the present run; empty if there is none.
    """

    def __init__(self, log: Path, who: str = "the guardian", persist_s: float = PERSIST_S) -> None:
        self._log, self._who, self._persist_s = log, who, persist_s
        self.run = ""

    def make_safe(
        self,
        how: str,
        rescues: Sequence[Rescue],
        acts: Mapping[str, Act],
        gone: threading.Event,
        signals: Sequence[str] = (),
    ) -> int:
        """Make the instruments of a dead session safe, tell and write down how that went; return the exit status.

        Parameters
        ----------
        how : str
            How the session ended, in words.
        rescues, acts
            What is to be done, and the function of each kind.
        gone : threading.Event
            Set once the session is known to be gone.
        signals : sequence of str, optional
            Signals of a person; one that comes after the others were told gives up what could not be made safe.
        """
        began = time.monotonic()
        rescuing = Rescuing(rescues, acts, gone, self._persist_s)
        outcomes = rescuing.begin()
        say(message_of(how, outcomes, self.run, self._who))
        self._write("session_ended_by_guardian", outcomes, began, how=how)
        if unsafe := [each.device for each in outcomes if each.error is not None]:
            say(f"{', '.join(unsafe)}: tried again for {self._persist_s / 60:.3g} min; Ctrl-C gives up")
            seen = len(signals)
            lost = rescuing.go_on(
                lambda outcome: self._tell_safe(outcome, began), lambda: not GIVING_UP.isdisjoint(signals[seen:])
            )
            if lost:
                say(gave_up(lost))
                self._write("gave_up", lost, began)
        return FAILED

    def _tell_safe(self, outcome: Outcome, began: float) -> None:
        say(f"{outcome.device} is safe now, after {outcome.took_s:.0f} s")
        self._write("made_safe_later", [outcome], began)

    def _write(self, event_name: str, outcomes: Sequence[Outcome], began: float, **more: str) -> None:
        event: dict[str, Any] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": event_name,
            **more,
            "by": self._who,
            "run": self.run,
            "took_s": round(time.monotonic() - began, 3),
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
                say(f"{file}: cannot be written: {error.strerror or error}")


def wait_for_death(session: "subprocess.Popen[bytes]") -> threading.Event:
    """Return what is set when a process is gone, after waiting for that a while."""
    gone = threading.Event()
    threading.Thread(target=_tell_when_gone, args=(session, gone), name="death of the session", daemon=True).start()
    gone.wait(DEATH_TIMEOUT_S)
    return gone


def gave_up(lost: Sequence[Outcome]) -> str:
    """Return what the user reads when instruments are given up."""
    which = "; ".join(f"{each.device} ({each.error})" for each in lost)
    return f"GAVE UP, STILL NOT SAFE: {which}. Nobody tries it any more: switch these instruments off by hand now."


def how_it_ended(status: int) -> str:
    """Return in words how a process ended."""
    if status >= 0:
        return f"ended with status {status} before its instruments were closed"
    with suppress(ValueError):
        return f"was ended by {signal.Signals(-status).name}"
    return f"was ended by signal {-status}"


def message_of(how: str, outcomes: Sequence[Outcome], run: str, who: str = "the guardian") -> str:
    """Return what the user reads: what is safe, what is not, and how it goes on."""
    safe = [each.device for each in outcomes if each.error is None]
    unsafe = [f"{each.device} ({each.error})" for each in outcomes if each.error is not None]
    words = [f"the session {how}; {who} has made safe: {', '.join(safe) or 'nothing'}."]
    if unsafe:
        words.append(f"NOT SAFE: {'; '.join(unsafe)}. Look at these instruments and switch them off by hand.")
    if run:
        words.append(f"What was recorded is kept; `cascadescope run --resume {run}` lets the run go on where it was.")
    return " ".join(words)


def _tell_when_gone(session: "subprocess.Popen[bytes]", gone: threading.Event) -> None:
    session.wait()
    gone.set()


def say(text: str) -> None:
    """Print what the user must read."""
    with suppress(OSError):  # a terminal that is gone; it stands in the log
        print(f"\ncascadescope: {text}", file=sys.stderr, flush=True)
