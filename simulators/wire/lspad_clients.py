"""Who is connected to the simulated lSPAD: everybody gets the stream, and what nobody fetches piles up."""

import asyncio
import random
from collections.abc import Callable

MOST_BACKLOG_BYTES = 1 << 29
"""With more than this waiting for a client, the program has no memory left and hangs up on it."""

_MOST_CUTS = 3


class Client:
    """One connection. Nothing that was said to it can be taken back; it is sent as fast as the client reads.

    Parameters
    ----------
    writer : asyncio.StreamWriter
    silenced : callable
        Whether the server says nothing now; it says it later.
    """

    def __init__(self, writer: asyncio.StreamWriter, silenced: Callable[[], bool]) -> None:
        self._writer, self._silenced = writer, silenced
        self._held = bytearray()
        self._cuts = random.Random(0)

    @property
    def backlog_bytes(self) -> int:
        """What waits to be sent."""
        return len(self._held) + self._writer.transport.get_write_buffer_size()

    def say(self, data: bytes) -> None:
        """Send bytes, cut anywhere."""
        if self._writer.is_closing():
            return
        if self._silenced() or self._held:
            self._held += data
        else:
            self._send(data)
        if self.backlog_bytes > MOST_BACKLOG_BYTES:
            self.hang_up()

    def catch_up(self) -> None:
        """Send what was held back, if the silence is over."""
        if self._held and not self._silenced():
            held, self._held = bytes(self._held), bytearray()
            self._send(held)

    def close(self) -> None:
        """End the connection when all that was said has been fetched."""
        self._writer.close()

    def hang_up(self) -> None:
        """End the connection at once."""
        self._writer.transport.abort()

    def _send(self, data: bytes) -> None:
        cuts = sorted(self._cuts.randrange(len(data) + 1) for _ in range(_MOST_CUTS)) if len(data) > 1 else []
        for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
            if end > begin:
                self._writer.write(data[begin:end])
