"""Where a session server is and what opens it: a file that only its user can read, in a folder of that user."""

import hashlib
import json
import os
import time
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from acquisition.config import find_config
from acquisition.file_lock import hold
from acquisition.session import SessionError
from acquisition.storage import RecordingError
from acquisition.storage.files import discard, part_of, publish, read_json
from acquisition.user_folders import state_folder
from drivers.interfaces.closing import Closing

_LOCK_ATTEMPTS = 10
_LOCK_PAUSE_S = 0.05
"""Whoever looks for a server holds its lock for a moment."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A session server.

    Attributes
    ----------
    url : str
        Where it listens, e.g. ``ws://127.0.0.1:52011``.
    token : str
        What a client must know.
    pid : int
        Its process.
    rig : str
        Path of its rig file.
    """

    url: str
    token: str
    pid: int
    rig: str

    def __repr__(self) -> str:
        """Return the endpoint as text, without what opens it."""
        return f"Endpoint({self.url!r}, pid={self.pid}, rig={self.rig!r})"


class Announcement(Closing):
    """Holds the place of the only session server of a rig, and says where it is once it listens.

    Parameters
    ----------
    rig : str
        Path of a rig file or name of a shipped one.

    Raises
    ------
    ConfigError
        If there is no such rig file.
    SessionError
        If another server has the place, or the user's folder cannot be used.
    """

    def __init__(self, rig: str) -> None:
        self.rig = find_config("rigs", rig).resolve()
        folder = _own_folder()
        self._file = _announcement_of(folder, self.rig)
        self._lock = _hold(self._file.with_suffix(".lock"), self._file, rig)
        discard(self._file)  # of a server that was killed

    def publish(self, url: str, token: str) -> Endpoint:
        """Write where the server is. Raises `SessionError` if the file cannot be written."""
        endpoint = Endpoint(url, token, os.getpid(), str(self.rig))
        part = part_of(self._file)
        try:
            discard(part)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(asdict(endpoint), file)
            publish(part, self._file)
        except OSError as error:
            raise SessionError(f"{self._file}: cannot be written: {error.strerror or error}") from error
        finally:
            discard(part)
        return endpoint

    def close(self) -> None:
        """Remove the file and leave the place to others; no effect if closed."""
        if not self._lock.closed:
            discard(self._file)
            self._lock.close()


def find_endpoint(rig: str | None = None) -> Endpoint:
    """Return the session server that runs for this user.

    Parameters
    ----------
    rig : str, optional
        Path of its rig file or name of a shipped one; needed only if there are several servers.

    Raises
    ------
    ConfigError
        If there is no such rig file.
    SessionError
        If there is no such server, or more than one.
    """
    folder = _own_folder()
    wanted = None if rig is None else _announcement_of(folder, find_config("rigs", rig).resolve())
    files = sorted(folder.glob("serve-*.json")) if wanted is None else [wanted]
    found = [endpoint for file in files if (endpoint := _living(file)) is not None]
    if not found:
        which = "" if rig is None else f" for the rig {rig}"
        raise SessionError(f"no session server runs{which}; `cascadescope serve` starts one")
    if len(found) > 1:
        rigs = ", ".join(endpoint.rig for endpoint in found)
        raise SessionError(f"several session servers run, for the rigs {rigs}; say which with --rig")
    return found[0]


def _announcement_of(folder: Path, rig: Path) -> Path:
    digest = hashlib.sha256(os.path.normcase(rig).encode("utf-8", "surrogateescape")).hexdigest()
    return folder / f"serve-{rig.stem}-{digest[:12]}.json"


def _own_folder() -> Path:
    """Return the folder of announcements, made and seen to be the user's own where the system knows owners."""
    folder = state_folder() / "servers"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if hasattr(os, "getuid"):
            if folder.stat().st_uid != os.getuid():
                raise SessionError(f"{folder}: belongs to another user; remove it, or set CASCADESCOPE_HOME")
            folder.chmod(0o700)
    except OSError as error:
        raise SessionError(f"{folder}: cannot be used: {error.strerror or error}; set CASCADESCOPE_HOME") from error
    return folder


def _hold(lock: Path, announcement: Path, rig: str) -> IO[bytes]:
    for attempt in range(1, _LOCK_ATTEMPTS + 1):
        with ExitStack() as closing:
            try:
                file = closing.enter_context(lock.open("ab"))
                hold(file)
            except BlockingIOError:
                time.sleep(_LOCK_PAUSE_S if attempt < _LOCK_ATTEMPTS else 0.0)
            except OSError as error:
                raise SessionError(
                    f"{lock}: cannot be locked: {error.strerror or error}; set CASCADESCOPE_HOME"
                ) from error
            else:
                closing.pop_all()
                return file
    where = ""
    with suppress(RecordingError, SessionError):
        endpoint = _read(announcement)
        where = f" (process {endpoint.pid}, {endpoint.url})"
    raise SessionError(f"a session server for the rig {rig} runs already{where}; use it, or end it first")


def _living(file: Path) -> Endpoint | None:
    """Return what a server says of itself; None if it is gone, however it ended."""
    lock = file.with_suffix(".lock")
    try:
        with lock.open("rb+") as other:
            hold(other)
        return None  # nobody holds it
    except BlockingIOError:
        pass
    except OSError:
        return None
    try:
        return _read(file)
    except RecordingError:  # it does not listen yet, or not any more
        return None


def _read(file: Path) -> Endpoint:
    content = read_json(file)
    try:
        return Endpoint(str(content["url"]), str(content["token"]), int(content["pid"]), str(content["rig"]))
    except (KeyError, TypeError, ValueError) as error:
        raise SessionError(f"{file}: is not written by a session server; remove it") from error
