"""A run is aborted if the program wants to end before it: its threads would keep the instruments on."""

import threading
from collections.abc import Callable
from contextlib import suppress

EXIT_POLL_S = 0.2


def guard_exit(done: threading.Event, abort: Callable[[], None]) -> None:
    """Abort, in a thread of its own, as soon as the main thread has ended, unless `done` is set before."""

    def guard() -> None:
        while not done.wait(EXIT_POLL_S):
            if not threading.main_thread().is_alive():
                with suppress(Exception):  # the engine tells it at the end of the run
                    abort()
                return

    threading.Thread(target=guard, name="exit guard", daemon=True).start()
