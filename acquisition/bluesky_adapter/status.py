"""What a Bluesky device hands back at once: a status that is done when its work, in a thread, has ended."""

import threading
from collections.abc import Callable

from drivers.interfaces.errors import DeviceTimeoutError, StateError

JOIN_TIMEOUT_S = 30.0
"""Longest wait for work that was told to end, in wall time."""


class WorkInterruptedError(Exception):
    """The work of a status was ended before it was done."""


class Status:
    """How a piece of work ends; safe to use from any thread (`bluesky.protocols.Status`)."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._done = False
        self._error: BaseException | None = None
        self._callbacks: list[Callable[[Status], None]] = []

    @property
    def done(self) -> bool:
        """Whether the work has ended."""
        return self._done

    @property
    def success(self) -> bool:
        """Whether the work has ended without an error."""
        return self._done and self._error is None

    def exception(self, timeout: float | None = 0.0) -> BaseException | None:
        """Return the error that ended the work, None if there was none.

        Raises
        ------
        TimeoutError
            If the work has not ended after `timeout` seconds; None waits for ever.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._done, timeout):
                raise TimeoutError(f"not done after {timeout:g} s; wait longer, or stop the device")
            return self._error

    def add_callback(self, callback: "Callable[[Status], None]") -> None:
        """Call `callback` with the status once it is done, at once if it is."""
        with self._changed:
            if not self._done:
                self._callbacks.append(callback)
                return
        callback(self)

    def finish(self, error: BaseException | None = None) -> None:
        """Mark the work as ended; what comes first counts."""
        with self._changed:
            if self._done:
                return
            self._done, self._error = True, error
            self._changed.notify_all()
        for callback in self._callbacks:
            callback(self)


class Background:
    """Does one piece of work at a time in a thread of its own, which ends with it.

    Parameters
    ----------
    name : str
        Of the device that the work is for.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._interrupt = threading.Event()
        self._thread: threading.Thread | None = None
        self._status = Status()

    def start(self, work: Callable[[threading.Event], None], timeout_s: float | None = None) -> Status:
        """Start work, and end first what is still going on.

        Parameters
        ----------
        work : callable
            Gets an event; returns early once it is set.
        timeout_s : float, optional
            Wall time after which the status fails, though the work hangs. None: the work bounds itself.

        Raises
        ------
        StateError
            If the work before does not end.
        """
        if not self.end():
            raise StateError(self._name, f"is still busy after {JOIN_TIMEOUT_S:g} s; check its connection")
        status, interrupt = Status(), threading.Event()
        limit = None if timeout_s is None else self._limit(status, timeout_s)
        thread = threading.Thread(target=_carry_out, args=(work, interrupt, status, limit), daemon=True)
        thread.name = f"bluesky {self._name}"
        self._status, self._interrupt, self._thread = status, interrupt, thread
        thread.start()
        return status

    def end(self, error: BaseException | None = None) -> bool:
        """End what is going on and wait for its thread; its status fails only if an error is given.

        Returns
        -------
        bool
            Whether the thread has ended, or there was none.
        """
        if self._thread is None:
            return True
        if error is not None:
            self._status.finish(error)
        self._interrupt.set()
        if self._thread is not threading.current_thread():
            self._thread.join(JOIN_TIMEOUT_S)
        return not self._thread.is_alive()

    def _limit(self, status: Status, timeout_s: float) -> threading.Timer:
        message = f"has not answered for {timeout_s:g} s; check its connection"
        timer = threading.Timer(timeout_s, lambda: status.finish(DeviceTimeoutError(self._name, message)))
        timer.daemon = True
        timer.start()
        return timer


def _carry_out(
    work: Callable[[threading.Event], None], interrupt: threading.Event, status: Status, limit: threading.Timer | None
) -> None:
    error: BaseException | None = None
    try:
        work(interrupt)
    except BaseException as failure:  # handed to whoever waits for the status
        error = failure
    finally:
        if limit is not None:
            limit.cancel()
            limit.join()
        status.finish(error)
