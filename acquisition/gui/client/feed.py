"""What a session says, asked again and again by threads of its own, so that a window can pull the newest at once."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from acquisition.remote import RemoteSession
from drivers.interfaces.closing import Closing

STATUS_INTERVAL_S = 0.2
SLOW_INTERVAL_S = 1.0
LIVE_INTERVAL_S = 0.02
"""Shortest time between two questions; wall time."""

PATIENCE_S = 2.0
"""Pause after a question that failed."""

SILENT_AFTER_S = 2.0
"""Time without an answer about the status after which what is known is old: ten questions, and less than a person
needs to rely on it."""

JOIN_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Said:
    """The newest of everything; never changed, only replaced.

    Attributes
    ----------
    status : mapping or None
        As of `Session.status`; None before the first answer.
    devices : tuple of mapping or None
        As of `Session.devices`.
    control : mapping or None
        As of `SharedSession.control`.
    queue : mapping or None
        As of `QueueVerbs.queue`.
    live : mapping
        Without panels: as of `Session.live`.
    panels : mapping
        The newest answer of each panel, by its name.
    versions : mapping
        Number of the answer of each panel; rises when there is a new one.
    problems : mapping
        Why the session does not answer, by what was asked (``status``, ``devices``, ``control``, ``queue``,
        ``live``); empty if it does. Names ``status`` also while a question about it is under way for too long.
    answered_s : mapping
        When the newest answer came, by what was asked, as `time.monotonic`.
    silent_s : float
        How long there was no answer about the status; 0 while there is nothing unusual about that.
    refused : bool
        Whether ``status`` is a problem because an error came back, not only because nothing does.
    """

    status: Mapping[str, Any] | None = None
    devices: tuple[Mapping[str, Any], ...] | None = None
    control: Mapping[str, Any] | None = None
    queue: Mapping[str, Any] | None = None
    live: Mapping[str, Any] = field(default_factory=dict)
    panels: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    answered_s: Mapping[str, float] = field(default_factory=dict)
    silent_s: float = 0.0
    refused: bool = False


class SessionFeed(Closing):
    """Asks a session for status, instruments, control, queue and what displays show.

    Parameters
    ----------
    session : RemoteSession
        Asked from several threads.
    """

    def __init__(self, session: RemoteSession) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._said = Said()
        self._wanted: frozenset[str] = frozenset()
        self._asked: frozenset[str] = frozenset()
        self._version: int | None = None
        self._server: object = None
        self._began_s: float | None = None
        self._closing = threading.Event()
        works: dict[str, tuple[dict[str, Callable[[], None]], float]] = {
            "status": ({"status": lambda: self._put(status=session.status())}, STATUS_INTERVAL_S),
            "devices": ({"devices": lambda: self._put(devices=tuple(session.devices()))}, SLOW_INTERVAL_S),
            "sharing": (
                {
                    "control": lambda: self._put(control=session.control()),
                    "queue": lambda: self._put(queue=session.queue()),
                },
                SLOW_INTERVAL_S,
            ),
            "live": ({"live": self._ask_live}, LIVE_INTERVAL_S),
        }
        self._threads = [
            threading.Thread(target=self._again, args=work, name=f"window: {name}") for name, work in works.items()
        ]

    def start(self) -> None:
        """Begin to ask."""
        self._began_s = time.monotonic()
        for thread in self._threads:
            thread.start()

    def want(self, panels: frozenset[str]) -> None:
        """Say which panels are looked at; what nobody looks at is not computed."""
        with self._lock:
            self._wanted = panels

    def said(self) -> Said:
        """Return the newest, and for how long it has been the newest if that is too long; never waits."""
        with self._lock:
            said = self._said
        since_s = said.answered_s.get("status", self._began_s)
        silent_s = 0.0 if since_s is None else time.monotonic() - since_s
        if silent_s < SILENT_AFTER_S:
            return said
        problems = {"status": f"no answer for {silent_s:.0f} s", **said.problems}
        return replace(said, problems=problems, silent_s=silent_s)

    def close(self) -> None:
        """Stop asking and wait for all threads at once; no effect if closed. The session stays open."""
        self._closing.set()
        until_s = time.monotonic() + JOIN_TIMEOUT_S
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, until_s - time.monotonic()))

    def _again(self, questions: Mapping[str, Callable[[], None]], interval_s: float) -> None:
        while not self._closing.is_set():
            began_s = time.monotonic()
            for name, ask in questions.items():
                try:
                    ask()
                    self._tell(name, None)
                    self._note_answer(name)
                except Exception as error:  # whatever it is: the window tells it, and goes on asking
                    self._tell(name, str(error) or repr(error))
                    self._closing.wait(PATIENCE_S)
            self._closing.wait(max(0.0, interval_s - (time.monotonic() - began_s)))

    def _ask_live(self) -> None:
        with self._lock:
            wanted = self._wanted
        server = getattr(self._session, "endpoint", None)
        if wanted != self._asked or server != self._server:  # another server counts anew
            self._asked, self._server, self._version = wanted, server, None
        if not wanted:
            return
        answer = self._session.live(self._version, sorted(wanted))
        if answer.get("version") == self._version:
            return
        self._version = answer.get("version")
        with self._lock:
            panels = answer.get("panels", {})
            versions = {name: self._said.versions.get(name, 0) + 1 for name in panels}
            self._said = replace(
                self._said,
                live={**self._said.live, **{key: value for key, value in answer.items() if key != "panels"}},
                panels={**self._said.panels, **panels},
                versions={**self._said.versions, **versions},
            )

    def _tell(self, name: str, problem: str | None) -> None:
        with self._lock:
            if self._said.problems.get(name) == problem:
                return
            others = {key: text for key, text in self._said.problems.items() if key != name}
            problems = others if problem is None else {**others, name: problem}
            self._said = replace(self._said, problems=problems, refused="status" in problems)

    def _note_answer(self, name: str) -> None:
        with self._lock:
            self._said = replace(self._said, answered_s={**self._said.answered_s, name: time.monotonic()})

    def _put(self, **changes: Any) -> None:
        with self._lock:
            self._said = replace(self._said, **changes)
