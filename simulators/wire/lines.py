"""A simulated instrument that answers lines of text on a TCP port."""

import asyncio
from abc import abstractmethod
from contextlib import suppress

from simulators.wire.server import HOST, WireServer

MAX_LINE = 4096
"""Longest line in bytes; who sends more is hung up on."""


class LineServer(WireServer):
    """Takes bytes in whatever pieces they come, and hands whole lines to `answer`; any number may be connected.

    `terminator` ends each line.
    """

    terminator = b"\n"

    _server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Raises `OSError` if the port is taken."""
        self._writers: set[asyncio.StreamWriter] = set()
        self._server = await asyncio.start_server(self._serve, HOST, self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up on everybody and stop listening; no effect if stopped."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        self.hang_up()
        with suppress(OSError):
            await server.wait_closed()

    def hang_up(self) -> None:
        """Close all connections; in the event loop only."""
        for writer in tuple(self._writers):
            writer.close()

    @abstractmethod
    def answer(self, line: bytes) -> bytes:
        """Return what is said to a line, which comes without its terminator; empty for nothing."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with suppress(OSError):
                await self._converse(reader, writer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting = b""
        while (piece := await reader.read(MAX_LINE)) and len(waiting) < MAX_LINE:
            *lines, waiting = (waiting + piece).split(self.terminator)
            for line in lines:
                said = self.answer(line)
                if said:
                    writer.write(said)
                    await writer.drain()
