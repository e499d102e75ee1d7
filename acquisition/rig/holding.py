"""One program at a time drives a rig: locks on its file and its addresses, which the system takes back at its end."""

import hashlib
import json
import os
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from acquisition.file_lock import hold
from acquisition.user_folders import state_folder
from drivers.interfaces.closing import Closing
from drivers.interfaces.errors import StateError

_ATTEMPTS = 10
_PAUSE_S = 0.05
"""What the present holder says of itself is written a moment after it has the lock."""


class RigTaken(StateError):  # noqa: N818  # a state of the rig, not a failure
    """Another program drives the rig, or an instrument of it."""


class Holding(Closing):
    """The right of this process to drive instruments, until closed; ends with the process, however that ends.

    Only programs of this user are kept away, and whoever makes the rig safe after a crash is not.

    Parameters
    ----------
    rig : Path
        The rig file.
    addresses : iterable of str
        Where its instruments are reached.

    Raises
    ------
    RigTaken
        If another open rig, of this program or another one, has the file or an address; says which.
    StateError
        If nothing can be locked.
    """

    def __init__(self, rig: Path, addresses: Iterable[str]) -> None:
        self._rig = str(rig.resolve())
        self._since = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
        self._files: list[IO[bytes]] = []
        wanted = [f"the rig {self._rig}", *sorted(set(addresses))]
        with ExitStack() as closing:
            closing.callback(self.close)
            for what in wanted:
                self._files.append(_hold(what))
            closing.pop_all()
        self.note_run("")

    def note_run(self, folder: str) -> None:
        """Let others know who holds the rig and where the present run is stored."""
        said = json.dumps({"pid": os.getpid(), "since": self._since, "rig": self._rig, "run": folder}).encode()
        for file in self._files:
            with suppress(OSError):  # what others read is a courtesy; the lock holds without it
                file.seek(0)
                file.truncate()
                file.write(said)
                file.flush()

    def close(self) -> None:
        """Let others drive the instruments; no effect if closed."""
        while self._files:
            self._files.pop().close()


def _hold(what: str) -> IO[bytes]:
    folder = state_folder() / "in_use"
    file = folder / f"{hashlib.sha256(os.path.normcase(what).encode()).hexdigest()[:16]}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as closing:
            opened = closing.enter_context(os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b"))
            hold(opened)
            closing.pop_all()
            return opened
    except BlockingIOError as error:
        raise RigTaken("rig", _in_words(what, file)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise StateError(
            "rig", f"{file}: cannot be locked: {reason}; set CASCADESCOPE_HOME to a local folder"
        ) from error


def _in_words(what: str, file: Path) -> str:
    """Return who holds something, and what to do."""
    who = "another program"
    for _ in range(_ATTEMPTS):
        with suppress(OSError, ValueError, KeyError, TypeError):
            said = json.loads(file.read_bytes())
            here = f", in the run {said['run']}" if said["run"] else ""
            who = f"process {said['pid']} since {said['since']} (rig {said['rig']}{here})"
            break
        time.sleep(_PAUSE_S)
    return (
        f"{what} is in use by {who}; two programs must not drive the same instruments. End that program, or, if it is "
        "a `cascadescope serve`, ask it: `cascadescope status`, or acquisition.remote.RemoteSession.find() in a program"
    )
