"""Work that takes time and needs no session: done beside the window, its outcome handed to the window's thread."""

import queue
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias

from drivers.interfaces.closing import Closing

Ended: TypeAlias = Callable[[Any, Exception | None], None]
"""Is told of the result, or of the error."""


class LocalWork(Closing):
    """Does one thing after the other in a thread of its own."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "window: work")
        self._done: queue.SimpleQueue[tuple[Future[Any], Ended]] = queue.SimpleQueue()
        self._pending = 0

    @property
    def pending(self) -> int:
        """How many have not been told; of the thread of the window only."""
        return self._pending

    def do(self, act: Callable[[], Any], then: Ended) -> None:
        """Call a function later; `deliver` tells what came of it."""
        self._pending += 1
        self._pool.submit(act).add_done_callback(lambda ended: self._done.put((ended, then)))

    def deliver(self) -> None:
        """Tell those who wait what has ended since the last time, in the caller's thread."""
        while not self._done.empty():
            ended, then = self._done.get()
            self._pending -= 1
            if ended.cancelled():
                continue
            error = ended.exception()
            if error is None or isinstance(error, Exception):
                try:
                    then(None if error else ended.result(), error)
                except Exception:  # of one view; the others are told all the same
                    sys.excepthook(*sys.exc_info())

    def close(self) -> None:
        """Take no more; what is under way ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)
