"""A port by which programs ask a simulated world for its state and its truth, and break things in it."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from pydantic import ConfigDict, Field, ValidationError, validate_call

from drivers.wire.whose import SIMULATOR_MARK
from simulators.bench import Bench
from simulators.faults import FAULTS
from simulators.wire.camera_light import CameraLight
from simulators.wire.server import HOST, WireServer

CONTROL_ROLE = "control"
VERBS = ("ask", "do")
MOST_BYTES = 1 << 24
"""Length of a request at most."""

Handler: TypeAlias = Callable[..., Mapping[str, Any]]
"""Takes the other keys of a request as keyword arguments and returns the answer; runs in a thread."""

STRICT = ConfigDict(strict=True)


class ControlServer(WireServer):
    """Answers lines of JSON, one object for one: `{"ask": "state"}`, `{"do": "set_interlock", "closed": false}`.

    An answer with the key ``error`` says why a request was refused. Requests, by the value of ``ask``:
    ``state`` (of each role), ``truth``, ``faults`` (catalogue and what is broken now); of ``do``: ``begin_fault``
    (``name``, ``after_s``, ``duration_s``, ``parameters``), ``end_fault`` (``name``), ``set_interlock``
    (``closed``), ``turn_knob`` (``intensity_percent``). A camera of another process sees by ``begin_frames`` and
    ``electrons``, see `CameraLight`.

    Parameters
    ----------
    bench : Bench
    servers : sequence of WireServer
        Whose state can be asked for.
    port : int
        0 for any that is free.
    """

    def __init__(self, bench: Bench, servers: Sequence[WireServer] = (), port: int = 0) -> None:
        super().__init__(CONTROL_ROLE, bench, port)
        self._servers = tuple(servers)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._table: dict[tuple[str, str], Handler] = {}
        self.add("ask", "state", self._state)
        self.add("ask", "truth", self._truth)
        self.add("ask", "faults", self._faults)
        self.add("do", "begin_fault", self._begin_fault)
        self.add("do", "end_fault", self._end_fault)
        self.add("do", "set_interlock", self._set_interlock)
        self.add("do", "turn_knob", self._turn_knob)
        light = CameraLight(bench)
        self.add("do", "begin_frames", light.begin)
        self.add("ask", "electrons", light.electrons)

    def add(self, verb: str, name: str, handler: Handler) -> None:
        """Answer another request; its keys are checked against the annotations of the handler.

        Raises
        ------
        ValueError
            If the verb is not ask or do, or the request is there already.
        """
        if verb not in VERBS or (verb, name) in self._table:
            raise ValueError(f"{verb} {name} cannot be added: the verb is ask or do, and each request is there once")
        self._table[verb, name] = validate_call(config=STRICT)(handler)

    async def start(self) -> None:
        """Listen. Raises `OSError` if the port is taken."""
        self._server = await asyncio.start_server(self._serve, HOST, self._port, limit=MOST_BYTES)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up on everybody and stop listening; no effect if stopped."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    def state(self) -> Mapping[str, str | float | int | bool | None]:
        """Return who this is, what is broken, and what falls on the sample and how warm it is, as the bench knows."""
        with self.bench.lock:
            beam = self.bench.beam
            return {
                "who": SIMULATOR_MARK,
                "broken": ", ".join(self.bench.faults.active_names()),
                "emission": beam.emission,
                "interlock_closed": beam.interlock_closed,
                "shutter_open": beam.shutter_open,
                "repetition_rate_hz": beam.repetition_rate_hz,
                "intensity_percent": beam.intensity_percent,
                "temperature_c": self.bench.temperature_c,
            }

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with suppress(OSError, ValueError):  # the client is gone, or sends a line without end
                while line := await reader.readline():
                    answer = await asyncio.to_thread(self._answer, line)
                    writer.write(answer + b"\n")
                    await writer.drain()
        finally:
            self._writers.discard(writer)
            writer.close()

    def _answer(self, line: bytes) -> bytes:
        try:
            return json.dumps(self._do(line)).encode()
        except (ValueError, OSError, RecursionError) as error:
            return json.dumps({"error": _sentence(error)}).encode()

    def _do(self, line: bytes) -> Mapping[str, Any]:
        request = json.loads(line)
        if not isinstance(request, dict) or sum(verb in request for verb in VERBS) != 1:
            raise ValueError('a request is a JSON object with either "ask" or "do"')
        verb = next(verb for verb in VERBS if verb in request)
        name = request.pop(verb)
        handler = self._table.get((verb, str(name)))
        if handler is None:
            known = ", ".join(other for kind, other in self._table if kind == verb)
            raise ValueError(f"nobody can {verb} {name!r}; there are {known}")
        return handler(**request)

    def _state(self) -> Mapping[str, Any]:
        return {server.role: dict(server.state()) for server in (*self._servers, self)}

    def _truth(self) -> Mapping[str, Any]:
        return self.bench.truth()

    def _faults(self) -> Mapping[str, Any]:
        kinds = {
            name: {"device": kind.device, "happens": kind.happens, "parameters": dict(kind.parameters)}
            for name, kind in FAULTS.items()
        }
        return {"faults": kinds, "broken": self.bench.faults.active_names()}

    def _begin_fault(
        self,
        name: str,
        after_s: float = Field(default=0.0, ge=0, allow_inf_nan=False),
        duration_s: float | None = Field(default=None, ge=0, allow_inf_nan=False),
        parameters: Mapping[str, float] = Field(default={}),
    ) -> Mapping[str, Any]:
        until_s = float("inf") if duration_s is None else duration_s
        self.bench.faults.begin(name, after_s=after_s, duration_s=until_s, **parameters)
        return {"begun": name}

    def _end_fault(self, name: str) -> Mapping[str, Any]:
        if name not in FAULTS:
            raise ValueError(f"there is no fault {name!r}; there are {', '.join(FAULTS)}")
        self.bench.faults.end(name)
        return {"ended": name}

    def _set_interlock(self, closed: bool) -> Mapping[str, Any]:
        self.bench.set_interlock(closed=closed)
        return {"interlock_closed": closed}

    def _turn_knob(self, intensity_percent: float = Field(ge=0, le=100)) -> Mapping[str, Any]:
        with self.bench.lock:
            self.bench.beam.intensity_percent = intensity_percent
        return {"intensity_percent": intensity_percent}


def _sentence(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors())
    return str(error)
