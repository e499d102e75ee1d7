"""A simulated VAHEAT on a TCP port: whoever connects sits at the end of its serial cable."""

import asyncio
import json
from collections.abc import Mapping
from typing import Protocol, cast

from simulators.bench import Bench
from simulators.wire.server import HOST, WireServer
from simulators.wire.vaheat_model import VaheatModel
from simulators.wire.vaheat_protocol import VaheatProtocol

TICK_S = 0.025
FORGETS_S = 0.3
"""A request that has not ended after this long is forgotten (what real devices do was not found)."""


class Listener(Protocol):
    """Who is told things: a program at the other end."""

    def send(self, data: bytes) -> None:
        """Send it bytes."""

    def hang_up(self) -> None:
        """End the connection."""


class VaheatServer(WireServer):
    """A VAHEAT of the bench. It goes on heating when a program hangs up or dies."""

    def __init__(self, role: str, bench: Bench, port: int = 0) -> None:
        super().__init__(role, bench, port)
        self._model = VaheatModel(bench)
        self._protocol = VaheatProtocol(self._model)
        self._listeners: list[Listener] = []
        self._server: asyncio.Server | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._next_packet_s = 0.0

    @property
    def address(self) -> str:
        """What a rig file writes as `port`."""
        return f"socket://{HOST}:{self.port}"

    async def start(self) -> None:
        """Listen, and let its time pass."""
        await self._open()
        self._ticker = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Hang up on everybody and stop listening; no effect if stopped."""
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None
        await self._vanish()

    def state(self) -> Mapping[str, str | float | int | bool | None]:
        """Return what an onlooker sees."""
        with self.bench.lock:
            model = self._model
            model.advance()
            return {
                "mode": model.mode,
                "heating": model.is_heating,
                "setpoint": model.setpoint[0],
                "setpoint_unit": model.setpoint[1],
                "plate_c": self.bench.temperature_c,
                "sensor_c": model.temperature_c,
                "power": model.power,
                "alarm": model.alarm,
                "keylock": model.keylock,
                "limit_c": model.stored.limit_c,
                "limit_enabled": model.stored.limit_enabled,
                "streaming": self._protocol.streaming["mode"],
                "connections": len(self._listeners),
            }

    def press_keylock(self, *, on: bool) -> None:
        """Do what a person does at the device; any thread may."""
        with self.bench.lock:
            self._model.keylock = on

    def join(self, listener: Listener) -> None:
        """Let a program listen."""
        self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """Forget a program that has gone."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def answer(self, request: object) -> bytes:
        """Do what a request says, and return the reply."""
        with self.bench.lock:
            return self._protocol.reply(request)

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), HOST, self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _vanish(self) -> None:
        """Be gone from the computer's ports."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for listener in list(self._listeners):
            listener.hang_up()
        self._listeners.clear()

    @property
    def _is_there(self) -> bool:
        return self._server is not None

    async def _tick(self) -> None:
        while True:
            vanished = self.bench.faults.active("heater_port_vanishes") is not None
            if vanished and self._is_there:
                await self._vanish()
            elif not vanished and not self._is_there:
                await self._open()
            with self.bench.lock:
                self._model.advance()
            self._stream(self.bench.clock.now())
            await asyncio.sleep(TICK_S)

    def _stream(self, now_s: float) -> None:
        """Send a packet if it is time."""
        streaming = self._protocol.streaming
        if streaming["mode"] == "off" or now_s < self._next_packet_s:
            return
        self._next_packet_s = max(self._next_packet_s + 1 / streaming["rate"], now_s)
        with self.bench.lock:
            packet = self._protocol.packet(now_s)
        if streaming["mode"] == "once":
            streaming["mode"] = "off"
        for listener in self._listeners:
            listener.send(packet)


class Requests:
    """Cuts what a program sends into requests: JSON without terminators."""

    def __init__(self) -> None:
        self._text, self._last_s = "", 0.0

    def feed(self, data: bytes, now_s: float) -> list[object]:
        """Return the requests that `data` completes."""
        if now_s - self._last_s > FORGETS_S:
            self._text = ""
        self._text, self._last_s = (self._text + data.decode(errors="replace")).lstrip(), now_s
        requests: list[object] = []
        while self._text:
            try:
                request, end = json.JSONDecoder().raw_decode(self._text)
            except json.JSONDecodeError:
                break
            requests.append(request)
            self._text = self._text[end:].lstrip()
        return requests


class _Connection(asyncio.Protocol):
    """A program at a TCP port."""

    def __init__(self, server: VaheatServer) -> None:
        self._server, self._requests = server, Requests()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the program listen."""
        self._transport = cast(asyncio.Transport, transport)
        self._server.join(self)

    def data_received(self, data: bytes) -> None:
        """Answer what is asked."""
        for request in self._requests.feed(data, self._server.bench.clock.now()):
            self.send(self._server.answer(request))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the program; the heating goes on."""
        self._server.leave(self)

    def send(self, data: bytes) -> None:
        """Send it bytes."""
        if self._transport is not None:
            self._transport.write(data)

    def hang_up(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.abort()
