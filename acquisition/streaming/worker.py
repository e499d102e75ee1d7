"""A thread that remembers the error that ended it, and since when its present piece of work has lasted."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Worker:
    """One thread of an acquisition.

    Parameters
    ----------
    name : str
        Name of the thread.
    target : callable
        What the thread does.
    daemon : bool
        Whether the process may end while the thread runs; never for a thread that holds a file.
    """

    def __init__(self, name: str, target: Callable[[], None], *, daemon: bool) -> None:
        self._target = target
        self._busy_since: float | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=daemon)
        self.error: BaseException | None = None

    def start(self) -> None:
        """Start the thread. Raises `RuntimeError` if the system has no more."""
        self._thread.start()

    @property
    def started(self) -> bool:
        """Whether there is, or was, a thread."""
        return self._thread.ident is not None

    def join(self, timeout_s: float) -> bool:
        """Wait at most `timeout_s` for the thread; return whether it has ended, or never began."""
        if self.started:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Mark a piece of work that something outside (an instrument, a disk) may hang."""
        self._busy_since = time.monotonic()
        try:
            yield
        finally:
            self._busy_since = None

    @property
    def busy_s(self) -> float:
        """Seconds that the present piece of work has lasted; 0 if there is none."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since

    def _run(self) -> None:
        try:
            self._target()
        except BaseException as error:  # handed to the thread that joins
            self.error = error
