"""A server that answers like lSPAD, the vendor's program for the SPAD Lambda, and streams the photons of a bench."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from drivers.wire.whose import SIMULATOR_MARK
from simulators.bench import Bench
from simulators.detector import DetectorSettings
from simulators.sample import Sample
from simulators.seeding import Purpose, generator
from simulators.wire.lspad_clients import Client
from simulators.wire.lspad_commands import Commands, RefusedError, Work
from simulators.wire.lspad_counts import counts, intensity_lines, spectrum_lines, stream_lines
from simulators.wire.lspad_settings import PIXELS, LspadSettings, read_chip_map
from simulators.wire.lspad_stream import LspadAcquisition, Wanted
from simulators.wire.server import HOST, WireServer

DONE = b"DONE"
LOOK_S = 0.02
"""Faults of the connection are looked for this often."""

LONGEST_LINE = 1 << 16
GARBAGE = 1 << 30
"""Where the random numbers of bytes that are no record stand among those of the detector."""


class LspadServer(WireServer):
    """The command server of a SPAD Lambda, as far as the vendor's commands make sense for cascade spectroscopy.

    A running acquisition goes to every client; answers go to the one who asked. Commands are obeyed while an
    acquisition runs, also those that start another one: these are refused. The bench's photons are those of the
    simulator without a wire, in real time; light and shutter count as they are at the end of each slice. The
    excess voltage changes nothing (unverified), and QUIT ends the server.

    Parameters
    ----------
    role, bench, port
        As of every server.
    settings : LspadSettings, optional
        Of the device and the program.
    detector : DetectorSettings, optional
        Of the diodes.

    Raises
    ------
    ConfigError
        If the pixel map cannot be read.
    """

    def __init__(
        self,
        role: str,
        bench: Bench,
        port: int = 0,
        settings: LspadSettings | None = None,
        detector: DetectorSettings | None = None,
    ) -> None:
        super().__init__(role, bench, port)
        self._settings, self._detector = settings or LspadSettings(), detector or DetectorSettings()
        self._map = read_chip_map(self._settings.device)
        who = f"lSPAD {SIMULATOR_MARK}, SPAD Lambda serial {self._detector.serial}"
        self._commands = Commands(bench, self._settings, who)
        self._banner = f"lSPAD command server ({who})\n".encode()
        self._clients: set[Client] = set()
        self._server: asyncio.Server | None = None
        self._work: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._garbage = generator(bench.seed, Purpose.DETECTOR, 0, GARBAGE)
        self._records = 0
        self._quit = False
        self._failed = ""
        bench.add_detector(role, self._detector)

    async def start(self) -> None:
        """Compile what makes photons, and listen. Raises `OSError` if the port is taken."""
        await asyncio.to_thread(warm_up, self._settings, self._detector)
        self._server = await asyncio.start_server(self._serve, HOST, self._port, limit=LONGEST_LINE)
        self._port = self._server.sockets[0].getsockname()[1]
        self._looking = asyncio.create_task(self._look_for_faults())

    async def stop(self) -> None:
        """Hang up on everybody and stop listening; no effect if stopped."""
        if self._looking is not None:
            self._looking.cancel()
        self._stop.set()
        if self._work is not None:
            await asyncio.gather(self._work, return_exceptions=True)
        self._end()

    def _end(self) -> None:
        """Power off, hang up and stop listening."""
        self._commands.state.biased = False
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for client in list(self._clients):
            client.close()

    def state(self) -> Mapping[str, str | float | int | bool | None]:
        """Return bias, acquisition, clients, what waits for them, and records made since the start."""
        device = self._commands.state
        return {
            "bias": device.biased,
            "excess_voltage_v": device.excess_voltage_v,
            "acquiring": self._busy,
            "clients": len(self._clients),
            "backlog_bytes": sum(client.backlog_bytes for client in list(self._clients)),
            "records": self._records,
            "tdc_calibrated": device.tdc_calibrated,
            "dummy_markers": device.dummy_markers,
            "pixels_off": len(device.off),
            "running": not self._quit,
            "failed": self._failed,
        }

    @property
    def _busy(self) -> bool:
        return self._work is not None and not self._work.done()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(writer, self._is_silent)
        self._clients.add(client)
        try:
            client.say(self._banner)
            with suppress(OSError, ValueError):  # the client is gone, or sends a line without end
                while line := await reader.readline():
                    if text := line.decode("ascii", errors="replace").strip():
                        self._obey(text, client)
        finally:
            self._clients.discard(client)
            client.hang_up()

    def _is_silent(self) -> bool:
        return self.bench.faults.active("spad_silent") is not None

    async def _look_for_faults(self) -> None:
        while True:
            if self.bench.faults.take("spad_connection_dropped") is not None:
                self._hang_up()
            for client in list(self._clients):
                client.catch_up()
            await asyncio.sleep(LOOK_S)

    def _hang_up(self) -> None:
        for client in list(self._clients):
            client.hang_up()

    def _obey(self, text: str, client: Client) -> None:
        if text == "STOP":
            if not self._busy:
                client.say(b"no acquisition is running\n")
            self._stop.set()
        elif text == "QUIT":
            self._quit = True
            self._stop.set()
            self._end()
        else:
            try:
                answer = self._commands.obey(text)
                if isinstance(answer, Work):
                    self._begin(answer, client)
                else:
                    client.say(f"{answer}\n".encode())
            except RefusedError as error:
                client.say(f"{error} ERROR".encode())

    def _begin(self, work: Work, client: Client) -> None:
        if self._busy:
            raise RefusedError("a measurement is running")
        self._stop = asyncio.Event()
        self._work = asyncio.create_task(self._run(work, client))

    async def _run(self, work: Work, client: Client) -> None:
        try:
            if work.what == "T":
                if not await self._stopped_by(self.bench.clock.now() + work.duration_s):
                    self._commands.state.tdc_calibrated = True
                    client.say(b"TDC calibration completed\n")
            elif work.what in ("SB", "S"):
                await self._stream(work)
            else:
                client.say(await self._count(work))
        except Exception as error:  # a simulator that has failed must say so, not fall silent
            self._failed = f"{type(error).__name__}: {error}"
            self._fan_out(f"the simulated lSPAD has failed: {self._failed} ERROR".encode())

    async def _stream(self, work: Work) -> None:
        """Send the records of an acquisition to everybody."""
        async for records in self._slices(work.duration_s):
            self._fan_out(stream_lines(records) if work.what == "S" else self._with_garbage(records))
        self._fan_out(DONE)

    async def _count(self, work: Work) -> bytes:
        """Return what the pixels counted, frame by frame, as text."""
        frames: list[NDArray[np.int64]] = []
        while len(frames) < work.frames and not self._stop.is_set():
            frames.append(np.zeros(PIXELS, np.int64))
            async for records in self._slices(work.duration_s):
                frames[-1] += counts(records, self._map)
        device = self._commands.state
        return (
            spectrum_lines(frames, device.lowest_nm, device.highest_nm) if work.what == "L" else intensity_lines(frames)
        )

    async def _slices(self, duration_s: float) -> AsyncIterator[NDArray[np.uint8]]:
        """Yield the records of an acquisition, each slice when its time has come, until the end or STOP."""
        device = self._commands.state
        wanted = Wanted(duration_s, device.dummy_markers, device.off)
        begin_s, number, elapsed_s = self.bench.clock.now(), 0, 0.0
        acquisition = await asyncio.to_thread(LspadAcquisition, self.bench, self._settings, self._detector, wanted)
        while elapsed_s < duration_s:
            number += 1
            elapsed_s = min(number * 1e-3 * self._settings.slice_ms, duration_s)
            if await self._stopped_by(begin_s + elapsed_s):
                break
            yield await self._counted(acquisition.advance, elapsed_s, biased=device.biased)
        yield await self._counted(acquisition.finish)

    async def _counted(self, make: Callable[..., NDArray[np.uint8]], *given: float, **more: bool) -> NDArray[np.uint8]:
        records = await asyncio.to_thread(make, *given, **more)
        self._records += len(records)
        return records

    async def _stopped_by(self, time_s: float) -> bool:
        """Wait until a time of the bench has come; return whether STOP has come before."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), max(0.0, time_s - self.bench.clock.now()))
        return self._stop.is_set()

    def _fan_out(self, data: bytes) -> None:
        for client in list(self._clients):
            client.say(data)

    def _with_garbage(self, records: NDArray[np.uint8]) -> bytes:
        """Return the records as bytes, with others in their middle if it is time for them."""
        fault = self.bench.faults.take("spad_garbage") if len(records) else None
        middle = len(records) // 2
        between = b"" if fault is None else self._garbage.bytes(int(fault["byte_count"]))
        return records[:middle].tobytes() + between + records[middle:].tobytes()


def warm_up(settings: LspadSettings, detector: DetectorSettings) -> None:
    """Compile what makes records of photons, on a bench of its own."""
    bench = Bench(Sample(name="warm up", emitters=()), 0)
    for emission in (True, False):
        bench.beam.emission, bench.beam.intensity_percent = emission, 1.0
        acquisition = LspadAcquisition(bench, settings, detector, Wanted(1e-3, dwell_markers=True))
        acquisition.advance(1e-3, biased=True)
        acquisition.finish()
