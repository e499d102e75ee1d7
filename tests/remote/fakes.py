"""A session without instruments, which notes what it is asked for."""

import threading

from acquisition.remote.desk import SESSION_METHODS
from acquisition.session import Session

IDLE = {"state": "idle", "outcome": None, "ok": True, "run": None, "message": ""}
RUNNING = {**IDLE, "state": "running", "run": "/runs/1"}
ENDED = {**IDLE, "outcome": "completed", "run": "/runs/1"}


def _noting(name):
    def method(self, *positional, **named):
        arguments = SESSION_METHODS[name].bind(positional, named)
        with self.lock:
            self.calls.append((name, arguments))
        answer = self.answers.get(name)
        if isinstance(answer, Exception):
            raise answer
        return answer(**arguments) if callable(answer) else answer

    return method


class NotingSession(type(Session)("_Noting", (Session,), {name: _noting(name) for name in SESSION_METHODS})):
    """Notes calls; `answers` says what each method returns: a value, an error to raise, or a function."""

    def __init__(self):
        self.lock = threading.Lock()
        self.calls = []
        self.closed = threading.Event()
        self.answers = {"status": IDLE, "wait": IDLE, "devices": [], "start": "/runs/1"}

    @property
    def asked(self):
        """Names of the methods that were called."""
        return [name for name, _ in self.calls]

    def close(self):
        """Note that the session is closed."""
        self.closed.set()
