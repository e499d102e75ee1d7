"""Running wire-level simulators: one event loop in one thread."""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from simulators.wire.server import WireServer

START_TIMEOUT_S = 120.0
"""Of one server; a loaded computer may take long to prepare what it shows."""

STOP_TIMEOUT_S = 10.0


class SlowStartError(TimeoutError):
    """A server did not start in time."""


class Hosting:
    """Starts servers in an event loop of its own thread, and stops them; a context manager.

    Parameters
    ----------
    servers : sequence of WireServer
        On one bench.
    """

    def __init__(self, servers: Sequence[WireServer]) -> None:
        self.servers = tuple(servers)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire simulators")

    def start(self) -> None:
        """Start all of them.

        Raises
        ------
        OSError
            If a port is taken, or a server does not start in time; those that had started are stopped.
        """
        self._thread.start()
        try:
            for server in self.servers:
                self._begin(server)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop all and end the threads, whatever fails or interrupts on the way; no effect if closed."""
        if not self._thread.is_alive():
            self._loop.close()
            return
        with ExitStack() as ends:  # from the last to the first
            ends.callback(self._end_loop)
            ends.callback(lambda: self._do(self._loop.shutdown_default_executor(), STOP_TIMEOUT_S))
            ends.callback(lambda: self._do(_cancel_rest(), STOP_TIMEOUT_S))
            for server in self.servers:
                ends.callback(self._stop, server)

    def _begin(self, server: WireServer) -> None:
        try:
            self._do(server.start(), START_TIMEOUT_S)
        except TimeoutError as error:
            if str(error):  # of the system, which says what it waited for
                raise
            raise SlowStartError(
                f"{server.role} did not start within {START_TIMEOUT_S:g} s; the computer may be too busy: "
                "end other programs, then try again"
            ) from error

    def _stop(self, server: WireServer) -> None:
        self._do(server.stop(), STOP_TIMEOUT_S)

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_TIMEOUT_S)
        if not self._thread.is_alive():
            self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None], timeout_s: float) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


async def _cancel_rest() -> None:
    """Cancel what servers have left running."""
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
