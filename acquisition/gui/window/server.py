"""The session server of a window: found, or started as a program of its own that outlives the window."""

import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from acquisition.config import find_config
from acquisition.remote import RemoteSession
from acquisition.remote.endpoint import Endpoint, find_endpoint
from acquisition.session import SessionError
from acquisition.storage.files import discard
from acquisition.user_folders import state_folder

START_TIMEOUT_S = 60.0
"""Longest that a server which starts is silent before it says where it listens; wall time."""

MOST_START_S = 300.0
"""Longest that it takes in all, however much it says of instruments that are slow to answer."""

END_TIMEOUT_S = 30.0
"""Longest that is waited for a server that was told to end before it listened."""

BREAK_TIMEOUT_S = 5.0
"""Longest that is waited for one on Windows that was told so by Ctrl-Break, which not every console hands on."""

HAS_NO_EFFECT = "{}: without effect, for the session of the rig {} runs already; choose the sample in the Run dock"

_STARTED: list["subprocess.Popen[bytes]"] = []
"""Kept, as they outlive whoever started them."""

_POLL_S = 0.1
_END_OF_LOG_LINES = 12


@dataclass(frozen=True, slots=True)
class Attached:
    """A session server that a window talks to.

    Attributes
    ----------
    session : RemoteSession
        Its session.
    of_a_window : bool
        Whether a window started it, so that the last window may end it.
    remark : str
        What a person should know of it; empty if nothing.
    """

    session: RemoteSession
    of_a_window: bool
    remark: str = ""

    def forget(self) -> None:
        """Let the server no longer count as started by a window, because it ends."""
        with suppress(OSError):
            discard(_mark_of(self.session.endpoint.rig))


class NotStartedError(SessionError):
    """The session server did not start; the text says why, with the end of what it wrote."""


def attach(
    rig: str,
    out: str,
    name: str,
    cancelled: Event,
    say: Callable[[str], None],
    sample: str | None = None,
    seed: int | None = None,
) -> Attached:
    """Return the session of the server of a rig, which is started if there is none.

    Parameters
    ----------
    rig : str
        Path of a rig file or name of a shipped one.
    out : str
        Folder of the runs, for a server that is started.
    name : str
        What others read of this window.
    cancelled : Event
        Ends the wait; a server that was started for it is ended again.
    say : callable
        Is told what is waited for.
    sample, seed : str, int, optional
        Of the simulated world, for a server that is started; one that runs keeps its own, and ``remark`` says so.

    Raises
    ------
    NotStartedError
        If a server was started and ended, or did not listen in time, or the wait was cancelled.
    ConfigError
        If there is no such rig file.
    SessionError
        If the server refuses the window.
    """
    say(f"Looking for the session of the rig {rig} …")
    path = find_config("rigs", rig).resolve()
    endpoint = _find(path)
    options = {"--sample": sample, "--seed": seed}
    given = [option for option, value in options.items() if value is not None]
    if endpoint is not None:
        remark = HAS_NO_EFFECT.format(" and ".join(given), path.stem) if given else ""
    else:
        more = [word for option in given for word in (option, str(options[option]))]
        endpoint, remark = _start(path, out, more, cancelled, say), ""
        _mark(endpoint)
    say("Connecting to the session …")
    return Attached(RemoteSession(endpoint, name), started_by_a_window(endpoint), remark)


def started_by_a_window(endpoint: Endpoint) -> bool:
    """Whether a window started this server, and not a person."""
    try:
        return _mark_of(endpoint.rig).read_text(encoding="utf-8") == _digest(endpoint)
    except OSError:
        return False


def server_log(rig: str) -> Path:
    """Return the file of what the server of a rig says, if a window started it."""
    return state_folder() / f"window-server-{Path(rig).stem}.log"


def _find(path: Path) -> Endpoint | None:
    try:
        return find_endpoint(str(path))
    except SessionError:
        return None


def _start(path: Path, out: str, more: list[str], cancelled: Event, say: Callable[[str], None]) -> Endpoint:
    log = server_log(str(path))
    began_s = heard_s = time.monotonic()
    said = 0
    process = _launch(path, out, more, log)
    _STARTED.append(process)
    while True:
        if (endpoint := _find(path)) is not None:
            return endpoint
        now_s = time.monotonic()
        waited_s = now_s - began_s
        if (size := _size(log)) != said:
            heard_s, said = now_s, size
        if process.poll() is not None:
            if (endpoint := _find(path)) is not None:  # of another window that was quicker
                return endpoint
            raise NotStartedError(f"the session of the rig {path.stem} could not start:\n{_end_of(log)}")
        if cancelled.is_set():
            _end(process)
            raise NotStartedError("cancelled before the session had started")
        if now_s - heard_s > START_TIMEOUT_S or waited_s > MOST_START_S:
            _end(process)
            raise NotStartedError(
                f"the session of the rig {path.stem} did not answer within {waited_s:.0f} s and was ended; what it "
                f"said last ({log}):\n{_end_of(log)}"
            )
        say(f"Starting the session of the rig {path.stem}, {waited_s:.0f} s: connecting its instruments …")
        cancelled.wait(_POLL_S)


def _launch(path: Path, out: str, more: list[str], log: Path) -> "subprocess.Popen[bytes]":
    """Start a server that outlives the window: in a session of its own, with no terminal."""
    command = [sys.executable, "-P", "-m", "acquisition", "serve", "--rig", str(path)]
    command += ["--out", str(Path(out).absolute()), *more]
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        _keep(log)
        with log.open("wb") as said:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=sys.platform != "win32",
                creationflags=flags,
            )
    except OSError as error:
        raise NotStartedError(f"the session server cannot be started: {error}") from error


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a server that nobody has reached; told to end, it makes its instruments safe.

    Windows may end it without a word: then its guardian, which watches the session of every rig whose instruments
    outlive the program, makes them safe.
    """
    if sys.platform == "win32":
        with suppress(OSError, subprocess.TimeoutExpired):
            process.send_signal(signal.CTRL_BREAK_EVENT)
            process.wait(BREAK_TIMEOUT_S)
    process.terminate()
    try:
        process.wait(END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(END_TIMEOUT_S)


def _keep(log: Path) -> None:
    """Put what the server before said beside: it may tell why that one died."""
    with suppress(OSError):
        if _size(log):
            log.replace(kept_log(log))


def kept_log(log: Path) -> Path:
    """Return the file of what the server before the present one said."""
    return log.with_name(f"{log.name}.1")


def _size(log: Path) -> int:
    try:
        return log.stat().st_size
    except OSError:
        return 0


def _end_of(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError as error:
        return f"its log cannot be read: {error}"
    return "\n".join(lines[-_END_OF_LOG_LINES:]) or "it said nothing"


def _mark(endpoint: Endpoint) -> None:
    with suppress(OSError):  # then it is left running by the last window, which is safe, too
        _mark_of(endpoint.rig).write_text(_digest(endpoint), encoding="utf-8")


def _mark_of(rig: str) -> Path:
    digest = hashlib.sha256(rig.encode("utf-8", "surrogateescape")).hexdigest()
    return state_folder() / f"window-server-{Path(rig).stem}-{digest[:12]}.mark"


def _digest(endpoint: Endpoint) -> str:
    return hashlib.sha256(endpoint.token.encode()).hexdigest()
